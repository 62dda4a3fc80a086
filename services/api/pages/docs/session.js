/** Who the requests of this page are sent as: a demo account by one click, or anybody who has one. */
import { element, language, say } from "./page.js";

const KEY = "madang-session";

export const session = () => JSON.parse(sessionStorage.getItem(KEY) ?? "null");

function keep(value) {
  if (value) sessionStorage.setItem(KEY, JSON.stringify(value));
  else sessionStorage.removeItem(KEY);
}

async function signIn(email, password) {
  const answer = await fetch("/api/v1/sessions", {
    method: "POST",
    headers: { "content-type": "application/json", "accept-language": language },
    body: JSON.stringify({ email, password }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${body.title}. ${body.detail}`);
  keep({ email, token: body.accessToken });
}

/** Those of a shop that runs on the reader's own machine; none anywhere else. */
async function demoAccounts() {
  const answer = await fetch("/docs/demo-accounts").catch(() => undefined);
  return answer?.ok ? (await answer.json()).items : [];
}

/** Shows the sign-in, and shows it anew after each change. */
export async function showSignIn(place) {
  const failure = element("p", { className: "failure", role: "alert" });
  const attempt = (email, password) =>
    signIn(email, password).then(
      () => showSignIn(place),
      (error) => failure.replaceChildren(error.message),
    );
  const own = session();
  if (own) {
    const leave = element("button", { type: "button" }, say("signOut"));
    leave.addEventListener("click", () => {
      keep(undefined);
      void showSignIn(place);
    });
    place.replaceChildren(element("p", {}, `${say("signedInAs")} `, element("b", {}, own.email), " ", leave));
    return;
  }
  const email = element("input", { type: "email", required: true, placeholder: say("email"), ariaLabel: say("email") });
  const password = element("input", { type: "password", required: true, placeholder: say("password") });
  password.ariaLabel = say("password");
  const form = element("form", {}, email, password, element("button", {}, say("signIn")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(email.value, password.value);
  });
  const accounts = (await demoAccounts()).map((account) => {
    const button = element("button", { type: "button" }, account.email);
    button.addEventListener("click", () => void attempt(account.email, account.password));
    return button;
  });
  const demo = accounts.length > 0 && element("p", {}, `${say("signInAs")} `, ...accounts);
  place.replaceChildren(element("h2", {}, say("signIn")), element("p", {}, say("notSignedIn")), demo, form, failure);
}
