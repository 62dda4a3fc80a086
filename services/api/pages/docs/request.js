/** The form of one operation: what it is sent with, the request itself, and the same as a line of curl. */
import { code, element, language, say } from "./page.js";
import { session } from "./session.js";
import { typeOf } from "./schema.js";

/** Ids that answers of this page have brought, by the collection they stand in: `orders`, `products`. */
const seen = new Map();

const collectionOf = (path) => path.split("/{")[0].split("/").at(-1);

/** A product that there is, so that the first order can be sent as it stands. */
export async function findProduct() {
  const answer = await fetch("/api/v1/products?limit=1&sort=price").catch(() => undefined);
  const [product] = answer?.ok ? (await answer.json()).items : [];
  if (product) seen.set("products", product.id);
}

function remember(path, body) {
  if (typeof body?.id === "string") seen.set(collectionOf(path), body.id);
}

/** The example with ids of things that there are. */
const filled = (value, key = "") => {
  if (Array.isArray(value)) return value.map((one) => filled(one, key));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filled(one, name)]));
  return key === "productId" && seen.has("products") ? seen.get("products") : value;
};

function parameterRow(parameter, path) {
  const { name, in: place, required, schema, example } = parameter;
  const about = say(name) ?? parameter.description;
  const field = element("input", { name, ariaLabel: name, data: { in: place } });
  field.placeholder = place === "path" || name === "Idempotency-Key" ? "" : String(example ?? "");
  if (name === "Idempotency-Key") field.value = crypto.randomUUID();
  if (place === "path") field.addEventListener("focus", () => (field.value ||= seen.get(collectionOf(path)) ?? ""));
  const note = element("div", {}, element("small", {}, ...typeOf(schema), about ? ` – ${about}` : ""));
  const label = element("label", {}, code(name), required ? ` ${say("required")}` : "", field);
  return element("div", { className: "parameter" }, label, note);
}

/** Method, address, headers and body as the form says them now. */
function requestOf(method, path, form) {
  const inputs = [...form.querySelectorAll("input")].filter(({ value }) => value !== "");
  const of = (place) => inputs.filter(({ dataset }) => dataset.in === place).map(({ name, value }) => [name, value]);
  const target = of("path").reduce((text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)), path);
  const query = new URLSearchParams(of("query")).toString();
  const body = form.querySelector("textarea")?.value;
  const headers = { ...Object.fromEntries(of("header")), "Accept-Language": language };
  if (body) headers["Content-Type"] = "application/json";
  return { method, url: query ? `${target}?${query}` : target, headers, body };
}

const quoted = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

function curl({ method, url, headers, body }) {
  const lines = Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`);
  // The token itself would stay in the history of a shell.
  if (session()) lines.unshift(`-H "Authorization: Bearer $TOKEN"`);
  if (body) lines.push(`-d ${quoted(body)}`);
  return [`curl -X ${method} ${quoted(`${location.origin}${url}`)}`, ...lines].join(" \\\n  ");
}

async function send(path, { method, url, headers, body }, output) {
  const token = session()?.token;
  const all = token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  const answer = await fetch(url, { method, headers: all, ...(body ? { body } : {}) });
  output.replaceChildren(`${answer.status} ${answer.statusText}\n`);
  for (const name of ["location", "etag", "idempotent-replayed", "retry-after"])
    if (answer.headers.has(name)) output.append(`${name}: ${answer.headers.get(name)}\n`);
  output.append("\n");
  if (answer.headers.get("content-type")?.includes("json")) {
    const content = await answer.json();
    remember(path, content);
    output.append(JSON.stringify(content, null, 2));
  } else for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) output.append(chunk);
}

/** @returns the form and the place of its answer */
export function requestForm(method, path, { parameters, requestBody }) {
  const output = element("pre", { hidden: true, tabIndex: 0 });
  const form = element("form", {}, ...parameters.map((one) => parameterRow(one, path)));
  const media = requestBody?.content["application/json"];
  if (media) {
    const text = JSON.stringify(filled(media.example), null, 2);
    const area = element("textarea", {
      rows: 1 + Math.min(text.split("\n").length, 18),
      ariaLabel: say("body"),
      value: text,
    });
    area.spellcheck = false;
    // Another body under the same key would be refused.
    area.addEventListener("change", () => {
      const key = form.elements["Idempotency-Key"];
      if (key) key.value = crypto.randomUUID();
    });
    form.append(element("label", {}, say("body"), area));
  }
  const copy = element("button", { type: "button" }, say("copy"));
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(curl(requestOf(method.toUpperCase(), path, form)));
    copy.textContent = say("copied");
    setTimeout(() => (copy.textContent = say("copy")), 2000);
  });
  form.append(element("div", { className: "buttons" }, element("button", { className: "primary" }, say("send")), copy));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    output.hidden = false;
    send(path, requestOf(method.toUpperCase(), path, form), output).catch((error) => {
      output.replaceChildren(`${say("failed")} ${error.message}`);
    });
  });
  return [form, output];
}
