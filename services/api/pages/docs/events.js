/** The page of durable events: shows /asyncapi.json. */
import { byId, filterBy, followLinks, read, sentences, showFrame, showModels } from "./frame.js";
import { code, element, markdown, say } from "./page.js";
import { typeView } from "./schema.js";

/** Where an event travels, one line for each kind of bus. */
function addresses(key, source, channels, korean) {
  const own = Object.entries(channels).filter(([, { messages }]) => key in messages);
  return own.map(([, { title, address, description }]) =>
    element(
      "div",
      { className: "way" },
      element("div", {}, element("b", {}, title), " ", code(address)),
      ...markdown(korean[title]?.replace("{source}", source) ?? description),
    ),
  );
}

function eventView(key, message, { channels, components }, korean) {
  const { name, summary, payload, examples, "x-version": version, "x-subscribers": subscribers } = message;
  const about = korean[name] ?? summary;
  const link = element("a", { href: `#${key}`, className: "link", title: say("linkToEvent") }, `#${key}`);
  const { data } = payload.allOf[1].properties;
  const shape = data.$ref ? components.schemas[data.$ref.split("/").at(-1)] : data;
  const heard = subscribers.flatMap((one, index) => [index > 0 && ", ", code(one)]);
  return element(
    "details",
    { id: key, data: { text: `${name} ${summary} ${about} ${subscribers.join(" ")}`.toLowerCase() } },
    element(
      "summary",
      {},
      code(name),
      element("small", {}, `v${version}`),
      element("span", { className: "about" }, about),
    ),
    element(
      "div",
      {},
      element("p", {}, `${say("heardBy")} `, ...(heard.length > 0 ? heard : [say("nobody")]), " ", link),
      element("h4", {}, say("channels")),
      ...addresses(key, message["x-publisher"], channels, korean),
      element("h4", {}, say("data")),
      typeView(shape),
      element("h4", {}, say("example")),
      element("pre", { tabIndex: 0 }, JSON.stringify(examples[0].payload, null, 2)),
    ),
  );
}

function show(document, korean) {
  const { info, components } = document;
  const views = Object.entries(components.messages).map(([key, message]) => ({
    tag: message["x-publisher"],
    view: eventView(key, message, document, korean),
  }));
  byId("title").textContent = say("eventsTitle");
  byId("version").textContent = info.version;
  byId("about").replaceChildren(
    ...markdown(korean["about"] ?? info.description),
    element("p", {}, `${say("envelope")} `, element("a", { href: "#model-CloudEvent" }, "CloudEvent")),
  );
  byId("tags").replaceChildren(
    ...info.tags.map(({ name }) => element("a", { href: `#${name}` }, name)),
    element("a", { href: "#models" }, say("models")),
  );
  byId("operations").replaceChildren(
    ...info.tags.flatMap(({ name, description }) => [
      element("h2", { id: name }, `${name} `, element("small", {}, korean[name] ?? description)),
      ...views.filter(({ tag }) => tag === name).map(({ view }) => view),
    ]),
  );
  showModels(components.schemas);
  filterBy(views.map(({ view }) => view));
}

showFrame("apiPage");
show(...(await Promise.all([read("/asyncapi.json"), sentences("events")])));
followLinks();
