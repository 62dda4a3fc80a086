/**
 * Asks another node when one did not answer: always if the request surely never ran, else only where the contract says
 * that asking twice is safe. Moleculer's own retries wait before each, and may ask the same dead node again.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ActionEndpoint, Context } from "moleculer";
import { isError } from "#core/errors.ts";
import { timeLeft } from "./deadline.middleware.ts";
import { middleware } from "./middleware.ts";

interface Options {
  readonly retries: number;
  /** Milliseconds before the second retry; the first is at once where another node is there. It doubles. */
  readonly delay: number;
}

interface Locals {
  deadline?: number;
  attempts?: number;
  tried?: Set<string>;
}

type Call = Context & { locals: Locals; endpoint: ActionEndpoint; options: { timeout?: number } };
type Handler = (ctx: Call) => Promise<unknown>;
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

/** The node that was asked does not run this action (any more), or is stopping. */
const neverRan = (error: unknown, name: string): boolean =>
  (isError(error, "SERVICE_NOT_FOUND") || isError(error, "SERVICE_NOT_AVAILABLE")) && unanswered(error) === name;

/** Something behind the action did not answer. Who asked for that has tried it again already, and waited where it helps. */
const isBehind = (error: unknown, name: string): boolean => (unanswered(error) ?? name) !== name;

export const retry = middleware((broker, { retries, delay }: Options) => {
  const logger = broker.getLogger("retry");

  /** A node that was not asked yet; nobody when there is none. */
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

  const wrap = (next: Handler, { name, retryPolicy }: Action): Handler => {
    const failed = (ctx: Call, error: unknown): Promise<unknown> => {
      const { locals } = ctx;
      const attempts = (locals.attempts ??= 0);
      // Who asks while the first request still runs must wait longer than an attempt does: that is the client's to do.
      const isWorthIt =
        (error as { retryable?: boolean }).retryable === true && !isError(error, "IDEMPOTENCY_IN_PROGRESS");
      const isSafe = retryPolicy?.enabled === true && isWorthIt;
      const pause = delay * 2 ** attempts;
      if (attempts >= retries || !(isSafe || neverRan(error, name)) || timeLeft(ctx) <= pause) throw error;
      locals.attempts = attempts + 1;
      (locals.tried ??= new Set()).add(ctx.endpoint.id);
      logger.debug(`${name} failed on ${ctx.endpoint.id} (${(error as Error).message}), asking again.`);
      return again(ctx, name, pause, error);
    };
    return (ctx) => {
      const answer = next(ctx);
      // The caller's node decides about what it asked of this one.
      const isAskedByOther = ctx.nodeID !== broker.nodeID && ctx.endpoint.local;
      return isAskedByOther ? answer : answer.catch((error: unknown) => failed(ctx, error));
    };
  };
  return { name: "Retry", localAction: wrap, remoteAction: wrap };
});
