/** Checks what nodes announce, because no description may stop or block a gateway, which serves all services. */
import { createHash } from "node:crypto";
import Type from "typebox";
import { Compile } from "typebox/compile";
import { kinds } from "#core/errors.ts";
import known from "./schemas.generated.json" with { type: "json" };

const Name = Type.String({ maxLength: 2000 });
const Schema = Type.Object({});
const Sentence = Type.Object({ en: Name, ko: Name });
const flag = Type.Optional(Type.Boolean());
const ErrorOf = Type.Object({
  kind: Type.Union(Object.keys(kinds).map((kind) => Type.Literal(kind))),
  title: Sentence,
  advice: Sentence,
});
const Event = Type.Object({ version: Type.Number(), summary: Name, data: Schema });
const Sent = Type.Object({ summary: Name, data: Schema });
const Metadata = Type.Object({
  summary: Type.Optional(Name),
  errors: Type.Record(Type.String({ pattern: "^[A-Z][A-Z0-9_]*$" }), ErrorOf, { additionalProperties: false }),
  events: Type.Optional(Type.Record(Type.String({ pattern: "^[\\w-]+$" }), Event, { additionalProperties: false })),
  subscribes: Type.Optional(Type.Array(Name, { maxItems: 1000 })),
});
const Action = Type.Object({
  rawName: Type.String({ pattern: "^\\w+$" }),
  summary: Name,
  auth: Type.Union(["public", "customer", "staff", "admin", "service"].map((access) => Type.Literal(access))),
  rest: Type.Optional(Type.String({ pattern: "^(?:GET|POST|PUT|PATCH|DELETE) (?:/:?[\\w-]+)+$", maxLength: 200 })),
  inHeader: Type.Optional(
    Type.Record(Type.String({ pattern: "^\\w+$" }), Type.String({ pattern: "^[A-Za-z-]{1,50}$" }), {
      additionalProperties: false,
    }),
  ),
  status: Type.Optional(Type.Union([200, 201, 202, 204].map((status) => Type.Literal(status)))),
  concurrency: Type.Optional(Type.Union([Type.Literal("read"), Type.Literal("write")])),
  keyless: Type.Optional(Name),
  export: Type.Optional(Type.String({ pattern: "^[a-zA-Z]+$", maxLength: 50 })),
  limit: Type.Optional(Type.Integer({ minimum: 1 })),
  deprecated: Type.Optional(
    Type.Object({ since: Type.String({ format: "date" }), sunset: Type.Optional(Type.String({ format: "date" })) }),
  ),
  errors: Type.Optional(Type.Array(Name, { maxItems: 100 })),
  shownBy: Type.Optional(Type.String({ pattern: "^\\w+$" })),
  unfinished: Type.Optional(Type.Record(Type.String({ pattern: "^\\w+$" }), Type.Array(Name, { maxItems: 100 }))),
  moved: Type.Optional(Type.String({ pattern: "^\\w+$" })),
  idempotent: flag,
  live: flag,
  sends: Type.Optional(Type.Record(Type.String({ pattern: "^[\\w.-]+$" }), Sent, { additionalProperties: false })),
  raw: flag,
  immutable: flag,
  seenByStaff: flag,
  translated: flag,
  file: Type.Optional(Type.String({ pattern: "^[a-z]+/[a-z0-9.+-]+$", maxLength: 100 })),
  input: Schema,
  output: Schema,
});

const metadata = Compile(Metadata);
const action = Compile(Action);

export const isMetadata = (value: unknown): boolean => metadata.Check(value);
export const isAction = (value: unknown): boolean => action.Check(value);

/** The input schema of each route, as `npm run generate` stored it. */
export const fingerprint = (schema: object): string =>
  createHash("sha256").update(JSON.stringify(schema)).digest("base64url").slice(0, 22);

const schemas = new Set<string>(known);

/**
 * True for an input schema of this release. Only those are used to check a request in the gateway, because a foreign
 * schema could make the check of one request take minutes.
 */
export const isOfRelease = (schema: object): boolean => schemas.has(fingerprint(schema));
