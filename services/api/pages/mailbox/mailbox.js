/** What was sent on this machine instead of being delivered: newest first, by channel, as its reader would see it. */
import { button, byId, element, language, switchLanguage } from "../watch/words.js";

const words = {
  other: ["한국어", "English"],
  title: ["Mailbox", "메일함"],
  hint: [
    "No provider is set, so messages are kept on this machine. Only this machine can see this page.",
    "발송 업체가 설정되지 않아 메시지를 이 컴퓨터에 보관합니다. 이 페이지는 이 컴퓨터에서만 볼 수 있습니다.",
  ],
  all: ["All", "전체"],
  email: ["E-mail", "이메일"],
  sms: ["SMS", "SMS"],
  push: ["Push", "푸시"],
  html: ["HTML", "HTML"],
  text: ["Text", "텍스트"],
  to: ["To", "받는 사람"],
  more: ["Show older ones", "이전 메시지 더 보기"],
  none: [
    "Nothing was sent yet. Place an order, and look here again.",
    "아직 보낸 메시지가 없습니다. 주문한 뒤 다시 확인해 주세요.",
  ],
  broken: ["The messages cannot be read now.", "지금은 메시지를 불러올 수 없습니다."],
};
const say = (name) => words[name][language === "ko" ? 1 : 0];

/** Milliseconds between two looks for new messages. */
const PAUSE = 3000;
const shown = new Map();
let chosen = "all";
let hasMore = false;

const view = element("div");
const older = button(say("more"), () => void look([...shown.keys()].reduce((a, b) => (a < b ? a : b))));

const timeOf = (at) =>
  new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(at));

/** What its reader sees, which is loaded when it is opened. */
function contentOf({ id, channel, subject, text, hasHtml }) {
  const plain = () => element("pre", { textContent: text });
  if (!hasHtml) return element("div", {}, plain());
  const frame = () => element("iframe", { src: `/mailbox/messages/${channel}/${id}`, title: subject });
  const place = element("div", {}, frame());
  const choices = [
    ["html", frame],
    ["text", plain],
  ].map(([name, make]) => {
    const one = button(say(name), () => {
      place.replaceChildren(make());
      for (const other of choices) other.ariaPressed = String(other === one);
    });
    one.ariaPressed = String(name === "html");
    return one;
  });
  return element("div", {}, element("div", { className: "choices" }, choices), place);
}

function viewOf(message) {
  const { channel, subject, to, createdAt } = message;
  const line = element(
    "summary",
    {},
    element("span", { className: "channel", textContent: say(channel) }),
    element("b", { textContent: subject }),
    element("time", { dateTime: createdAt, textContent: timeOf(createdAt) }),
    element("span", { className: "to", textContent: `${say("to")}: ${to}` }),
  );
  const made = element("details", {}, line);
  const open = () => made.open && made.childElementCount === 1 && made.append(contentOf(message));
  made.addEventListener("toggle", open);
  return made;
}

function draw() {
  const ids = [...shown.keys()].toSorted((a, b) => (a < b ? 1 : -1));
  const some = ids.map((id) => shown.get(id)).filter(({ message }) => chosen === "all" || message.channel === chosen);
  older.hidden = !hasMore;
  // What is there stays where it is, so that an open message is not closed.
  some.forEach(({ shownAs }, index) => {
    if (view.children[index] !== shownAs) view.insertBefore(shownAs, view.children[index] ?? null);
  });
  while (view.children.length > some.length) view.lastChild.remove();
  if (some.length === 0) view.append(element("p", { className: "hint", textContent: say("none") }));
}

async function look(before) {
  const answer = await fetch(`/mailbox/messages${before ? `?before=${before}` : ""}`);
  if (!answer.ok) throw new Error(answer.statusText);
  const page = await answer.json();
  if (before || shown.size === 0) ({ hasMore } = page);
  for (const message of page.items)
    if (!shown.has(message.id)) shown.set(message.id, { message, shownAs: viewOf(message) });
  draw();
}

function notice(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = text === "";
}

const refresh = () =>
  look()
    .then(() => notice(""))
    .catch(() => notice(say("broken")));

const filters = ["all", "email", "sms", "push"].map((name) => {
  const one = button(say(name), () => {
    chosen = name;
    for (const other of filters) other.ariaPressed = String(other === one);
    view.replaceChildren();
    draw();
  });
  one.ariaPressed = String(name === chosen);
  return one;
});

document.documentElement.lang = language;
document.title = `${say("title")} · Madang`;
byId("language").textContent = say("other");
byId("language").addEventListener("click", switchLanguage);
byId("view").replaceChildren(
  element("h2", { textContent: say("title") }),
  element("p", { className: "hint", textContent: say("hint") }),
  element("div", { className: "choices" }, filters),
  view,
  older,
);
await refresh();
setInterval(() => document.hidden || void refresh(), PAUSE);
