/**
 * Where the link at the end of an e-mail leads: one kind of e-mails is stopped. Opening the page changes nothing, because programs
 * that look for viruses open links too; a button does.
 */
import { ask } from "../watch/api.js";
import { attempt, openToAll } from "../watch/sign-in.js";
import { button, element, language, show } from "../watch/words.js";

const words = {
  title: ["Stop these e-mails?", "이 메일을 그만 받으시겠어요?"],
  stop: ["Stop them", "그만 받기"],
  stopped: ["You get no more e-mails of this kind", "이제 이런 메일을 보내지 않습니다"],
  again: [
    "You can change that in your notification settings at any time.",
    "알림 설정에서 언제든지 다시 받도록 변경하실 수 있습니다.",
  ],
  urgent: [
    "What is important for your account, such as its security, is sent all the same.",
    "계정 보안처럼 꼭 필요한 안내는 계속 보내 드립니다.",
  ],
  broken: [
    "This link is not complete. Open it again from the e-mail.",
    "링크가 올바르지 않습니다. 메일에서 다시 열어 주세요.",
  ],
  orders: ["E-mails about your orders", "주문 안내 메일"],
  payments: ["E-mails about payments and refunds", "결제·환불 안내 메일"],
  subscriptions: ["E-mails about your subscription", "구독 안내 메일"],
  benefits: ["E-mails about points and coupons", "포인트·쿠폰 안내 메일"],
  reminders: ["Reminders", "리마인더 메일"],
};
const say = (name) => words[name]?.[language === "ko" ? 1 : 0] ?? name;

const token = location.hash.slice(1);
const path = `/unsubscriptions/${encodeURIComponent(token)}`;

const step = (title, ...more) => show(element("h2", { textContent: say(title) }), ...more);
const hint = (name) => element("p", { textContent: say(name), className: "hint" });

const showEnd = () => step("stopped", hint("again"), hint("urgent"));

async function showQuestion() {
  if (token === "") return step("broken");
  const { kind, isWanted } = await ask("GET", path);
  if (!isWanted) return showEnd();
  const stop = attempt(async () => {
    await ask("POST", path);
    showEnd();
  });
  return step("title", element("p", { textContent: say(kind) }), hint("urgent"), button(say("stop"), stop));
}

void openToAll(showQuestion);
