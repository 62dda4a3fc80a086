/** What two OpenAPI documents tell apart, where it breaks clients of the first. */
import type { JsonSchema } from "#core/schema.ts";
import { type Both, type Break, type Named, schemaBreaks } from "./schema.ts";

interface Media {
  readonly schema: JsonSchema;
  readonly "x-events"?: Readonly<Record<string, { readonly data: JsonSchema }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Operation {
  readonly operationId: string;
  readonly deprecated?: boolean;
  /** When it may be removed: 2026-12-31. */
  readonly "x-sunset"?: string;
  readonly "x-access"?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Readonly<Record<string, Media>> };
  readonly responses: Readonly<Record<string, { headers?: object; content?: Readonly<Record<string, Media>> }>>;
}

export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Named };
}

const VERSION = "or offer it otherwise in a new version of the service beside this one";

/** Each has all rights of those before it. */
const roles = ["public", "customer", "staff", "admin", "service"];

const sentence = (what: string, instead: string): string => `${what}: ${instead}, ${VERSION}`;
const ofSchema = (part: string, { field, what, instead }: Break): string =>
  sentence(field === "" ? `${part} ${what}` : `the field ${field} of ${part} ${what}`, instead);

const parametersOf = ({ parameters = [] }: Operation): ReadonlyMap<string, Parameter> =>
  new Map(parameters.map((one) => [`${one.in} parameter ${one.name}`, one]));

function parameterFaults(before: Operation, now: Operation, both: Both): string[] {
  const [old, own] = [parametersOf(before), parametersOf(now)];
  const gone = [...old.keys()].filter((key) => !own.has(key));
  return [
    ...gone.map((key) => sentence(`the ${key} is no longer taken`, "take it as before")),
    ...[...own].flatMap(([key, { required = false, schema }]) => {
      const was = old.get(key);
      if (!was) return required ? [sentence(`the ${key} is new and required`, "make it optional")] : [];
      const changes = schemaBreaks("input", was.schema, schema, both).map((one) => ofSchema(`the ${key}`, one));
      return required && !was.required
        ? [sentence(`the ${key} became required`, "leave it optional"), ...changes]
        : changes;
    }),
  ];
}

function bodyFaults({ requestBody: old }: Operation, { requestBody: own }: Operation, both: Both): string[] {
  if (!own) return old ? [sentence("the body is no longer taken", "take it as before")] : [];
  const isForced = own.required === true && old?.required !== true;
  const kinds = Object.entries(old?.content ?? {});
  return [
    ...(isForced ? [sentence("a body became required", "leave it optional")] : []),
    ...kinds.flatMap(([kind, { schema }]) => {
      const is = own.content[kind];
      if (!is) return [sentence(`a body of ${kind} is no longer taken`, "take it as before")];
      return schemaBreaks("input", schema, is.schema, both).map((one) => ofSchema("the body", one));
    }),
  ];
}

type Answer = Operation["responses"][string];

function answerFaults(status: string, before: Answer, now: Answer, both: Both): string[] {
  const headers = Object.keys(before.headers ?? {}).filter((name) => !(name in (now.headers ?? {})));
  return [
    ...headers.map((name) => sentence(`the answer ${status} has no header ${name} any more`, "keep it")),
    ...Object.entries(before.content ?? {}).flatMap(([kind, was]) => {
      const is = now.content?.[kind];
      if (!is) return [sentence(`the answer ${status} is no ${kind} any more`, "keep it")];
      const part = `the answer ${status}`;
      return [
        ...schemaBreaks("output", was.schema, is.schema, both).map((one) => ofSchema(part, one)),
        ...Object.entries(was["x-events"] ?? {}).flatMap(([event, { data }]) => {
          const told = is["x-events"]?.[event];
          if (!told) return [sentence(`the stream has no event ${event} any more`, "keep it")];
          return schemaBreaks("output", data, told.data, both).map((one) => ofSchema(`the event ${event}`, one));
        }),
      ];
    }),
  ];
}

/** Errors are told by their kind, and a client meets new ones at any time. */
const successes = ({ responses }: Operation): [string, Answer][] =>
  Object.entries(responses).filter(([status]) => status.startsWith("2"));

function operationFaults(before: Operation, now: Operation, both: Both): string[] {
  const [old, own] = [new Map(successes(before)), new Map(successes(now))];
  const rank = ({ "x-access": access = "public" }: Operation) => roles.indexOf(access);
  return [
    ...(before.operationId === now.operationId
      ? []
      : [`it is ${now.operationId} instead of ${before.operationId}: keep the name, which generated clients have`]),
    ...(rank(now) > rank(before)
      ? [sentence(`it is for ${now["x-access"]} instead of ${before["x-access"]}`, "let in who was let in")]
      : []),
    ...parameterFaults(before, now, both),
    ...bodyFaults(before, now, both),
    ...[...old].flatMap(([status, answer]) => {
      const is = own.get(status);
      if (!is) return [sentence(`it no longer answers ${status}`, "keep the status")];
      return answerFaults(status, answer, is, both);
    }),
    ...[...own.keys()]
      .filter((status) => !old.has(status))
      .map((status) => sentence(`it may answer ${status} now`, "keep the status")),
  ];
}

/**
 * A sentence for each promise that is broken.
 * @param today by which a route whose sunset has passed may go: 2026-12-31
 */
export function restBreaks(before: OpenApi, now: OpenApi, today: string): string[] {
  const both = { before: before.components.schemas, now: now.components.schemas };
  return Object.entries(before.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, was]) => {
      const route = `${method.toUpperCase()} ${path}`;
      const is = now.paths[path]?.[method];
      if (is) return operationFaults(was, is, both).map((fault) => `${route}: ${fault}.`);
      const sunset = was.deprecated ? was["x-sunset"] : undefined;
      if (sunset !== undefined && sunset <= today) return [];
      return [`${route} is gone: serve it on, or declare it deprecated with a sunset and remove it after that day.`];
    }),
  );
}
