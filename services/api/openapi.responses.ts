/** The responses of an operation: its success, and the problems it may answer, each set of which is described once. */
import { type ActionDefinition, errorCode } from "#core/contract.ts";
import { type ErrorDefinition, sharedErrors, type SharedErrorCode } from "#core/errors.ts";
import { keyRuleOf } from "#mixins/gateway/key.ts";
import { liveEvents } from "#mixins/gateway/live-events.ts";
import type { Described } from "#mixins/gateway/registry.ts";
import { statusOf } from "#mixins/http/problem.ts";
import type { Json, Schemas } from "./openapi.schemas.ts";
import type { RestRoute } from "./route.ts";

const problem = {
  title: "Problem",
  type: "object",
  description: "RFC 9457. What an error tells beyond this stands beside these fields.",
  required: ["type", "title", "status", "detail", "code", "instance", "traceId"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer", maximum: 599 },
    detail: { type: "string" },
    code: { type: "string" },
    instance: { type: "string" },
    traceId: { type: "string" },
    errors: {
      type: "array",
      items: {
        title: "Violation",
        type: "object",
        required: ["pointer", "detail"],
        properties: { pointer: { type: "string", format: "json-pointer" }, detail: { type: "string" } },
      },
    },
  },
};

const text = (description: string): Json => ({ description, schema: { type: "string" } });

const successes: Readonly<Record<number, string>> = { 200: "OK", 201: "Created", 202: "Accepted", 204: "Done" };

/** Errors that every route may answer because of how it is declared. */
function impliedErrors({ method }: RestRoute, definition: ActionDefinition): SharedErrorCode[] {
  const { auth, seenByStaff = false } = definition;
  const needsPermission = auth === "staff" || seenByStaff;
  const rule = keyRuleOf(definition);
  return [
    "MALFORMED_REQUEST",
    // A body is read wherever it may come, also where none is wanted.
    ...(method !== "GET" ? (["MALFORMED_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const) : []),
    ...(["TOKEN_EXPIRED", "TOKEN_INVALID", "SESSION_ENDED", "API_KEY_INVALID"] as const),
    ...(auth === "public" ? [] : (["UNAUTHENTICATED", "FORBIDDEN"] as const)),
    ...(needsPermission ? (["PERMISSION_MISSING"] as const) : []),
    ...(auth === "customer" && !seenByStaff ? (["PERSON_REQUIRED"] as const) : []),
    ...(method !== "GET" ? (["STALE_VERSION"] as const) : []),
    "VALIDATION_FAILED",
    ...(rule === "none"
      ? []
      : (["IDEMPOTENCY_KEY_REQUIRED", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_IN_PROGRESS"] as const)),
    "RATE_LIMITED",
    "INTERNAL_ERROR",
    "SERVICE_UNAVAILABLE",
    "ANSWER_LOST",
    "REQUEST_TIMEOUT",
  ];
}

/** Headers that come with a problem of this status. */
const headersOf = (status: number): Json | undefined =>
  ({
    401: { "WWW-Authenticate": text("The scheme, and what is wrong with the token.") },
    429: { "Retry-After": text("Seconds.") },
    503: { "Retry-After": text("Seconds.") },
  })[status];

export class Responses {
  readonly #definitions = new Map<string, ErrorDefinition>(Object.entries(sharedErrors));
  readonly #shared = new Map<string, Json>();
  readonly #schemas: Schemas;

  constructor(services: readonly Described[], schemas: Schemas) {
    this.#schemas = schemas;
    for (const { name, errors } of services) {
      for (const [code, definition] of Object.entries(errors)) {
        const known = errorCode(name, code);
        if (known !== code) this.#definitions.set(known, definition);
      }
    }
  }

  of(service: Described, operationId: string, route: RestRoute, definition: ActionDefinition): Json {
    const own = (definition.errors ?? []).map((code) => errorCode(service.name, code));
    const codes = new Set([...own, ...impliedErrors(route, definition)]);
    const byStatus = Map.groupBy(codes, (code) => statusOf(this.#definitions.get(code)!.kind));
    const { status = 200 } = definition;
    return {
      [status]: this.#success(service, operationId, route, definition, status),
      ...(definition.unfinished ? { 202: this.#success(service, operationId, route, definition, 202) } : {}),
      ...(definition.moved
        ? { 301: { description: "Moved", headers: { Location: text("The present address.") } } }
        : {}),
      ...(route.method === "GET" && !definition.live ? { 304: { description: "Not modified" } } : {}),
      ...Object.fromEntries([...byStatus].map(([failure, some]) => [failure, this.#problem(failure, some)])),
    };
  }

  components(): Json {
    const responses = [...this.#shared].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { responses: Object.fromEntries(responses) };
  }

  #success(
    service: Described,
    operationId: string,
    { method }: RestRoute,
    definition: ActionDefinition,
    status: number,
  ): Json {
    const { output, live, concurrency, file, translated } = definition;
    if (status === 204) return { description: successes[status] };
    const isTagged = (method === "GET" && !live) || concurrency !== undefined;
    const headers = {
      ...(isTagged ? { ETag: text("Names this state; send it as If-Match or If-None-Match.") } : {}),
      ...(file ? { "Content-Disposition": text(`The file's name, when \`Accept\` asks for ${file}.`) } : {}),
      ...(translated ? { "Content-Language": text("Of the texts, chosen by `Accept-Language`.") } : {}),
      ...(status === 201 || status === 202 ? { Location: text("Where the result is.") } : {}),
      ...(keyRuleOf(definition) !== "none"
        ? { "Idempotent-Replayed": text("`true` when this answer is the stored one.") }
        : {}),
    };
    return {
      description: successes[status],
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      content: live
        ? { "text/event-stream": { schema: { type: "string" }, "x-events": this.#events(service, definition) } }
        : {
            "application/json": { schema: this.#schemas.named(output, operationId, "Result") },
            ...(file ? { [file]: { schema: { type: "string", format: "binary" } } } : {}),
          },
    };
  }

  /** What a live stream tells, by the name of the event: OpenAPI 3.1 has no word for it. */
  #events(service: Described, definition: ActionDefinition): Json {
    return Object.fromEntries(
      liveEvents(service, definition).map(([event, { summary, data }]) => [
        event,
        { description: summary, data: this.#schemas.named(data, event, "Event") },
      ]),
    );
  }

  #problem(status: number, codes: readonly string[]): Json {
    const sorted = codes.toSorted();
    const name = `${status}.${sorted.join(".")}`;
    const titles = sorted.map((code) => `- \`${code}\`: ${this.#definitions.get(code)!.title.en}`);
    const headers = headersOf(status);
    this.#shared.set(name, {
      description: titles.join("\n"),
      ...(headers ? { headers } : {}),
      content: {
        "application/problem+json": {
          schema: this.#schemas.of(problem),
          examples: Object.fromEntries(sorted.map((code) => [code, { value: this.#example(status, code) }])),
        },
      },
    });
    return { $ref: `#/components/responses/${name}` };
  }

  #example(status: number, code: string): Json {
    const { title, advice } = this.#definitions.get(code)!;
    return {
      type: `/problems/${code}`,
      title: title.en,
      status,
      detail: advice.en,
      code,
      instance: "/api/v1/…",
      traceId: "7b0f3e2f6d0b4c8e9a51d3c2b1a0f9e8",
      ...(code === "VALIDATION_FAILED" ? { errors: [{ pointer: "/quantity", detail: "must be 1000 or less" }] } : {}),
    };
  }
}
