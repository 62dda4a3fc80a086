/** The generated half of the typed client in clients/typescript: its types, and where each action is found. */
import type { Operation } from "../../clients/typescript/src/request.ts";
import { comment, member, nameOf, type Schema, typeWriter } from "./types.ts";

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: Schema;
}
interface Content {
  readonly schema?: Schema;
  readonly "x-events"?: Readonly<Record<string, { readonly data: Schema }>>;
}
interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, Content>>;
}
interface Described {
  readonly operationId: string;
  readonly summary: string;
  readonly description: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, Content>> };
  readonly responses: Readonly<Record<string, Response>>;
}
export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Route extends Described {
  readonly method: string;
  readonly path: string;
}

const JSON_TYPE = "application/json";
const head = "/** Written by `npm run generate` from the contracts of the services. */\n";
const typeOf = typeWriter("schemas.");

const has = ({ parameters = [] }: Route, name: string): boolean =>
  parameters.some((one) => one.in === "header" && one.name === name);
/** Headers that the client sends by itself, or not at all. */
const STANDARD = new Set(["Idempotency-Key", "If-Match", "If-None-Match", "Last-Event-ID"]);
/** Fields that go into headers of their own: `Cart-Token` is cartToken. */
const ownHeaders = ({ parameters = [] }: Route) =>
  parameters
    .filter((one) => one.in === "header" && !STANDARD.has(one.name))
    .map((one) => ({
      ...one,
      field: one.name.replaceAll(/(^|-)([A-Za-z])/g, (_, dash: string, letter: string) =>
        dash ? letter.toUpperCase() : letter.toLowerCase(),
      ),
    }));
const eventsOf = ({ responses }: Route) => responses["200"]?.content?.["text/event-stream"]?.["x-events"];

/** Without what other systems send, such as the webhooks of a payment provider. */
const routesOf = ({ paths }: Document): Route[] =>
  Object.entries(paths)
    .flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]) => ({ ...one, method: method.toUpperCase(), path })),
    )
    .filter(({ requestBody }) => !requestBody?.content["*/*"])
    .toSorted((a, b) => (a.operationId < b.operationId ? -1 : 1));

/** Fields of a body that are bytes. */
function bytesIn({ requestBody }: Route, { components }: Document): string[] {
  const body = requestBody?.content[JSON_TYPE]?.schema;
  const { properties = {} } = (body?.$ref ? components.schemas[nameOf(body.$ref)] : body) ?? {};
  return Object.keys(properties).filter((name) => properties[name]!.contentEncoding === "base64");
}

function operationOf(route: Route, document: Document): Operation {
  const inBase64 = bytesIn(route, document);
  return {
    method: route.method,
    path: route.path,
    ...(has(route, "Idempotency-Key") && { takesKey: true }),
    ...(has(route, "If-Match") && { takesVersion: true }),
    ...(ownHeaders(route).length > 0 && {
      inHeader: Object.fromEntries(ownHeaders(route).map(({ field, name }) => [field, name.toLowerCase()])),
    }),
    ...(inBase64.length > 0 && { inBase64 }),
    ...(eventsOf(route) && { isLive: true }),
  };
}

/** What the action takes, as one object; and whether it can be left out. */
function inputOf(route: Route): readonly [type: string, isOptional: boolean] {
  const parameters = [
    ...(route.parameters ?? []).filter((one) => one.in !== "header"),
    ...ownHeaders(route).map(({ field, ...one }) => ({ ...one, name: field })),
  ];
  const members = parameters.map(({ name, schema, required = false }) => member(name, typeOf(schema), required));
  const body = route.requestBody?.content[JSON_TYPE]?.schema;
  const isVersioned = has(route, "If-Match") && !parameters.some(({ name }) => name === "version");
  if (isVersioned) members.push(member("version", "number", false));
  const parts = [...(members.length > 0 ? [`{ ${members.join(" ")} }`] : []), ...(body ? [typeOf(body)] : [])];
  const isOptional = body === undefined && parameters.every(({ required }) => !required);
  return [parts.join(" & ") || "Readonly<Record<string, never>>", isOptional];
}

function outputOf(route: Route): string {
  const events = eventsOf(route);
  if (events) {
    const items = Object.entries(events).map(
      ([name, { data }]) => `LiveEvent<${JSON.stringify(name)}, ${typeOf(data)}>`,
    );
    return `AsyncIterable<${items.join(" | ")}>`;
  }
  const answers = Object.entries(route.responses)
    .filter(([status]) => status.startsWith("2"))
    .map(([, { content }]) => (content?.[JSON_TYPE] ? typeOf(content[JSON_TYPE].schema) : "void"));
  return `Promise<${[...new Set(answers)].join(" | ")}>`;
}

/** The codes of a refusal, which its response is named by. */
const codesOf = ({ $ref }: Response): string[] => ($ref ? nameOf($ref).split(".").slice(1) : []);

function methodOf(route: Route): string {
  const [input, isOptional] = inputOf(route);
  const [service, name] = route.operationId.split(".") as [string, string];
  // Those of the service itself: any call may meet the others.
  const refusals = Object.values(route.responses)
    .flatMap(codesOf)
    .filter((code) => code.startsWith(`${service.toUpperCase()}_`));
  const said = comment(
    [`${route.summary}. ${route.description}`, refusals.length > 0 ? `@throws ${refusals.join(", ")}` : undefined],
    "    ",
  );
  return `${said}    ${name}(input${isOptional ? "?" : ""}: ${input}, options?: CallOptions): ${outputOf(route)};\n`;
}

function apiText(routes: readonly Route[]): string {
  const byService = Map.groupBy(routes, ({ operationId }) => operationId.slice(0, operationId.indexOf(".")));
  const services = [...byService].map(
    ([service, own]) => `  readonly ${service}: {\n${own.map(methodOf).join("")}  };\n`,
  );
  return `${head}import type { CallOptions, LiveEvent } from "./request.ts";
import type * as schemas from "./schemas.generated.ts";

/** Each action of each service that the gateway offers. Its input is one object, whatever of it is path, query or body. */
export interface Api {
${services.join("")}}
`;
}

function codesText(routes: readonly Route[]): string {
  const codes = new Set(routes.flatMap(({ responses }) => Object.values(responses).flatMap(codesOf)));
  const union = [...codes].toSorted().map((code) => `\n  | ${JSON.stringify(code)}`);
  return `${head}
/** Every code of a refusal. They are stable; a later release may add some. */
export type ErrorCode =${union.join("")};
`;
}

const schemasText = ({ components }: Document): string =>
  `${head}${Object.entries(components.schemas)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, schema]) => {
      const said = comment([schema.description]);
      const type = typeWriter()(schema);
      return type.startsWith("{")
        ? `\n${said}export interface ${name} ${type}\n`
        : `\n${said}export type ${name} = ${type};\n`;
    })
    .join("")}`;

const operationsText = (routes: readonly Route[], document: Document): string =>
  `${head}import type { Operation } from "./request.ts";

export const operations: Readonly<Record<string, Operation>> = {
${routes.map((route) => `  ${JSON.stringify(route.operationId)}: ${JSON.stringify(operationOf(route, document))},\n`).join("")}};
`;

/** @param document as `npm run generate` writes it to docs/openapi.json */
export function clientFiles(document: Document): (readonly [path: string, text: string])[] {
  const routes = routesOf(document);
  const file = (name: string) => `clients/typescript/src/${name}.generated.ts`;
  return [
    [file("schemas"), schemasText(document)],
    [file("codes"), codesText(routes)],
    [file("api"), apiText(routes)],
    [file("operations"), operationsText(routes, document)],
  ];
}
