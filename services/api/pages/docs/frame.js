/** What both pages have around their content: the language, the filter, models, and links to a part. */
import { code, element, language, say, switchLanguage } from "./page.js";
import { typeView } from "./schema.js";

export const byId = (id) => document.getElementById(id);

export const read = async (path) => (await fetch(path)).json();

/** Sentences in Korean by what they are about; none for who reads English, which is in the document. */
export const sentences = async (name) => (language === "ko" ? read(`/docs/${name}.ko.json`) : {});

/** @param other what the link to the other page says */
export function showFrame(other) {
  document.documentElement.lang = language;
  byId("filter").placeholder = say("filter");
  byId("filter").ariaLabel = say("filter");
  byId("language").textContent = say("other");
  byId("language").addEventListener("click", switchLanguage);
  byId("other").textContent = say(other);
}

/** Shows the parts whose `data-text` has what is typed. */
export function filterBy(views) {
  byId("filter").addEventListener("input", ({ target }) => {
    for (const view of views) view.hidden = !view.dataset.text.includes(target.value.toLowerCase());
  });
}

export function showModels(schemas) {
  byId("models").replaceChildren(
    element("h2", {}, say("models")),
    ...Object.entries(schemas).map(([name, schema]) =>
      element("details", { id: `model-${name}` }, element("summary", {}, code(name)), typeView(schema)),
    ),
  );
}

function openLinked() {
  const target = byId(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.tagName === "DETAILS") target.open = true;
  target.scrollIntoView();
}

/** Opens the part that the address names, now and whenever it changes. */
export function followLinks() {
  openLinked();
  addEventListener("hashchange", openLinked);
}
