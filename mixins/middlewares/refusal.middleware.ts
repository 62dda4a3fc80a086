/**
 * What counts for circuit breakers. Moleculer's counts answers and faults, but not refusals: so a few faults among
 * thousands of wrong passwords would be all that it sees, and a breaker that is tried again stays shut while the trials are
 * refused. Between these two middlewares a refusal is an answer.
 */
import type { Context } from "moleculer";
import { middleware } from "./middleware.ts";

/**
 * Nobody was at fault: a rule refused, too many waited, the caller had no time left to ask, or the way to a node broke. Of a
 * node that is gone itself the breakers go with it.
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

type Handler = (ctx: Context) => Promise<unknown>;

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

/** Stands before the breaker. */
export const refusalsHidden = middleware(() => ({ name: "RefusalsHidden", localAction: hide, remoteAction: hide }));
/** Stands behind it. */
export const refusalsShown = middleware(() => ({ name: "RefusalsShown", localAction: show, remoteAction: show }));
