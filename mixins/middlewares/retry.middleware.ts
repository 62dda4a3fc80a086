/**
 * Calls another node when one did not answer: always when the request certainly did not run, otherwise only where the
 * contract allows a repeated call. Moleculer's own retries wait before each attempt, and may choose the same dead node
 * again.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ActionEndpoint, Context } from "moleculer";
import { isError } from "#core/errors.ts";
import { timeLeft } from "./deadline.middleware.ts";
import { type Handler, middleware } from "./middleware.ts";

interface Options {
  /** The default is 3. */
  readonly retries?: number;
  /** Milliseconds before the second retry, doubled each time; the first one comes at once if another node exists. */
  readonly delay?: number;
}

interface Locals {
  deadline?: number;
  attempts?: number;
  /** An earlier attempt may have run, or may still run. */
  isUncertain?: boolean;
  tried?: Set<string>;
}

type Call = Context & { locals: Locals; endpoint: ActionEndpoint; options: { timeout?: number } };
interface Action {
  readonly name: string;
  readonly retryPolicy?: { readonly enabled?: boolean };
}

interface EndpointList {
  readonly endpoints: readonly (ActionEndpoint & { readonly isAvailable: boolean })[];
  select(list: readonly ActionEndpoint[], ctx: Context): ActionEndpoint;
}

/** The action that was not answered; undefined for errors of the action itself. */
const unanswered = (error: unknown): string | undefined => (error as { data?: { action?: string } }).data?.action;

/** The called node does not run this action any more, or is stopping. */
const neverRan = (error: unknown, name: string): boolean =>
  (isError(error, "SERVICE_NOT_FOUND") || isError(error, "SERVICE_NOT_AVAILABLE")) && unanswered(error) === name;

/** A service behind the action did not answer. The called node has already retried that, and waited where it helps. */
const isBehind = (error: unknown, name: string): boolean => (unanswered(error) ?? name) !== name;

const uncertain = new WeakSet<object>();

/**
 * True for an error that answers a repeated call only: an earlier attempt was not answered, so it may have had its
 * effect, or may still have it when its node is no longer frozen. A refusal then does not mean that nothing happened.
 */
export const isUncertain = (error: unknown): boolean => uncertain.has(error as object);

export const retry = middleware((broker, { retries = 3, delay = 50 }: Options = {}) => {
  const logger = broker.getLogger("retry");

  /** A node that was not tried yet; undefined when there is none. */
  const other = (ctx: Call, name: string): ActionEndpoint | undefined => {
    const list = broker.registry.getActionEndpoints(name) as unknown as EndpointList | undefined;
    const fresh = list?.endpoints.filter(({ id, isAvailable }) => isAvailable && !ctx.locals.tried!.has(id)) ?? [];
    return fresh.length > 0 ? list!.select(fresh, ctx) : undefined;
  };

  const again = async (ctx: Call, name: string, pause: number, error: unknown): Promise<unknown> => {
    const next = other(ctx, name);
    if (!next) {
      if (isBehind(error, name)) throw error;
      ctx.locals.tried!.clear();
      await wait(pause);
    }
    return broker.call((next ?? name) as string, ctx.params, { ctx: ctx.copy() } as never);
  };

  const wrap = (next: Handler<Call>, { name, retryPolicy }: Action): Handler<Call> => {
    const failed = (ctx: Call, error: unknown): Promise<unknown> => {
      const { locals } = ctx;
      const attempts = (locals.attempts ??= 0);
      // The client must wait longer than an attempt takes before it repeats a request that is still running, so it is
      // not retried here.
      const isWorthIt =
        (error as { retryable?: boolean }).retryable === true && !isError(error, "IDEMPOTENCY_IN_PROGRESS");
      const isSafe = retryPolicy?.enabled === true && isWorthIt;
      const pause = delay * 2 ** attempts;
      if (attempts >= retries || !(isSafe || neverRan(error, name)) || timeLeft(ctx) <= pause) {
        if (locals.isUncertain && error instanceof Error) uncertain.add(error);
        throw error;
      }
      locals.attempts = attempts + 1;
      locals.isUncertain ||= !neverRan(error, name);
      (locals.tried ??= new Set()).add(ctx.endpoint.id);
      logger.debug(`${name} failed on ${ctx.endpoint.id} (${(error as Error).message}), asking again.`);
      return again(ctx, name, pause, error);
    };
    return (ctx) => {
      const answer = next(ctx);
      // The caller's node decides about retries of its calls to this one.
      const isAskedByOther = ctx.nodeID !== broker.nodeID && ctx.endpoint.local;
      return isAskedByOther ? answer : answer.catch((error: unknown) => failed(ctx, error));
    };
  };
  return { name: "Retry", localAction: wrap, remoteAction: wrap };
});
