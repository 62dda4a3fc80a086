/**
 * Where links in e-mails lead: an address is confirmed, or a forgotten password replaced. Opening the page changes nothing,
 * because programs that look for viruses open links too; a button does.
 */
import { ask } from "../watch/api.js";
import { attempt, openToAll } from "../watch/sign-in.js";
import { element, say, show } from "../watch/words.js";

/** What stands behind `#`, which browsers send to nobody. */
const [purpose, linkToken] = location.hash.slice(1).split("=");

const field = (properties) => element("input", { required: true, ...properties });

/** A form with one button. */
function form(text, act, ...fields) {
  const made = element("form", {}, ...fields, element("button", { textContent: text }));
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(act)();
  });
  return made;
}

const step = (title, hint, ...more) =>
  show(
    element("h2", { textContent: say(title) }),
    element("p", { textContent: say(hint), className: "hint" }),
    ...more,
  );

/** The token is spent, so it need not stay in the history. */
function showEnd(title, hint) {
  history.replaceState(null, "", location.pathname);
  step(title, hint);
}

function showVerification() {
  const confirm = async () => {
    await ask("POST", "/email-verifications", { linkToken });
    showEnd("verified", "verifiedHint");
  };
  step("verify", "verifyHint", form(say("verifyNow"), confirm));
}

function showReset() {
  const password = field({
    type: "password",
    minLength: 10,
    maxLength: 128,
    autocomplete: "new-password",
    placeholder: say("newPassword"),
    ariaLabel: say("newPassword"),
  });
  const set = async () => {
    await ask("POST", "/password-resets/confirm", { linkToken, password: password.value });
    showEnd("reset", "resetHint");
  };
  step("resetTitle", "newPasswordHint", form(say("resetNow"), set, password));
  password.focus();
}

function showForgotten() {
  const email = field({
    type: "email",
    autocomplete: "username",
    placeholder: say("email"),
    ariaLabel: say("email"),
  });
  const send = async () => {
    await ask("POST", "/password-resets", { email: email.value });
    showEnd("sent", "sentHint");
  };
  step("resetTitle", "forgottenHint", form(say("sendLink"), send, email));
  email.focus();
}

const pages = { verify: showVerification, reset: showReset };

void openToAll(async () => (linkToken ? (pages[purpose] ?? showForgotten) : showForgotten)());
// A second link may be opened in the same tab.
addEventListener("hashchange", () => location.hash && location.reload());
