/** JSON Schemas of the OpenAPI document as TypeScript, for the typed client. */

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly contentEncoding?: string;
}

export const nameOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1);

/** A documentation comment before what follows, or nothing. */
export function comment(lines: readonly (string | undefined)[], indent = ""): string {
  const said = lines.filter((line) => line !== undefined).map((line) => line.replaceAll("*/", "* /"));
  if (said.length === 0) return "";
  if (said.length === 1) return `${indent}/** ${said[0]} */\n`;
  return `${indent}/**\n${said.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}

/** A member of a type. */
export const member = (name: string, type: string, isRequired: boolean): string =>
  `readonly ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}${isRequired ? "" : "?"}: ${type};`;

/** Writes types; `prefix` stands before the names of components, in a file that imports them. */
export function typeWriter(prefix = ""): (schema: Schema | undefined, indent?: string) => string {
  const oneOf = (types: readonly string[]): string => [...new Set(types)].join(" | ");

  function objectType({ properties, required = [], ...rest }: Schema, indent: string): string {
    const inner = `${indent}  `;
    const members = Object.entries(properties ?? {}).map(([name, schema]) => {
      const said = comment([schema.$ref ? undefined : schema.description], inner);
      return `${said}${inner}${member(name, type(schema, inner), required.includes(name))}\n`;
    });
    const other = Object.values(rest.patternProperties ?? {})[0] ?? rest.additionalProperties;
    if (members.length === 0) {
      return `Readonly<Record<string, ${typeof other === "object" ? type(other, indent) : "unknown"}>>`;
    }
    return `{\n${members.join("")}${indent}}`;
  }

  function named(name: string, schema: Schema, indent: string): string {
    if (name === "object") return objectType(schema, indent);
    if (name === "array") {
      const items = type(schema.items, indent);
      return `readonly ${/[|&]/.test(items) && !items.startsWith("{") ? `(${items})` : items}[]`;
    }
    // Also a Node.js `Buffer`, and a `File` of a form.
    if (schema.contentEncoding === "base64") return "string | Uint8Array | Blob";
    return name === "integer" ? "number" : name;
  }

  function type(schema: Schema | undefined, indent = ""): string {
    if (schema === undefined) return "unknown";
    if (schema.$ref) return prefix + nameOf(schema.$ref);
    if ("const" in schema) return JSON.stringify(schema.const);
    if (schema.enum) return oneOf(schema.enum.map((value) => JSON.stringify(value)));
    if (schema.anyOf) return oneOf(schema.anyOf.map((one) => type(one, indent)));
    if (schema.type === undefined) return schema.properties ? objectType(schema, indent) : "unknown";
    return oneOf([schema.type].flat().map((name) => named(name, schema, indent)));
  }
  return type;
}
