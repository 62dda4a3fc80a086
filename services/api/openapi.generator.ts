/** The OpenAPI 3.1 document of the API: a pure function of what the services declare. */
import type { TSchema } from "typebox";
import type { Access, ActionDefinition } from "#core/contract.ts";
import type { JsonSchema } from "#core/schema.ts";
import { keyRuleOf } from "#mixins/gateway/key.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import { parametersOf } from "./input.ts";
import { Examples } from "./openapi.examples.ts";
import { Responses } from "./openapi.responses.ts";
import { type Json, Schemas } from "./openapi.schemas.ts";
import { type RestRoute, restRoute, takesBody } from "./route.ts";

const access: Readonly<Record<Access, string>> = {
  public: "Everybody.",
  customer: "Everybody who is signed in.",
  staff: "Staff and administrators.",
  admin: "Administrators.",
  service: "Other services.",
};

const header = (name: string, required: boolean, description: string, schema: Json): Json => ({
  name,
  in: "header",
  required,
  description,
  schema,
});

const idempotencyKey = (required: boolean) =>
  header("Idempotency-Key", required, "Asked again with the same key, the first answer comes again.", {
    type: "string",
    pattern: "^[\\x21-\\x7e]{1,255}$",
  });
const ifMatch = header("If-Match", false, "The ETag that was read: 412 if it has changed since.", { type: "string" });
const ifNoneMatch = header("If-None-Match", false, "An ETag: 304 if nothing has changed.", { type: "string" });
const lastEventId = header("Last-Event-ID", false, "The stream goes on after this event.", { type: "string" });

/** Fields of the input that are neither in the path nor in a header. */
function fieldsOf(path: string, { input, inHeader = {}, concurrency }: ActionDefinition): [string, TSchema][] {
  const versions = concurrency === "write" ? ["version"] : [];
  const elsewhere = new Set([...parametersOf(path), ...Object.keys(inHeader), ...versions]);
  return Object.entries((input as JsonSchema).properties ?? {}).filter(([name]) => !elsewhere.has(name));
}

function parameters({ method, path }: RestRoute, definition: ActionDefinition, schemas: Schemas): Json[] {
  const { properties = {}, required = [] } = definition.input as JsonSchema;
  const inPath = parametersOf(path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: schemas.of(properties[name] ?? {}),
  }));
  const rule = keyRuleOf(definition);
  const query = takesBody(method) || definition.raw ? [] : fieldsOf(path, definition);
  return [
    ...inPath,
    ...query.map(([name, schema]) => ({
      name,
      in: "query",
      required: required.includes(name),
      schema: schemas.of(schema),
    })),
    ...Object.entries(definition.inHeader ?? {}).map(([field, name]) => {
      const { description = "", ...schema } = properties[field] ?? {};
      return header(name, required.includes(field), description, schemas.of(schema));
    }),
    ...(rule === "none" ? [] : [idempotencyKey(rule === "required")]),
    ...(definition.concurrency === "write" ? [ifMatch] : []),
    ...(method === "GET" && !definition.live ? [ifNoneMatch] : []),
    ...(definition.live ? [lastEventId] : []),
  ];
}

function requestBody(
  id: string,
  { method, path }: RestRoute,
  definition: ActionDefinition,
  schemas: Schemas,
): Json | undefined {
  if (definition.raw) return { required: true, content: { "*/*": { schema: { type: "string" } } } };
  const fields = takesBody(method) ? fieldsOf(path, definition) : [];
  if (fields.length === 0) return undefined;
  const required =
    (definition.input as JsonSchema).required?.filter((name) => fields.some(([own]) => own === name)) ?? [];
  const schema = {
    type: "object",
    properties: Object.fromEntries(fields),
    ...(required.length > 0 ? { required } : {}),
  };
  return {
    required: required.length > 0,
    content: { "application/json": { schema: schemas.named(schema, id, "Body") } },
  };
}

function operation(
  service: Described,
  name: string,
  route: RestRoute,
  definition: ActionDefinition,
  responses: Responses,
  schemas: Schemas,
): Json {
  const prefix = service.version === 1 ? "" : `v${service.version}.`;
  const operationId = `${prefix}${service.name}.${name}`;
  const body = requestBody(operationId, route, definition, schemas);
  return {
    operationId,
    summary: definition.summary,
    description: [
      `Who may call: ${access[definition.auth]}`,
      ...(definition.keyless ? [`An \`Idempotency-Key\` counts for nothing here. ${definition.keyless}`] : []),
    ].join(" "),
    "x-access": definition.auth,
    tags: [service.name],
    ...(definition.deprecated ? { deprecated: true, "x-sunset": definition.deprecated.sunset } : {}),
    security: definition.auth === "public" ? [] : [{ accessToken: [] }],
    parameters: parameters(route, definition, schemas),
    ...(body ? { requestBody: body } : {}),
    responses: responses.of(service, operationId, route, definition),
  };
}

type Media = Record<string, { schema: Json; example?: unknown }>;
interface Document {
  readonly paths: Record<
    string,
    Record<
      string,
      {
        readonly parameters: { readonly name: string; readonly schema: Json; example?: unknown }[];
        readonly requestBody?: { readonly content: Media };
        readonly responses: Record<string, { readonly content?: Media }>;
      }
    >
  >;
  readonly components: { readonly schemas: Json };
}

/** Every operation with one request and its answer, so that a reader sees what goes over the wire. */
function withExamples(document: Document): Json {
  const examples = new Examples(document.components.schemas);
  for (const operation of Object.values(document.paths).flatMap((methods) => Object.values(methods))) {
    for (const one of operation.parameters) one.example = examples.of(one.schema, one.name);
    const body = operation.requestBody?.content["application/json"];
    if (body) body.example = examples.of(body.schema);
    for (const { content } of Object.values(operation.responses)) {
      const answer = content?.["application/json"];
      if (answer) answer.example = examples.of(answer.schema, "", true);
    }
  }
  return document as unknown as Json;
}

/** One tag for all versions of a service that has routes. */
const isReachable = ({ name, actions }: Described, index: number, all: readonly Described[]): boolean =>
  Object.values(actions).some(({ rest }) => rest) && all.findIndex((other) => other.name === name) === index;

/**
 * @param services in the order in which their tags appear
 * @param version the platform's own
 */
export function openapi(services: readonly Described[], version: string): Json {
  const schemas = new Schemas();
  const responses = new Responses(services, schemas);
  const paths: Record<string, Record<string, Json>> = {};
  for (const service of services) {
    for (const [name, definition] of Object.entries(service.actions)) {
      const route = restRoute(service, definition);
      if (!route) continue;
      const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
      (paths[path] ??= {})[route.method.toLowerCase()] = operation(
        service,
        name,
        route,
        definition,
        responses,
        schemas,
      );
    }
  }
  const document = {
    openapi: "3.1.0",
    info: {
      title: "Madang",
      version,
      description:
        "Fields and query parameters that an operation does not name are refused with `VALIDATION_FAILED`. Pass over fields, " +
        "headers and codes of errors that you do not know: later releases may add some. The words of an `enum` in an answer " +
        "are all that there are: within a version none is added.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    tags: services.filter(isReachable).map(({ name, summary }) => ({ name, description: summary })),
    paths: Object.fromEntries(Object.entries(paths).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      schemas: schemas.components(),
      ...responses.components(),
    },
  };
  // What JSON carries: no compiled parts of schemas, no fields that are undefined.
  return withExamples(JSON.parse(JSON.stringify(document)) as Document);
}
