/** The OpenAPI 3.1 document of the API: a pure function of what the services declare. */
import type { TSchema } from "typebox";
import type { Access, ActionDefinition } from "#core/contract.ts";
import { type Described, type RestRoute, restRoute, takesBody } from "./catalogue.ts";
import { parametersOf } from "./input.ts";
import { type Json, Responses } from "./openapi.responses.ts";

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, TSchema>>;
  readonly required?: readonly string[];
}

const access: Readonly<Record<Access, string>> = {
  public: "Anyone.",
  customer: "Whoever is signed in.",
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

const idempotencyKey = header("Idempotency-Key", true, "Asked again with the same key, the first answer comes again.", {
  type: "string",
  pattern: "^[\\x21-\\x7e]{1,255}$",
});
const ifMatch = header("If-Match", false, "The ETag that was read: 412 if it has changed since.", { type: "string" });
const ifNoneMatch = header("If-None-Match", false, "An ETag: 304 if nothing has changed.", { type: "string" });
const lastEventId = header("Last-Event-ID", false, "The stream goes on after this event.", { type: "string" });

/** Fields of the input that are neither in the path nor in a header. */
function fieldsOf(path: string, { input, concurrency }: ActionDefinition): [name: string, schema: TSchema][] {
  const elsewhere = new Set([...parametersOf(path), ...(concurrency === "write" ? ["version"] : [])]);
  return Object.entries((input as ObjectSchema).properties ?? {}).filter(([name]) => !elsewhere.has(name));
}

function parameters({ method, path }: RestRoute, definition: ActionDefinition): Json[] {
  const { properties = {}, required = [] } = definition.input as ObjectSchema;
  const inPath = parametersOf(path).map((name) => ({
    name,
    in: "path",
    required: true,
    schema: properties[name] ?? {},
  }));
  const query = takesBody(method) || definition.raw ? [] : fieldsOf(path, definition);
  return [
    ...inPath,
    ...query.map(([name, schema]) => ({ name, in: "query", required: required.includes(name), schema })),
    ...(definition.idempotent && method === "POST" ? [idempotencyKey] : []),
    ...(definition.concurrency === "write" ? [ifMatch] : []),
    ...(method === "GET" && !definition.live ? [ifNoneMatch] : []),
    ...(definition.live ? [lastEventId] : []),
  ];
}

function requestBody({ method, path }: RestRoute, definition: ActionDefinition): Json | undefined {
  if (definition.raw) return { required: true, content: { "*/*": { schema: { type: "string" } } } };
  const fields = takesBody(method) ? fieldsOf(path, definition) : [];
  if (fields.length === 0) return undefined;
  const required =
    (definition.input as ObjectSchema).required?.filter((name) => fields.some(([own]) => own === name)) ?? [];
  const schema = {
    type: "object",
    properties: Object.fromEntries(fields),
    ...(required.length > 0 ? { required } : {}),
    additionalProperties: false,
  };
  return { required: required.length > 0, content: { "application/json": { schema } } };
}

function operation(
  service: Described,
  name: string,
  route: RestRoute,
  definition: ActionDefinition,
  responses: Responses,
): Json {
  const body = requestBody(route, definition);
  const prefix = service.version === 1 ? "" : `v${service.version}.`;
  return {
    operationId: `${prefix}${service.name}.${name}`,
    summary: definition.summary,
    description: `For: ${access[definition.auth]}`,
    tags: [service.name],
    ...(definition.deprecated ? { deprecated: true } : {}),
    security: definition.auth === "public" ? [] : [{ accessToken: [] }],
    parameters: parameters(route, definition),
    ...(body ? { requestBody: body } : {}),
    responses: responses.of(service, route, definition),
  };
}

/** One tag for all versions of a service that has routes. */
const isReachable = ({ name, actions }: Described, index: number, all: readonly Described[]): boolean =>
  Object.values(actions).some(({ rest }) => rest) && all.findIndex((other) => other.name === name) === index;

/**
 * @param services in the order in which their tags appear
 * @param version the platform's own
 */
export function openapi(services: readonly Described[], version: string): Json {
  const responses = new Responses(services);
  const paths: Record<string, Record<string, Json>> = {};
  for (const service of services) {
    for (const [name, definition] of Object.entries(service.actions)) {
      const route = restRoute(service, definition);
      if (!route) continue;
      const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
      (paths[path] ??= {})[route.method.toLowerCase()] = operation(service, name, route, definition, responses);
    }
  }
  const document = {
    openapi: "3.1.0",
    info: { title: "Madang", version, license: { name: "MIT", identifier: "MIT" } },
    servers: [{ url: "/" }],
    tags: services.filter(isReachable).map(({ name, summary }) => ({ name, description: summary })),
    paths: Object.fromEntries(Object.entries(paths).toSorted(([a], [b]) => (a < b ? -1 : 1))),
    components: {
      securitySchemes: { accessToken: { type: "http", scheme: "bearer", bearerFormat: "JWT" } },
      ...responses.components(),
    },
  };
  // What JSON carries: no compiled parts of schemas, no fields that are undefined.
  return JSON.parse(JSON.stringify(document)) as Json;
}
