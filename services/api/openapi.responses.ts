/** The responses of an operation: its success, and the problems it may answer, each set of which is described once. */
import { type ActionDefinition, errorCode } from "#core/contract.ts";
import { type ErrorDefinition, kinds, sharedErrors, type SharedErrorCode } from "#core/errors.ts";
import type { Described, RestRoute } from "./catalogue.ts";

export type Json = Readonly<Record<string, unknown>>;

const problem = {
  type: "object",
  description: "RFC 9457. What an error tells beyond this stands beside these fields.",
  required: ["type", "title", "status", "detail", "code", "instance", "traceId"],
  properties: {
    type: { type: "string", format: "uri-reference" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string" },
    instance: { type: "string" },
    traceId: { type: "string" },
    errors: {
      type: "array",
      items: {
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
  const { auth, concurrency, idempotent } = definition;
  return [
    "MALFORMED_REQUEST",
    // A body is read wherever it may come, also where none is wanted.
    ...(method !== "GET" ? (["MALFORMED_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE"] as const) : []),
    ...(["TOKEN_EXPIRED", "TOKEN_INVALID"] as const),
    ...(auth === "public" ? [] : (["UNAUTHENTICATED", "FORBIDDEN"] as const)),
    ...(concurrency === "write" ? (["STALE_VERSION"] as const) : []),
    "VALIDATION_FAILED",
    ...(idempotent && method === "POST"
      ? (["IDEMPOTENCY_KEY_REQUIRED", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_IN_PROGRESS"] as const)
      : []),
    "RATE_LIMITED",
    "INTERNAL_ERROR",
    "SERVICE_UNAVAILABLE",
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

  constructor(services: readonly Described[]) {
    for (const { name, errors } of services) {
      for (const [code, definition] of Object.entries(errors)) {
        const known = errorCode(name, code);
        if (known !== code) this.#definitions.set(known, definition);
      }
    }
  }

  of(service: Described, route: RestRoute, definition: ActionDefinition): Json {
    const own = (definition.errors ?? []).map((code) => errorCode(service.name, code));
    const codes = new Set([...own, ...impliedErrors(route, definition)]);
    const byStatus = Map.groupBy(codes, (code) => kinds[this.#definitions.get(code)!.kind].status);
    const { status = 200 } = definition;
    return {
      [status]: this.#success(route, definition, status),
      ...(definition.pending ? { 202: this.#success(route, definition, 202) } : {}),
      ...(route.method === "GET" && !definition.live ? { 304: { description: "Not modified" } } : {}),
      ...Object.fromEntries([...byStatus].map(([failure, some]) => [failure, this.#problem(failure, some)])),
    };
  }

  components(): Json {
    const responses = [...this.#shared].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { schemas: { Problem: problem }, responses: Object.fromEntries(responses) };
  }

  #success({ method }: RestRoute, { output, live, concurrency, idempotent }: ActionDefinition, status: number): Json {
    if (status === 204) return { description: successes[status] };
    const isTagged = (method === "GET" && !live) || concurrency !== undefined;
    const headers = {
      ...(isTagged ? { ETag: text("Names this state; send it as If-Match or If-None-Match.") } : {}),
      ...(status === 201 || status === 202 ? { Location: text("Where the result is.") } : {}),
      ...(idempotent && method === "POST"
        ? { "Idempotent-Replayed": text("`true` when this answer is the stored one.") }
        : {}),
    };
    return {
      description: successes[status],
      ...(Object.keys(headers).length > 0 ? { headers } : {}),
      content: live
        ? { "text/event-stream": { schema: { type: "string" } } }
        : { "application/json": { schema: output } },
    };
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
          schema: {
            allOf: [
              { $ref: "#/components/schemas/Problem" },
              { properties: { status: { const: status }, code: { enum: sorted } } },
            ],
          },
        },
      },
    });
    return { $ref: `#/components/responses/${name}` };
  }
}
