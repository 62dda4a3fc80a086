/** What stands on the page, in the reader's language, and elements whose text is never read as HTML. */

const words = {
  other: ["한국어", "English"],
  signIn: ["Sign in", "로그인"],
  signOut: ["Sign out", "로그아웃"],
  demo: ["Demo accounts of this machine", "이 컴퓨터의 데모 계정"],
  email: ["E-mail address", "이메일 주소"],
  password: ["Password", "비밀번호"],
  secondCode: ["Code of your app, or a recovery code", "인증 앱의 코드 또는 복구 코드"],
  who: ["Who is watching?", "누가 시청하나요?"],
  newProfile: ["Add a profile", "프로필 추가"],
  profileName: ["Name", "이름"],
  pin: ["PIN of this profile", "프로필 PIN"],
  plans: ["Choose a plan", "요금제 선택"],
  needsPlan: ["A subscription is needed to watch.", "시청하려면 구독이 필요합니다."],
  demoCard: ["Subscribe with the demo card", "데모 카드로 구독"],
  films: ["Films", "작품"],
  continued: ["Continue watching", "이어 보기"],
  noFilms: [
    "No film is ready yet. Sample films are encoded in the background after the first start.",
    "아직 볼 수 있는 작품이 없습니다. 처음 시작하면 샘플 영상을 백그라운드에서 인코딩합니다.",
  ],
  back: ["← Back", "← 뒤로"],
  again: ["Watch from the beginning", "처음부터 보기"],
  skip: ["Skip", "건너뛰기"],
  quality: ["Quality", "화질"],
  auto: ["Automatic", "자동"],
  audio: ["Sound", "음성"],
  subtitles: ["Subtitles", "자막"],
  off: ["Off", "끄기"],
  next: ["Next episode", "다음 에피소드"],
  limit: ["Too many devices play at once.", "동시에 시청할 수 있는 기기 수를 초과했습니다."],
  takeOver: ["Stop it and watch here", "중지하고 여기에서 보기"],
  device: ["A device", "기기"],
  over: [
    "This playback was stopped: on another device, or what it needs has ended, such as the subscription.",
    "재생이 중지되었습니다. 다른 기기에서 중지했거나, 구독 등 시청 권한이 종료되었을 수 있습니다.",
  ],
  resume: ["Go on watching", "이어 보기"],
  keys: [
    "Keys: space plays and pauses, arrows seek and change the volume, M mutes, C shows subtitles, F fills the screen.",
    "키보드: 스페이스 재생·일시정지, 화살표 이동·음량, M 음소거, C 자막, F 전체 화면",
  ],
  broken: ["The film cannot be played now.", "지금은 재생할 수 없습니다."],
  minutes: [" min", "분"],
  code: ["Code on the television", "TV에 표시된 코드"],
  codeTitle: ["Connect a television", "TV 연결"],
  codeHint: ["Type the code that your television shows.", "TV 화면에 표시된 코드를 입력해 주세요."],
  codeShape: ["Eight letters, such as BCDF-GHJK", "BCDF-GHJK와 같은 영문 8자"],
  goOn: ["Continue", "계속"],
  isYours: ["Is this your device?", "내 기기가 맞나요?"],
  askedAt: ["Asked at", "요청 시각"],
  approve: ["Yes, sign it in", "예, 로그인합니다"],
  refuse: ["No, refuse it", "아니요, 거부합니다"],
  careful: [
    "Only go on if the device is in front of you and shows this code. Whoever has it will watch as you.",
    "기기가 눈앞에 있고 같은 코드가 표시될 때만 계속해 주세요. 로그인한 기기에서는 내 계정으로 시청할 수 있습니다.",
  ],
  otherCode: ["Type another code", "다른 코드 입력"],
  verify: ["Confirm your e-mail address", "이메일 주소 인증"],
  verifyHint: [
    "Press the button to confirm that the address is yours.",
    "버튼을 누르면 본인의 이메일 주소임이 확인됩니다.",
  ],
  verifyNow: ["Confirm the address", "이메일 주소 인증하기"],
  verified: ["Your address is confirmed", "이메일 주소가 인증되었습니다"],
  verifiedHint: ["You can close this page.", "이 페이지를 닫으셔도 됩니다."],
  resetTitle: ["Set a new password", "새 비밀번호 설정"],
  newPassword: ["New password", "새 비밀번호"],
  newPasswordHint: [
    "Ten characters or more. It ends all your sessions, so that you sign in again everywhere.",
    "10자 이상 입력해 주세요. 설정하시면 모든 기기에서 로그아웃됩니다.",
  ],
  resetNow: ["Set the password", "비밀번호 설정하기"],
  reset: ["Your password is changed", "비밀번호가 변경되었습니다"],
  resetHint: ["Sign in with the new one.", "새 비밀번호로 로그인해 주세요."],
  forgottenHint: [
    "Type the address of your account. We send a link to it with which you set a new password.",
    "계정의 이메일 주소를 입력해 주세요. 비밀번호를 재설정할 수 있는 링크를 보내 드립니다.",
  ],
  sendLink: ["Send the link", "링크 보내기"],
  sent: ["Look into your mailbox", "메일함을 확인해 주세요"],
  sentHint: [
    "If the address has an account, a link is on its way. It is good for 30 minutes.",
    "가입된 주소라면 링크가 곧 도착합니다. 링크는 30분 동안 사용할 수 있습니다.",
  ],
  approved: ["The device is signed in", "기기가 로그인되었습니다"],
  approvedHint: ["it goes on by itself within a few seconds.", "몇 초 안에 자동으로 다음 화면으로 넘어갑니다."],
  refused: ["The device was refused", "기기의 로그인을 거부했습니다"],
  refusedHint: [
    "it stays signed out, and its code is good no more.",
    "로그인되지 않으며 이 코드는 더 이상 쓸 수 없습니다.",
  ],
};

const kept = localStorage.getItem("language");
export const language = ["en", "ko"].includes(kept) ? kept : navigator.language.startsWith("ko") ? "ko" : "en";

export const say = (name) => words[name]?.[language === "ko" ? 1 : 0];

export function switchLanguage() {
  localStorage.setItem("language", language === "ko" ? "en" : "ko");
  location.reload();
}

export const byId = (id) => document.getElementById(id);

export function element(name, properties = {}, ...children) {
  const { on = {}, ...own } = properties;
  const made = Object.assign(document.createElement(name), own);
  for (const [event, act] of Object.entries(on)) made.addEventListener(event, act);
  made.append(...children.flat().filter((child) => child !== undefined && child !== false && child !== null));
  return made;
}

export const button = (text, act, properties = {}) =>
  element("button", { type: "button", textContent: text, on: { click: act }, ...properties });

/** The title in the reader's language, or in the other one. */
export const titleOf = ({ titles }) => (titles[language] ?? titles.en ?? titles.ko).title;

/** Shows one sentence for a while. */
export function notice(text) {
  const place = byId("notice");
  place.textContent = text;
  place.hidden = text === "";
}

/** Replaces what the page shows. */
export function show(...children) {
  notice("");
  byId("view").replaceChildren(...children.flat().filter(Boolean));
  byId("view").focus();
}
