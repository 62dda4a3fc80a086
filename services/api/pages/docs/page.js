/** What every part of the page is made of: elements, Markdown, and the language that the reader chose. */

/** An element with its properties and children; text is never read as HTML. */
export function element(name, properties = {}, ...children) {
  const { data = {}, ...own } = properties;
  const made = Object.assign(document.createElement(name), own);
  Object.assign(made.dataset, data);
  made.append(...children.flat().filter((child) => child !== undefined && child !== false && child !== ""));
  return made;
}

export const code = (text) => element("code", { textContent: text });

/** `code`, **bold** and [links](…) of one line. */
function inline(text) {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*|\[[^\]]+\]\([^)\s]+\))/);
  return parts.map((part) => {
    if (part.startsWith("`")) return code(part.slice(1, -1));
    if (part.startsWith("**")) return element("b", {}, part.slice(2, -2));
    const link = /^\[(.+)\]\((https?:.+|[#/].+)\)$/.exec(part);
    return link ? element("a", { href: link[2] }, link[1]) : part;
  });
}

/** The Markdown that contracts use: paragraphs and lists. */
export function markdown(text = "") {
  return text.split(/\n{2,}/).map((block) => {
    const lines = block.split("\n");
    const isList = lines.every((line) => line.startsWith("- "));
    return isList
      ? element("ul", {}, ...lines.map((line) => element("li", {}, ...inline(line.slice(2)))))
      : element("p", {}, ...inline(lines.join(" ")));
  });
}

const texts = {
  filter: ["Filter, e.g. orders", "검색 (예: orders)"],
  other: ["한국어", "English"],
  signIn: ["Sign in", "로그인"],
  signInAs: ["Sign in as", "데모 계정으로 로그인:"],
  signedInAs: ["Requests are sent as", "요청을 보내는 계정:"],
  signOut: ["Sign out", "로그아웃"],
  notSignedIn: [
    "Sign in, and every request on this page is sent with your access token. It stays in this tab.",
    "로그인하면 이 페이지의 모든 요청에 액세스 토큰이 함께 전송됩니다. 토큰은 이 탭에만 보관됩니다.",
  ],
  email: ["E-mail address", "이메일 주소"],
  password: ["Password", "비밀번호"],
  send: ["Send", "보내기"],
  copy: ["Copy as curl", "curl 명령 복사"],
  copied: ["Copied", "복사했습니다"],
  body: ["Body", "요청 본문"],
  link: ["Link to this operation", "이 작업의 링크"],
  answers: ["Answers", "응답"],
  events: ["Events of the stream", "스트림 이벤트"],
  models: ["Models", "모델"],
  apiPage: ["HTTP API", "HTTP API"],
  eventsPage: ["Events", "이벤트"],
  eventsTitle: ["Madang events", "마당 이벤트"],
  linkToEvent: ["Link to this event", "이 이벤트의 링크"],
  heardBy: ["Handled by:", "처리하는 서비스:"],
  nobody: ["no service of ours", "없음"],
  channels: ["Where it travels", "전달 경로"],
  data: ["Data", "데이터"],
  example: ["Example", "예시"],
  envelope: ["Around the data of each event:", "모든 이벤트의 공통 형식:"],
  public: ["Anyone may call it.", "누구나 호출할 수 있습니다."],
  customer: ["For those who have signed in.", "로그인한 사용자만 호출할 수 있습니다."],
  staff: ["For staff and administrators.", "직원과 관리자만 호출할 수 있습니다."],
  admin: ["For administrators.", "관리자만 호출할 수 있습니다."],
  required: ["required", "필수"],
  "Idempotency-Key": [
    "Asked again with the same key, the first answer comes again.",
    "같은 키로 다시 요청하면 처음의 응답을 그대로 돌려줍니다.",
  ],
  "If-Match": [
    "The ETag that was read: 412 if it has changed since.",
    "조회할 때 받은 ETag. 그사이 바뀌었으면 412를 응답합니다.",
  ],
  "If-None-Match": ["An ETag: 304 if nothing has changed.", "ETag. 바뀌지 않았으면 304를 응답합니다."],
  "Last-Event-ID": ["The stream goes on after this event.", "이 이벤트 다음부터 이어서 받습니다."],
  failed: ["The request could not be sent:", "요청을 보내지 못했습니다:"],
};

const kept = localStorage.getItem("language");
export const language = ["en", "ko"].includes(kept) ? kept : navigator.language.startsWith("ko") ? "ko" : "en";

/** What stands on the page, in the reader's language. */
export const say = (name) => texts[name]?.[language === "ko" ? 1 : 0];

export function switchLanguage() {
  localStorage.setItem("language", language === "ko" ? "en" : "ko");
  location.reload();
}
