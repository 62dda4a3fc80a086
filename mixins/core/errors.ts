/** Error kinds, the errors every service shares, and tests that survive the wire (classes do not). */
import { Errors } from "moleculer";

/** Only edges translate a kind; services think in kinds. `status` is what HTTP answers for it. */
export const kinds = {
  malformed: { status: 400, retryable: false },
  unauthenticated: { status: 401, retryable: false },
  forbidden: { status: 403, retryable: false },
  notFound: { status: 404, retryable: false },
  methodNotAllowed: { status: 405, retryable: false },
  conflict: { status: 409, retryable: false },
  refused: { status: 409, retryable: false },
  paymentRefused: { status: 402, retryable: false },
  stale: { status: 412, retryable: false },
  tooLarge: { status: 413, retryable: false },
  unsupportedMedia: { status: 415, retryable: false },
  validation: { status: 422, retryable: false },
  rateLimited: { status: 429, retryable: true },
  internal: { status: 500, retryable: false },
  notImplemented: { status: 501, retryable: false },
  unavailable: { status: 503, retryable: true },
  timeout: { status: 504, retryable: true },
} as const;

export type Kind = keyof typeof kinds;

/** A sentence in the languages customers read. */
interface Sentence {
  readonly en: string;
  readonly ko: string;
}

/** One entry of a contract's `errors`: its kind, what happened, and what the client can do about it. */
export interface ErrorDefinition {
  readonly kind: Kind;
  readonly title: Sentence;
  /** Advice of this error's own; without it the kind's is given. */
  readonly detail?: Sentence;
}

/** Makes one kind's definitions: the title in English and Korean, then the advice in both. */
const define =
  (kind: Kind) =>
  (
    ...[en, ko, adviceEn, adviceKo]: [en: string, ko: string, adviceEn?: string, adviceKo?: string]
  ): ErrorDefinition => ({
    kind,
    title: { en, ko },
    ...(adviceEn && adviceKo ? { detail: { en: adviceEn, ko: adviceKo } } : {}),
  });

export const notFound = define("notFound");
export const conflict = define("conflict");
export const refused = define("refused");
export const paymentRefused = define("paymentRefused");
export const unauthenticated = define("unauthenticated");
export const forbidden = define("forbidden");
export const invalid = define("validation");
export const unavailable = define("unavailable");

/** Errors that any action may answer, whatever its service. Their codes carry no service prefix. */
export const sharedErrors = {
  MALFORMED_JSON: define("malformed")("The body is not valid JSON", "요청 본문이 올바른 JSON이 아닙니다"),
  MALFORMED_REQUEST: define("malformed")("The request cannot be read", "요청을 해석할 수 없습니다"),
  UNAUTHENTICATED: unauthenticated("Sign in to continue", "로그인이 필요합니다"),
  TOKEN_EXPIRED: unauthenticated("The access token has expired", "액세스 토큰이 만료되었습니다"),
  TOKEN_INVALID: unauthenticated("The access token is not valid", "액세스 토큰이 유효하지 않습니다"),
  SESSION_ENDED: unauthenticated(
    "The session has ended",
    "세션이 종료되었습니다",
    "Sign in again.",
    "다시 로그인해 주세요.",
  ),
  FORBIDDEN: forbidden("You may not do this", "권한이 없습니다"),
  NOT_FOUND: notFound("Nothing is here", "요청하신 내용을 찾을 수 없습니다"),
  METHOD_NOT_ALLOWED: define("methodNotAllowed")("This method is not allowed here", "허용되지 않는 메서드입니다"),
  STALE_VERSION: define("stale")("It was changed in the meantime", "그사이 내용이 변경되었습니다"),
  PAYLOAD_TOO_LARGE: define("tooLarge")("The body is too large", "요청 본문이 너무 큽니다"),
  UNSUPPORTED_MEDIA_TYPE: define("unsupportedMedia")("Send application/json", "application/json 형식으로 보내 주세요"),
  VALIDATION_FAILED: invalid("The request is not valid", "입력값을 확인해 주세요"),
  IDEMPOTENCY_KEY_REQUIRED: invalid("An Idempotency-Key header is required", "Idempotency-Key 헤더가 필요합니다"),
  IDEMPOTENCY_KEY_REUSED: invalid(
    "This Idempotency-Key was used with another request",
    "이미 다른 요청에 사용된 Idempotency-Key입니다",
  ),
  IDEMPOTENCY_IN_PROGRESS: conflict(
    "A request with this Idempotency-Key is still running",
    "같은 Idempotency-Key의 요청을 처리하고 있습니다",
  ),
  RATE_LIMITED: define("rateLimited")("Too many requests", "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요"),
  INTERNAL_ERROR: define("internal")("Something went wrong", "오류가 발생했습니다"),
  NOT_IMPLEMENTED: define("notImplemented")(
    "This transfer coding is not understood",
    "지원하지 않는 전송 코딩입니다",
    "Send the body as it is, or with `Transfer-Encoding: chunked` alone.",
    "본문을 그대로 보내거나 `Transfer-Encoding: chunked`만 사용해 주세요.",
  ),
  SERVICE_UNAVAILABLE: unavailable("The service is unavailable", "서비스를 잠시 이용할 수 없습니다"),
  STORAGE_UNAVAILABLE: unavailable("The service cannot store data now", "지금은 데이터를 저장할 수 없습니다"),
  REQUEST_TIMEOUT: define("timeout")("The answer took too long", "응답 시간이 초과되었습니다"),
} as const satisfies Record<string, ErrorDefinition>;

export type SharedErrorCode = keyof typeof sharedErrors;

/**
 * Makes the error that travels: `type` is the stable code, `code` the HTTP status of its kind.
 * @param data details for the client; never secrets, since edges pass it on
 */
export function toError(code: string, definition: ErrorDefinition, data?: object): Errors.MoleculerError {
  const { status, retryable } = kinds[definition.kind];
  const error = new Errors.MoleculerError(definition.title.en, status, code, data);
  error.retryable = retryable;
  return error;
}

/** @throws never; returns the shared error with this code, ready to be thrown */
export const sharedError = (code: SharedErrorCode, data?: object): Errors.MoleculerError =>
  toError(code, sharedErrors[code], data);

/** True when `error` carries this stable code, wherever it was thrown. */
export const isError = (error: unknown, code: string): boolean => (error as { type?: string } | null)?.type === code;

/** True for an answer that is final: a rule refused the request, so asking again changes nothing. */
export function isRefusal(error: unknown): boolean {
  const { code, type } = error as { code?: unknown; type?: string };
  // Moleculer answers 404 for a service that is merely away; that says nothing about the request.
  if (type === "SERVICE_NOT_FOUND" || type === "SERVICE_NOT_AVAILABLE") return false;
  // The first request with this key has not been answered: nor has this one.
  if (type === "IDEMPOTENCY_IN_PROGRESS") return false;
  return typeof code === "number" && code >= 400 && code < 500 && code !== 429;
}
