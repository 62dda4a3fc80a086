/** What a client is told of a failure, in its language, and nothing that is not meant for clients. */
import { errorCode } from "#core/contract.ts";
import { type ErrorDefinition, type Kind, kinds, type SharedErrorCode, sharedErrors } from "#core/errors.ts";
import type { Language } from "./language.ts";
import type { Described } from "./registry.ts";

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

/** A failure as clients may know it; each gateway maps `kind` to what its protocol has for it. */
export interface Problem {
  readonly code: string;
  readonly kind: Kind;
  readonly title: string;
  /** What the client can do about it. */
  readonly detail: string;
  /** What else it tells, such as `errors` with one sentence for each field that is wrong. */
  readonly data: object | undefined;
  /** Seconds after which it may be asked again. */
  readonly retryAfter: number | undefined;
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

/** What a fault knows of the inside stays inside. */
const hidden: ReadonlySet<Kind> = new Set(["internal", "notImplemented", "unavailable", "timeout"]);

/** Seconds, where the error names none. */
const usualWait: Readonly<Partial<Record<Kind, number>>> = { unavailable: 2, rateLimited: 2 };

function dataOf({ kind, title }: ErrorDefinition, data: Data | undefined, language: Language): object | undefined {
  if (hidden.has(kind)) return undefined;
  // Whoever handles what is not valid finds the reason in one place, also where it is none of a single field.
  const errors = kind === "validation" && !data?.errors?.length ? [{ pointer: "", detail: title }] : data?.errors;
  if (!errors) return data;
  const told = errors.map(({ pointer, detail }) => ({
    pointer,
    detail: typeof detail === "string" ? detail : detail[language],
  }));
  return { ...data, errors: told };
}

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

  of(error: unknown, language: Language): Problem {
    const { code, definition } = this.#find(error);
    const { kind, title, advice } = definition;
    const data = (error as { data?: Data } | null)?.data;
    const retryAfter = kinds[kind].retryable ? (data?.retryAfter ?? usualWait[kind]) : undefined;
    return {
      code,
      kind,
      title: title[language],
      detail: advice[language],
      data: dataOf(definition, data, language),
      retryAfter,
    };
  }

  #find(error: unknown): Known {
    const type = (error as { type?: string } | null)?.type ?? "";
    const code = ofMoleculer[type] ?? type;
    const definition = this.#known.get(code);
    return definition ? { code, definition } : internal;
  }

  /** What a code means; undefined for one that does not exist. */
  explain(code: string): ErrorDefinition | undefined {
    return this.#known.get(code);
  }
}
