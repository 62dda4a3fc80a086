/** Decides what a client learns about a failure, in its language. Internal details stay inside. */
import { errorCode } from "#core/contract.ts";
import { type ErrorDefinition, type Kind, kinds, type SharedErrorCode, sharedErrors } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import type { Described } from "./registry.ts";

/** Moleculer's own errors by their type, because classes do not survive the wire. */
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

/** A failure in the form that clients may see. Each gateway maps `kind` to its protocol. */
export interface Problem {
  readonly code: string;
  readonly kind: Kind;
  readonly title: string;
  /** What the client can do about it. */
  readonly detail: string;
  /** Further details, such as `errors` with one sentence for each invalid field. */
  readonly data: object | undefined;
  /** Seconds after which the client may retry. */
  readonly retryAfter: number | undefined;
}

interface Data {
  readonly retryAfter?: number;
  /** A fault that is found where no language is known has a sentence in each language. */
  readonly errors?: readonly {
    readonly pointer: string;
    readonly detail: string | Readonly<Record<Language, string>>;
  }[];
}

/** The internal data of a fault is left out. */
const hidden: ReadonlySet<Kind> = new Set(["internal", "notImplemented", "unavailable", "timeout"]);

/** The default, in seconds. */
const usualWait: Readonly<Partial<Record<Kind, number>>> = { unavailable: 2, rateLimited: 2 };

function dataOf({ kind, title }: ErrorDefinition, data: Data | undefined, language: Language): object | undefined {
  if (hidden.has(kind)) return undefined;
  // Clients find the reasons of an invalid request always in `errors`, even when no single field is the cause.
  const errors = kind === "validation" && !data?.errors?.length ? [{ pointer: "", detail: title }] : data?.errors;
  if (!errors) return data;
  const told = errors.map(({ pointer, detail }) => ({
    pointer,
    detail: typeof detail === "string" ? detail : detail[language],
  }));
  return { ...data, errors: told };
}

/** Fills the details of this failure in, where the sentence names them: `{permission}`. */
const filledIn = (sentence: string, data: object = {}): string =>
  sentence.replaceAll(/\{(\w+)\}/g, (name, key: string) => {
    const value = (data as Readonly<Record<string, unknown>>)[key];
    return typeof value === "string" ? value : name;
  });

export class Problems {
  #known = new Map<string, ErrorDefinition>(Object.entries(sharedErrors));

  /** Replaces the errors that services can answer. */
  learn(services: readonly Described[]): void {
    const own = services.flatMap(({ name, errors }) =>
      Object.entries(errors).map(([code, definition]) => [errorCode(name, code), definition] as const),
    );
    // Shared errors come last, because a shared code means the same everywhere, whatever a service announces.
    this.#known = new Map([...own, ...Object.entries(sharedErrors)]);
  }

  /** False for an unexpected failure. It must be logged, because the client learns nothing about it. */
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
      detail: filledIn(advice[language], data),
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

  explain(code: string): ErrorDefinition | undefined {
    return this.#known.get(code);
  }
}
