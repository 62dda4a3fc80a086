/** What an error is: its kind, what happened, and what a client can do about it. */
import type { Sentence } from "./text.ts";

/** Services think in kinds, and only gateways map them. `code` is the number of the error in Moleculer, which takes those of HTTP. */
export const kinds = {
  malformed: { code: 400, retryable: false },
  unauthenticated: { code: 401, retryable: false },
  forbidden: { code: 403, retryable: false },
  notFound: { code: 404, retryable: false },
  methodNotAllowed: { code: 405, retryable: false },
  conflict: { code: 409, retryable: false },
  refused: { code: 409, retryable: false },
  /** The same request is in progress. After the delay a retry gets its answer. */
  inProgress: { code: 409, retryable: true },
  paymentRefused: { code: 402, retryable: false },
  /** The client stopped sending in the middle of its request. */
  incomplete: { code: 408, retryable: true },
  stale: { code: 412, retryable: false },
  tooLarge: { code: 413, retryable: false },
  headersTooLarge: { code: 431, retryable: false },
  unsupportedMedia: { code: 415, retryable: false },
  validation: { code: 422, retryable: false },
  rateLimited: { code: 429, retryable: true },
  internal: { code: 500, retryable: false },
  notImplemented: { code: 501, retryable: false },
  unavailable: { code: 503, retryable: true },
  timeout: { code: 504, retryable: true },
} as const;

export type Kind = keyof typeof kinds;

/** One entry of a contract's `errors`: its kind, what happened, and what the client can do about it. */
export interface ErrorDefinition {
  readonly kind: Kind;
  readonly title: Sentence;
  readonly advice: Sentence;
}

/** Makes the definitions of one kind: first the title in English and Korean, then the advice in both. */
export const define =
  (kind: Kind) =>
  (en: string, ko: string, adviceEn: string, adviceKo: string): ErrorDefinition => ({
    kind,
    title: { en, ko },
    advice: { en: adviceEn, ko: adviceKo },
  });

export const notFound = define("notFound");
export const conflict = define("conflict");
export const refused = define("refused");
export const paymentRefused = define("paymentRefused");
export const unauthenticated = define("unauthenticated");
export const forbidden = define("forbidden");
export const invalid = define("validation");
export const unavailable = define("unavailable");
