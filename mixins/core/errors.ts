/** Error kinds, the errors that all services share, and tests for errors from other nodes, where classes are lost. */
import { Errors } from "moleculer";
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
const define =
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

/** Errors that every action may answer. Their codes carry no service prefix. */
export const sharedErrors = {
  MALFORMED_JSON: define("malformed")(
    "The body is not valid JSON",
    "요청 본문이 올바른 JSON이 아닙니다",
    "Check the body with a JSON parser and send it again as UTF-8.",
    "JSON 문법을 확인하고 UTF-8로 다시 보내 주세요.",
  ),
  MALFORMED_REQUEST: define("malformed")(
    "The request cannot be read",
    "요청을 해석할 수 없습니다",
    "Check the address, its percent-encoding and the headers, then send it again.",
    "주소와 퍼센트 인코딩, 헤더를 확인한 뒤 다시 보내 주세요.",
  ),
  REQUEST_INCOMPLETE: define("incomplete")(
    "The rest of the request did not arrive",
    "요청이 끝까지 전송되지 않았습니다",
    "Send the headers within 10 seconds and all of the request within 30, on a new connection.",
    "새 연결에서 헤더는 10초, 요청 전체는 30초 안에 보내 주세요.",
  ),
  HEADERS_TOO_LARGE: define("headersTooLarge")(
    "The headers are too large",
    "요청 헤더가 너무 큽니다",
    "Send at most 16 KiB of headers: fewer cookies, or a shorter address.",
    "쿠키를 줄이거나 주소를 짧게 하여 헤더를 16KiB 이하로 보내 주세요.",
  ),
  UNAUTHENTICATED: unauthenticated(
    "Sign in to continue",
    "로그인이 필요합니다",
    "Sign in, and send the access token as `Authorization: Bearer`.",
    "로그인한 뒤 액세스 토큰을 `Authorization: Bearer` 헤더에 담아 보내 주세요.",
  ),
  TOKEN_EXPIRED: unauthenticated(
    "The access token has expired",
    "액세스 토큰이 만료되었습니다",
    "Get a new access token with the refresh token, then repeat the request.",
    "리프레시 토큰으로 액세스 토큰을 새로 받은 뒤 다시 요청해 주세요.",
  ),
  TOKEN_INVALID: unauthenticated(
    "The access token is not valid",
    "액세스 토큰이 유효하지 않습니다",
    "Send the access token as it was issued, or sign in again.",
    "발급받은 액세스 토큰을 그대로 보내거나 다시 로그인해 주세요.",
  ),
  SESSION_ENDED: unauthenticated(
    "The session has ended",
    "세션이 종료되었습니다",
    "Sign in again.",
    "다시 로그인해 주세요.",
  ),
  FORBIDDEN: forbidden(
    "You may not do this",
    "권한이 없습니다",
    "Your account lacks the role for this. Ask an administrator if you need it.",
    "이 계정에는 필요한 권한이 없습니다. 필요하면 관리자에게 문의해 주세요.",
  ),
  NOT_FOUND: notFound(
    "Nothing is here",
    "요청하신 내용을 찾을 수 없습니다",
    "It does not exist, or it is not yours.",
    "존재하지 않거나 접근할 수 없는 항목입니다.",
  ),
  METHOD_NOT_ALLOWED: define("methodNotAllowed")(
    "This method is not allowed here",
    "허용되지 않는 메서드입니다",
    "Use one of the methods that the Allow header names.",
    "Allow 헤더에 있는 메서드를 사용해 주세요.",
  ),
  STALE_VERSION: define("stale")(
    "It was changed in the meantime",
    "그사이 내용이 변경되었습니다",
    "Read it again, and repeat your change with the new ETag.",
    "다시 조회한 뒤 새 ETag로 변경해 주세요.",
  ),
  PAYLOAD_TOO_LARGE: define("tooLarge")(
    "The body is too large",
    "요청 본문이 너무 큽니다",
    "Send a smaller body.",
    "본문의 크기를 줄여 다시 보내 주세요.",
  ),
  UNSUPPORTED_MEDIA_TYPE: define("unsupportedMedia")(
    "Send application/json",
    "application/json 형식으로 보내 주세요",
    "Set `Content-Type: application/json` and send the body as JSON.",
    "`Content-Type: application/json` 헤더와 함께 JSON 본문을 보내 주세요.",
  ),
  VALIDATION_FAILED: invalid(
    "The request is not valid",
    "입력값을 확인해 주세요",
    "Correct what `errors` names, and send it again.",
    "`errors`에 있는 항목을 수정한 뒤 다시 보내 주세요.",
  ),
  IDEMPOTENCY_KEY_REQUIRED: invalid(
    "An Idempotency-Key header is required",
    "Idempotency-Key 헤더가 필요합니다",
    "Send 1 to 255 visible ASCII characters, such as a new UUID for each new request, and never a card number.",
    "새 요청마다 UUID처럼 공백 없는 ASCII 문자 1~255자를 보내 주세요. 카드 번호는 사용할 수 없습니다.",
  ),
  IDEMPOTENCY_KEY_REUSED: invalid(
    "This Idempotency-Key was used with another request",
    "이미 다른 요청에 사용된 Idempotency-Key입니다",
    "Use a new key for a new request, or repeat the first request unchanged.",
    "새 요청에는 새 키를 사용하고, 재시도할 때는 처음과 똑같이 보내 주세요.",
  ),
  IDEMPOTENCY_IN_PROGRESS: define("inProgress")(
    "A request with this Idempotency-Key is still running",
    "같은 Idempotency-Key의 요청을 처리하고 있습니다",
    "Wait as long as Retry-After says, then repeat the request with the same key.",
    "Retry-After 헤더의 시간만큼 기다린 뒤 같은 키로 다시 요청해 주세요.",
  ),
  RATE_LIMITED: define("rateLimited")(
    "Too many requests",
    "요청이 너무 많습니다. 잠시 후 다시 시도해 주세요",
    "Wait as long as Retry-After says, and send fewer requests.",
    "Retry-After 헤더의 시간만큼 기다린 뒤 요청 횟수를 줄여 주세요.",
  ),
  INTERNAL_ERROR: define("internal")(
    "Something went wrong",
    "오류가 발생했습니다",
    "It has been recorded. Name the `traceId` if you report it.",
    "오류가 기록되었습니다. 문의하실 때 `traceId`를 알려 주세요.",
  ),
  NOT_IMPLEMENTED: define("notImplemented")(
    "This transfer coding is not understood",
    "지원하지 않는 전송 코딩입니다",
    "Send the body as it is, or with `Transfer-Encoding: chunked` alone.",
    "본문을 그대로 보내거나 `Transfer-Encoding: chunked`만 사용해 주세요.",
  ),
  SERVICE_UNAVAILABLE: unavailable(
    "The service is unavailable",
    "서비스를 잠시 이용할 수 없습니다",
    "Try again in a moment.",
    "잠시 후 다시 시도해 주세요.",
  ),
  ANSWER_LOST: unavailable(
    "The answer was lost",
    "응답을 받지 못했습니다",
    "What you asked for may have happened: look for it first, or ask again with the same Idempotency-Key.",
    "요청이 이미 처리되었을 수 있습니다. 먼저 결과를 확인하거나 같은 Idempotency-Key로 다시 요청해 주세요.",
  ),
  STORAGE_UNAVAILABLE: unavailable(
    "The service cannot store data now",
    "지금은 데이터를 저장할 수 없습니다",
    "Nothing was changed. Try again in a moment.",
    "변경된 내용은 없습니다. 잠시 후 다시 시도해 주세요.",
  ),
  REQUEST_TIMEOUT: define("timeout")(
    "The answer took too long",
    "응답 시간이 초과되었습니다",
    "It may still have happened: look before you repeat it, or repeat it with the same Idempotency-Key.",
    "이미 처리되었을 수 있습니다. 결과를 확인하거나 같은 Idempotency-Key로 다시 요청해 주세요.",
  ),
} as const satisfies Record<string, ErrorDefinition>;

export type SharedErrorCode = keyof typeof sharedErrors;

/**
 * Makes the error that travels: `type` is the stable code, `code` the number of its kind.
 * @param data details for the client; never secrets, since gateways pass it on
 */
export function toError(code: string, definition: ErrorDefinition, data?: object): Errors.MoleculerError {
  const { code: number, retryable } = kinds[definition.kind];
  const error = new Errors.MoleculerError(definition.title.en, number, code, data);
  error.retryable = retryable;
  return error;
}

export const sharedError = (code: SharedErrorCode, data?: object): Errors.MoleculerError =>
  toError(code, sharedErrors[code], data);

/** True when `error` carries this stable code, wherever it was thrown. */
export const isError = (error: unknown, code: string): boolean => (error as { type?: string } | null)?.type === code;

/** True for an answer that is final: a rule refused the request, so asking again changes nothing. */
export function isRefusal(error: unknown): boolean {
  const { code, type } = error as { code?: unknown; type?: string };
  // Moleculer answers 404 for a service that is merely not reachable now. That says nothing about the request.
  if (type === "SERVICE_NOT_FOUND" || type === "SERVICE_NOT_AVAILABLE") return false;
  // The first request with this key has no answer yet, so this one has none either.
  if (type === "IDEMPOTENCY_IN_PROGRESS") return false;
  return typeof code === "number" && code >= 400 && code < 500 && code !== 429;
}
