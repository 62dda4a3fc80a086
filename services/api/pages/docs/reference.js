/** The reference page: shows /openapi.json, and sends requests to the API that serves it. */
const byId = (id) => document.getElementById(id);

/** An element with its properties and children; text is never read as HTML. */
function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter(Boolean));
  return made;
}

const code = (text) => element("code", { textContent: text });

const bounds = ({ minLength, maxLength, minimum, maximum, maxItems }) =>
  [
    maxLength === undefined ? "" : `${minLength ?? 0}..${maxLength} characters`,
    minimum === undefined && maximum === undefined ? "" : `${minimum ?? ""}..${maximum ?? ""}`,
    maxItems === undefined ? "" : `at most ${maxItems}`,
  ]
    .filter(Boolean)
    .join(", ");

/** The document with every named shape where it is used. */
function whole(value, schemas) {
  if (typeof value !== "object" || value === null) return value;
  if (value.$ref?.startsWith("#/components/schemas/")) return whole(schemas[value.$ref.split("/").at(-1)], schemas);
  if (Array.isArray(value)) return value.map((one) => whole(one, schemas));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, whole(one, schemas)]));
}

/** A schema as one reads a type. */
function typeOf(schema, indent = "") {
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return schema.anyOf.map((one) => typeOf(one, indent)).join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type }, indent)).join(" | ");
  if (schema.type === "array") return `${typeOf(schema.items ?? {}, indent)}[]`;
  if (!schema.properties) return [schema.format ?? schema.type ?? "any", bounds(schema)].filter(Boolean).join(" ");
  const inner = `${indent}  `;
  const lines = Object.entries(schema.properties).map(
    ([name, one]) => `${inner}${name}${schema.required?.includes(name) ? "" : "?"}: ${typeOf(one, inner)}`,
  );
  return `{\n${lines.join("\n")}\n${indent}}`;
}

/** A body to begin with: every required field, empty. */
function exampleOf(schema) {
  if (schema.enum) return schema.enum[0];
  if (schema.anyOf) return exampleOf(schema.anyOf[0]);
  if (schema.type === "array") return schema.minItems ? [exampleOf(schema.items)] : [];
  if (schema.properties) {
    return Object.fromEntries((schema.required ?? []).map((name) => [name, exampleOf(schema.properties[name])]));
  }
  return { integer: schema.minimum ?? 0, number: schema.minimum ?? 0, boolean: false, null: null }[schema.type] ?? "";
}

const schemaOf = (part) => Object.values(part?.content ?? {})[0]?.schema;

function parametersTable(parameters) {
  const rows = parameters.map((one) => {
    const field = element("input", { name: one.name, placeholder: one.in, ariaLabel: one.name });
    if (one.name === "Idempotency-Key") field.value = crypto.randomUUID();
    field.dataset.in = one.in;
    const type = element("td", {}, typeOf(one.schema), element("br"), one.description ?? "");
    return element(
      "tr",
      {},
      element("td", {}, code(one.name), one.required ? " *" : ""),
      type,
      element("td", {}, field),
    );
  });
  return rows.length > 0 && element("table", {}, ...rows);
}

function responsesTable(responses, components) {
  const rows = Object.entries(responses).map(([status, response]) => {
    const { description, content } = response.$ref ? components.responses[response.$ref.split("/").at(-1)] : response;
    const schema = status < 400 && schemaOf({ content });
    return element(
      "tr",
      {},
      element("td", {}, code(status)),
      element("td", {}, description, schema && element("pre", {}, typeOf(schema))),
    );
  });
  return element("table", {}, ...rows);
}

async function send(method, path, form, output) {
  const filled = [...form.querySelectorAll("input")].filter(({ value }) => value !== "");
  const of = (place) => filled.filter(({ dataset }) => dataset.in === place).map(({ name, value }) => [name, value]);
  const target = of("path").reduce((text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)), path);
  const query = new URLSearchParams(of("query")).toString();
  const body = form.querySelector("textarea")?.value;
  const headers = Object.fromEntries(of("header"));
  if (byId("token").value) headers.authorization = `Bearer ${byId("token").value}`;
  if (body) headers["content-type"] = "application/json";
  const answer = await fetch(query ? `${target}?${query}` : target, { method, headers, ...(body ? { body } : {}) });
  output.textContent = `${answer.status}\n\n`;
  output.hidden = false;
  if (answer.headers.get("content-type")?.includes("json")) output.append(JSON.stringify(await answer.json(), null, 2));
  else for await (const chunk of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) output.append(chunk);
}

function operationView(method, path, operation, components) {
  const schema = schemaOf(operation.requestBody);
  const output = element("pre", { hidden: true });
  const form = element("form", {}, parametersTable(operation.parameters));
  if (schema)
    form.append(element("textarea", { rows: 6, ariaLabel: "Body", value: JSON.stringify(exampleOf(schema), null, 2) }));
  form.append(element("button", {}, "Send"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(method.toUpperCase(), path, form, output).catch((error) => {
      output.textContent = String(error);
      output.hidden = false;
    });
  });
  const title = element(
    "summary",
    {},
    element("span", { className: `method ${method}` }, method.toUpperCase()),
    code(path),
    ` ${operation.summary}`,
  );
  const shape = schema && element("pre", {}, typeOf(schema));
  const inside = element(
    "div",
    {},
    element("p", {}, operation.description),
    shape,
    form,
    output,
    responsesTable(operation.responses, components),
  );
  return element("details", {}, title, inside);
}

function show({ info, paths, tags, components }) {
  byId("version").textContent = info.version;
  const views = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      tag: operation.tags[0],
      text: `${method} ${path} ${operation.summary}`.toLowerCase(),
      view: operationView(method, path, operation, components),
    })),
  );
  byId("tags").append(...tags.map(({ name }) => element("a", { href: `#${name}` }, name)));
  byId("operations").replaceChildren(
    ...tags.flatMap(({ name, description }) => [
      element("h2", { id: name }, `${name} `, element("small", {}, description)),
      ...views.filter(({ tag }) => tag === name).map(({ view }) => view),
    ]),
  );
  byId("filter").addEventListener("input", ({ target }) => {
    for (const { text, view } of views) view.hidden = !text.includes(target.value.toLowerCase());
  });
}

const served = await (await fetch("/openapi.json")).json();
show(whole(served, served.components.schemas));
