/** Every failure as a problem (RFC 9457), in the caller's language, telling nothing that is not meant for clients. */
import { errorCode } from "#core/contract.ts";
import { type ErrorDefinition, type Kind, kinds, type SharedErrorCode, sharedErrors } from "#core/errors.ts";
import type { Described } from "./catalogue.ts";
import type { Language } from "./language.ts";

/** Moleculer's own errors, told apart by type since classes do not survive the wire. */
const ofMoleculer: Readonly<Record<string, SharedErrorCode>> = {
  SERVICE_NOT_FOUND: "SERVICE_UNAVAILABLE",
  SERVICE_NOT_AVAILABLE: "SERVICE_UNAVAILABLE",
  REQUEST_REJECTED: "ANSWER_LOST",
  QUEUE_FULL: "SERVICE_UNAVAILABLE",
  BAD_GATEWAY: "SERVICE_UNAVAILABLE",
  REQUEST_SKIPPED: "REQUEST_TIMEOUT",
  UNABLE_DECODE_PARAM: "MALFORMED_REQUEST",
};

interface Known {
  readonly code: string;
  readonly definition: ErrorDefinition;
}

const internal: Known = { code: "INTERNAL_ERROR", definition: sharedErrors.INTERNAL_ERROR };

export interface Occurrence {
  readonly language: Language;
  /** The path of the request. */
  readonly instance: string;
  readonly traceId: string;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string;
}

/** What an error tells the client. */
interface Data {
  readonly retryAfter?: number;
  /** A fault that is told where no language is known has its sentence in each. */
  readonly errors?: readonly {
    readonly pointer: string;
    readonly detail: string | Readonly<Record<Language, string>>;
  }[];
}

const RETRY_AFTER = 2;

export class Problems {
  #known = new Map<string, ErrorDefinition>(Object.entries(sharedErrors));

  /** What the services can refuse with, in place of what was learned before. */
  learn(services: readonly Described[]): void {
    const own = services.flatMap(({ name, errors }) =>
      Object.entries(errors).map(([code, definition]) => [errorCode(name, code), definition] as const),
    );
    // Last, for a shared code means the same everywhere, whatever one service calls it.
    this.#known = new Map([...own, ...Object.entries(sharedErrors)]);
  }

  /** False for what nobody foresaw: it must be logged, for the client is told nothing. */
  isKnown(error: unknown): boolean {
    return this.#find(error) !== internal;
  }

  of(error: unknown, { language, instance, traceId }: Occurrence): Problem {
    const { code, definition } = this.#find(error);
    const { kind, title, advice } = definition;
    const { status } = kinds[kind];
    const data = (error as { data?: Data } | null)?.data;
    // Whoever handles 422 finds the reason in one place, also where it is none of a single field.
    const told = status === 422 && !data?.errors?.length ? [{ pointer: "", detail: title }] : data?.errors;
    const errors = told?.map(({ pointer, detail }) => ({
      pointer,
      detail: typeof detail === "string" ? detail : detail[language],
    }));
    return {
      status,
      code,
      headers: [...challenge(kind, code), ...retryAfter(kind, data?.retryAfter), "Content-Language", language],
      body: JSON.stringify({
        // What a fault knows of the inside stays inside.
        ...(status < 500 ? data : undefined),
        ...(status < 500 && errors ? { errors } : undefined),
        type: `/problems/${code}`,
        title: title[language],
        status,
        detail: advice[language],
        code,
        instance,
        traceId,
      }),
    };
  }

  #find(error: unknown): Known {
    const type = (error as { type?: string } | null)?.type ?? "";
    const code = ofMoleculer[type] ?? type;
    const definition = this.#known.get(code);
    return definition ? { code, definition } : internal;
  }

  /** What the page behind a problem's `type` tells; nothing for a code that does not exist. */
  explain(code: string): object | undefined {
    const definition = this.#known.get(code);
    if (!definition) return undefined;
    const { kind, title, advice: detail } = definition;
    return { code, status: kinds[kind].status, title, detail, retryable: kinds[kind].retryable };
  }
}

/** RFC 6750 section 3. */
const challenge = (kind: Kind, code: string): readonly string[] =>
  kind !== "unauthenticated"
    ? []
    : [
        "WWW-Authenticate",
        code === "UNAUTHENTICATED" ? 'Bearer realm="madang"' : 'Bearer realm="madang", error="invalid_token"',
      ];

const retryAfter = (kind: Kind, seconds: number | undefined): readonly string[] => {
  const usual = kind === "unavailable" || kind === "rateLimited" ? RETRY_AFTER : undefined;
  const wait = kinds[kind].retryable ? (seconds ?? usual) : undefined;
  return wait === undefined ? [] : ["Retry-After", String(wait)];
};
