/** Merges path, query, body and headers into the one input of an action: each name once, and strings converted as declared. */
import type { IncomingHttpHeaders } from "node:http";
import type { ActionDefinition } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";
import type { JsonSchema } from "#core/schema.ts";
import type { Sentence } from "#core/text.ts";

type Convert = (text: string) => unknown;
type Fields = Record<string, unknown>;

interface Field {
  readonly convert: Convert;
  /** A list, whose name may come more than once. */
  readonly many: boolean;
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;

const typesOf = ({ type = [], anyOf = [] }: JsonSchema): readonly string[] =>
  [type].flat().concat(anyOf.flatMap(typesOf));

/** Text stays text unless the schema wants another type. What cannot be converted is refused by validation. */
function converter(schema: JsonSchema): Convert {
  const types = typesOf(schema);
  if (types.includes("integer") || types.includes("number")) return (text) => (NUMBER.test(text) ? Number(text) : text);
  if (types.includes("boolean")) return (text) => (text === "true" ? true : text === "false" ? false : text);
  return (text) => text;
}

const mustBeObject = { en: "must be an object", ko: "객체여야 합니다" };
const isUnknown = {
  en: "is not a query parameter of this route",
  ko: "이 경로에서 사용할 수 없는 쿼리 매개변수입니다",
};
const isInHeader = { en: "belongs in a header", ko: "헤더로 보내 주세요" };
const isTwice = { en: "is given twice", ko: "같은 항목이 두 번 있습니다" };

/** Characters of an unknown name that are shown. */
const NAME_LENGTH = 100;

const refuse = (name: string, detail: Sentence): never => {
  const pointer = name && `/${name.slice(0, NAME_LENGTH).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  throw sharedError("VALIDATION_FAILED", { errors: [{ pointer, detail }] });
};

function decode(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    throw sharedError("MALFORMED_REQUEST");
  }
}

const decodeQuery = (text: string): string => decode(text.replaceAll("+", " "));

export const parametersOf = (path: string): string[] => [...path.matchAll(/:(\w+)/g)].map(([, name]) => name!);

/** Fields of the input with the names of their headers as Node has them. */
export const headersOf = ({ inHeader = {} }: Pick<ActionDefinition, "inHeader">): [field: string, header: string][] =>
  Object.entries(inHeader).map(([field, header]) => [field, header.toLowerCase()]);

/** The fields that this request brings in headers. */
export const fieldsIn = (headers: IncomingHttpHeaders, named: readonly (readonly [string, string])[]): Fields =>
  Object.fromEntries(named.flatMap(([field, header]) => (header in headers ? [[field, headers[header]]] : [])));

export class InputReader {
  readonly #parameters: readonly { readonly name: string; readonly convert: Convert }[];
  readonly #query: ReadonlyMap<string, Field>;
  readonly #headers: readonly (readonly [field: string, header: string])[];

  /**
   * @param path of the route, with parameters as `:name`
   * @param hasQuery false where everything that is not in the path is in the body
   */
  constructor(path: string, { input, inHeader = {} }: Pick<ActionDefinition, "input" | "inHeader">, hasQuery: boolean) {
    this.#headers = headersOf({ inHeader });
    const properties = (input as JsonSchema).properties ?? {};
    const parameters = parametersOf(path);
    this.#parameters = parameters.map((name) => ({ name, convert: converter(properties[name] ?? {}) }));
    this.#query = new Map(
      Object.entries(hasQuery ? properties : {})
        .filter(([name]) => !parameters.includes(name) && !Object.hasOwn(inHeader, name))
        .map(([name, { items, ...schema }]) => [
          name,
          { convert: converter(items ?? schema), many: items !== undefined },
        ]),
    );
  }

  /**
   * @param values of the path's parameters
   * @param query the text after `?`
   * @throws VALIDATION_FAILED for a name that is unknown or comes twice and for a body that is no object,
   *   MALFORMED_REQUEST for broken encoding
   */
  read(values: readonly string[], query: string, body: unknown = {}, headers: IncomingHttpHeaders = {}): Fields {
    if (typeof body !== "object" || body === null || Array.isArray(body)) return refuse("", mustBeObject);
    const fields = body as Fields;
    this.#parameters.forEach(({ name, convert }, index) => set(fields, name, convert(decode(values[index]!))));
    for (const [field] of this.#headers) if (Object.hasOwn(fields, field)) refuse(field, isInHeader);
    if (this.#headers.length > 0) Object.assign(fields, fieldsIn(headers, this.#headers));
    if (query !== "") this.#readQuery(fields, query);
    return fields;
  }

  #readQuery(fields: Fields, query: string): void {
    for (const part of query.split("&")) {
      if (part === "") continue;
      const end = part.indexOf("=");
      const name = decodeQuery(end < 0 ? part : part.slice(0, end));
      const field = this.#query.get(name) ?? refuse(name, isUnknown);
      const value = field.convert(end < 0 ? "" : decodeQuery(part.slice(end + 1)));
      if (field.many && Array.isArray(fields[name])) fields[name].push(value);
      else set(fields, name, field.many ? [value] : value);
    }
  }
}

function set(fields: Fields, name: string, value: unknown): void {
  if (Object.hasOwn(fields, name)) refuse(name, isTwice);
  fields[name] = value;
}
