/** Errors as they travel, and tests for errors from other nodes, where classes are lost. */
import { Errors } from "moleculer";
import { type ErrorDefinition, kinds } from "./error-kind.ts";
import { sharedErrors } from "./shared-errors.ts";

export {
  conflict,
  type ErrorDefinition,
  forbidden,
  invalid,
  type Kind,
  kinds,
  notFound,
  paymentRefused,
  refused,
  unauthenticated,
  unavailable,
} from "./error-kind.ts";
export { sharedErrors } from "./shared-errors.ts";

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
