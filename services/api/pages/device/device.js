/** Where a person lets a television sign in as them: type its code, see which device it is, approve or refuse (RFC 8628). */
import { ask } from "../watch/api.js";
import { attempt, open, showWho } from "../watch/sign-in.js";
import { button, element, language, notice, say, show } from "../watch/words.js";

/** An address that a television shows as a picture has its code already. It is shown all the same, to be compared. */
const given = new URLSearchParams(location.search).get("code") ?? "";

/** As televisions show it, however it is typed. */
const shaped = (text) => {
  const letters = text
    .replaceAll(/[^a-z]/gi, "")
    .toUpperCase()
    .slice(0, 8);
  return letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
};

function showCode(code = shaped(given)) {
  showWho();
  const input = element("input", {
    className: "code",
    required: true,
    value: code,
    maxLength: 9,
    pattern: "[A-Za-z]{4}-?[A-Za-z]{4}",
    placeholder: "BCDF-GHJK",
    autocomplete: "one-time-code",
    autocapitalize: "characters",
    spellcheck: false,
    title: say("codeShape"),
    ariaLabel: say("code"),
  });
  input.addEventListener("input", () => {
    // In the middle of a word, the cursor must stay where it is.
    if (input.selectionEnd === input.value.length) input.value = shaped(input.value);
  });
  const form = element("form", {}, input, element("button", { textContent: say("goOn") }));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void attempt(showDevice)(shaped(input.value));
  });
  show(
    element("h2", { textContent: say("codeTitle") }),
    element("p", { textContent: say("codeHint"), className: "hint" }),
    form,
  );
  input.focus();
}

async function showDevice(code) {
  const { name, createdAt } = await ask("GET", `/device-authorizations/${code}`);
  const since = new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date(createdAt));
  const decide = (approved) =>
    attempt(async () => {
      await ask("POST", `/device-authorizations/${code}/approve`, { approved });
      showEnd(approved ? "approved" : "refused", name);
    });
  show(
    element("h2", { textContent: say("isYours") }),
    element(
      "article",
      {},
      element("h3", { textContent: name }),
      element("p", { textContent: code, className: "shown" }),
      element("p", { textContent: `${say("askedAt")} ${since}` }),
      element(
        "div",
        { className: "decision" },
        button(say("approve"), decide(true)),
        button(say("refuse"), decide(false)),
      ),
    ),
    element("p", { textContent: say("careful"), className: "hint" }),
    button(say("otherCode"), () => showCode(""), { className: "back" }),
  );
}

function showEnd(end, name) {
  show(
    element("h2", { textContent: say(end) }),
    element("p", { textContent: `${name}: ${say(`${end}Hint`)}`, role: "status" }),
    button(say("otherCode"), () => showCode(""), { className: "back" }),
  );
  notice("");
}

void open(async () => showCode());
