/** What every page of a person begins with: the language, the sign-in, and who has signed in. */
import { completeSignIn, demoAccounts, leave, Refusal, session, signIn } from "./api.js";
import { button, byId, element, language, notice, say, show, switchLanguage } from "./words.js";

let next;

/** @param page shows what comes after the sign-in */
export function open(page) {
  next = page;
  return openToAll(session() ? next : showSignIn);
}

/** @param page shows what nobody has to sign in for */
export function openToAll(page) {
  document.documentElement.lang = language;
  byId("language").textContent = say("other");
  byId("language").addEventListener("click", switchLanguage);
  return attempt(page)();
}

/** What it shows, and a sentence when that fails. */
export const attempt =
  (work) =>
  async (...given) => {
    const was = session();
    try {
      await work(...given);
    } catch (error) {
      // Who was never in keeps what they have typed.
      if (was && !session()) await showSignIn();
      notice(error instanceof Refusal ? error.message : say("broken"));
      // What is no refusal is a fault of the page, which the browser's console should show.
      if (!(error instanceof Refusal)) reportError(error);
    }
  };

export function showWho() {
  const own = session();
  const out = button(
    say("signOut"),
    attempt(async () => (leave(), showWho(), showSignIn())),
  );
  byId("who").replaceChildren(...(own ? [element("span", { textContent: `${own.email} ` }), out] : []));
}

async function showSignIn() {
  const email = element("input", {
    type: "email",
    required: true,
    autocomplete: "username",
    placeholder: say("email"),
    ariaLabel: say("email"),
  });
  const password = element("input", {
    type: "password",
    required: true,
    autocomplete: "current-password",
    placeholder: say("password"),
    ariaLabel: say("password"),
  });
  const enter = attempt(async (name, secret) => {
    const challenge = await signIn(name, secret);
    await (challenge ? askForCode(name, challenge) : next());
  });
  const form = element("form", {}, email, password, element("button", { textContent: say("signIn") }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void enter(email.value, password.value);
  });
  const accounts = (await demoAccounts()).map((one) => button(one.email, () => enter(one.email, one.password)));
  const demo = accounts.length > 0 && element("p", {}, `${say("demo")}: `, accounts);
  show(element("h2", { textContent: say("signIn") }), demo, form);
}

/** Of the authenticator app, or a recovery code. */
function askForCode(email, challenge) {
  const code = element("input", {
    required: true,
    maxLength: 19,
    autocomplete: "one-time-code",
    placeholder: say("secondCode"),
    ariaLabel: say("secondCode"),
  });
  const enter = attempt(async () => {
    await completeSignIn(email, challenge, code.value.trim());
    await next();
  });
  const form = element("form", {}, code, element("button", { textContent: say("signIn") }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void enter();
  });
  show(element("h2", { textContent: say("secondCode") }), form);
  code.focus();
}
