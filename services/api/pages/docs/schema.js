/** Schemas as one reads types, with a link to each that has a name. */
import { element } from "./page.js";

const nameOf = ($ref) => $ref.split("/").at(-1);

const bounds = ({ minLength, maxLength, minimum, maximum, maxItems }) =>
  [
    maxLength === undefined ? "" : `${minLength ?? 0}..${maxLength} characters`,
    minimum === undefined && maximum === undefined ? "" : `${minimum ?? ""}..${maximum ?? ""}`,
    maxItems === undefined ? "" : `at most ${maxItems}`,
  ]
    .filter(Boolean)
    .join(", ");

const joined = (parts, by) => parts.flatMap((part, index) => (index === 0 ? [part].flat() : [by, ...[part].flat()]));

/** Text and links, in their order. */
export function typeOf(schema, indent = "") {
  if (schema.$ref) return [element("a", { href: `#model-${nameOf(schema.$ref)}` }, nameOf(schema.$ref))];
  if (schema.enum) return [schema.enum.map((one) => JSON.stringify(one)).join(" | ")];
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  if (schema.anyOf)
    return joined(
      schema.anyOf.map((one) => typeOf(one, indent)),
      " | ",
    );
  if (schema.type === "array") {
    const size = bounds(schema);
    return [...typeOf(schema.items ?? {}, indent), "[]", size ? ` ${size}` : ""];
  }
  if (!schema.properties) {
    const type = [schema.type ?? "any"].flat().join(" | ");
    return [[schema.format ? `${type} (${schema.format})` : type, bounds(schema)].filter(Boolean).join(" ")];
  }
  const inner = `${indent}  `;
  const fields = Object.entries(schema.properties).flatMap(([name, one]) => [
    `${inner}${name}${schema.required?.includes(name) ? "" : "?"}: `,
    ...typeOf(one, inner),
    one.description ? `  // ${one.description}` : "",
    "\n",
  ]);
  return ["{\n", ...fields, `${indent}}`];
}

export const typeView = (schema) => element("pre", { className: "type" }, ...typeOf(schema));
