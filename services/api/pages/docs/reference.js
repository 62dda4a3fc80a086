/** The reference page: shows /openapi.json, and sends requests to the API that serves it. */
import { byId, filterBy, followLinks, read, sentences, showFrame, showModels } from "./frame.js";
import { code, element, markdown, say } from "./page.js";
import { findProduct, requestForm } from "./request.js";
import { typeView } from "./schema.js";
import { showSignIn } from "./session.js";

/** What a newcomer needs first comes first. */
const order = ["user", "product", "order", "payment", "notification"];
const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);

/** For whom an operation is, those for everybody first. */
const ranks = ["public", "customer", "staff", "admin"];
const rank = (operation) => ranks.indexOf(operation["x-access"]);

const named = (schema, components) => (schema.$ref ? components.schemas[schema.$ref.split("/").at(-1)] : schema);

const mediaOf = (part) => Object.entries(part?.content ?? {})[0] ?? [];

function answerView(status, response, components) {
  const { description, content } = response.$ref ? components.responses[response.$ref.split("/").at(-1)] : response;
  const [type, { schema, "x-events": events } = {}] = mediaOf({ content });
  const shown = Number(status) < 400 && schema && type !== "text/event-stream" && typeView(schema);
  const stream = Object.entries(events ?? {}).map(([name, event]) =>
    element("li", {}, code(name), ` ${event.description}`, typeView(event.data)),
  );
  return element(
    "div",
    { className: "answer" },
    code(status),
    element(
      "div",
      {},
      ...markdown(description),
      shown,
      stream.length > 0 && [say("events"), element("ul", {}, stream)],
    ),
  );
}

function operationView(method, path, operation, { components, summaries }) {
  const id = operation.operationId;
  const link = element("a", { href: `#${id}`, className: "link", title: say("link") }, `#${id}`);
  const title = element(
    "summary",
    {},
    element("span", { className: `method ${method}` }, method.toUpperCase()),
    code(path),
    element("span", { className: "about" }, summaries[id] ?? operation.summary),
  );
  const view = element(
    "details",
    { id, data: { text: `${method} ${path} ${operation.summary} ${summaries[id] ?? ""}`.toLowerCase() } },
    title,
  );
  // Seventy forms at once would take long to make.
  view.addEventListener("toggle", () => {
    if (!view.open || view.children.length > 1) return;
    const [, { schema } = {}] = mediaOf(operation.requestBody);
    view.append(
      element(
        "div",
        {},
        element("p", {}, say(operation["x-access"]), " ", link),
        schema && typeView(named(schema, components)),
        ...requestForm(method, path, operation),
        element("h4", {}, say("answers")),
        ...Object.entries(operation.responses).map(([status, one]) => answerView(status, one, components)),
      ),
    );
  });
  return { tag: operation.tags[0], rank: rank(operation), view };
}

function show({ info, paths, tags, components }, summaries) {
  byId("version").textContent = info.version;
  const views = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => operationView(method, path, one, { components, summaries })),
  );
  const sorted = tags.toSorted((a, b) => place(a.name) - place(b.name));
  byId("tags").replaceChildren(
    ...sorted.map(({ name }) => element("a", { href: `#${name}` }, name)),
    element("a", { href: "#models" }, say("models")),
  );
  byId("operations").replaceChildren(
    ...sorted.flatMap(({ name, description }) => [
      element("h2", { id: name }, `${name} `, element("small", {}, summaries[name] ?? description)),
      ...views
        .filter(({ tag }) => tag === name)
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ view }) => view),
    ]),
  );
  showModels(components.schemas);
  filterBy(views.map(({ view }) => view));
}

showFrame("eventsPage");
const [served, summaries] = await Promise.all([
  read("/openapi.json"),
  sentences("summaries"),
  findProduct(),
  showSignIn(byId("sign-in")),
]);
show(served, summaries);
followLinks();
