/**
 * Makes refusals count as answers for the circuit breakers. Moleculer's breaker counts answers and faults, but not
 * refusals. So among thousands of wrong passwords it would see only a few faults, and a half-open breaker would stay
 * open while its trials are refused.
 */
import { type Handler, middleware } from "./middleware.ts";

/**
 * Errors without a fault of the node: a rule refused, too many calls waited, the caller had no time left, or the
 * connection broke. The breakers of a node that is gone are removed with it.
 */
export const isFault = (error: unknown): boolean => {
  const { code, type } = error as { code?: unknown; type?: string };
  return (typeof code !== "number" || code >= 500) && type !== "REQUEST_SKIPPED" && type !== "REQUEST_REJECTED";
};

class Refusal {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

const hide =
  (next: Handler): Handler =>
  (ctx) =>
    next(ctx).catch((error: unknown) => {
      if (isFault(error)) throw error;
      return new Refusal(error);
    });

const show =
  (next: Handler): Handler =>
  (ctx) =>
    next(ctx).then((answer) => {
      if (answer instanceof Refusal) throw answer.error;
      return answer;
    });

/** Placed before the breaker. */
export const refusalsHidden = middleware(() => ({ name: "RefusalsHidden", localAction: hide, remoteAction: hide }));
/** Placed behind the breaker. */
export const refusalsShown = middleware(() => ({ name: "RefusalsShown", localAction: show, remoteAction: show }));
