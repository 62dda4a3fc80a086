/**
 * Limits each attempt of a call to the time in its contract, and never to more than the caller has left. So there is
 * time to ask another node, where Moleculer alone would give the first node all of the caller's time.
 */
import { type Context, Errors, type ServiceBroker } from "moleculer";
import { Timeouts } from "../node/call-timer.ts";
import { type Handler, middleware } from "./middleware.ts";

export type Timed = Context & {
  locals: { deadline?: number };
  options: { timeout?: number };
  startHrTime: [number, number] | null;
};

/** Milliseconds on this node's clock until the caller gives up, for all attempts together. */
export function timeLeft({ locals, options }: Timed): number {
  const now = performance.now();
  locals.deadline ??= options.timeout ? now + options.timeout : Infinity;
  return locals.deadline - now;
}

/** Milliseconds that the present call may take; Infinity without a limit. Who delays it looks here first. */
export const timeGiven = (ctx: object): number => (ctx as Timed).options.timeout || Infinity;

interface Pending {
  readonly pendingRequests: Map<string, { reject(error: Error): void }>;
  removePendingRequest(id: string): void;
}

/**
 * Removes the request from the transit, and ends everything that waits for it. A request that is only forgotten would
 * stay in the list of contexts for which a node waits when it stops.
 */
function giveUp(broker: ServiceBroker, id: string, error: Error): void {
  const transit = broker.transit as unknown as Pending | undefined;
  const pending = transit?.pendingRequests.get(id);
  transit?.removePendingRequest(id);
  pending?.reject(error);
}

export const deadline = middleware((broker) => {
  const timeouts = new Timeouts();

  /** @throws RequestTimeoutError when there is no answer after this many milliseconds */
  const within = (limit: number, ctx: Timed, action: string, answer: Promise<unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timeout = timeouts.begin(limit, () => {
        const error = new Errors.RequestTimeoutError({ action, nodeID: ctx.nodeID! });
        giveUp(broker, ctx.id, error);
        broker.logger.warn(`${action} was not answered within ${Math.round(limit)} ms by ${ctx.nodeID}.`);
        reject(error);
      });
      const end = () => timeouts.end(timeout);
      // Each call comes by here, and `finally` would take a tenth of its time.
      answer.then(end, end);
      answer.then(resolve, reject);
    });

  const wrap =
    (next: Handler<Timed>, { name, timeout }: { name: string; timeout?: number }): Handler<Timed> =>
    (ctx) => {
      const left = timeLeft(ctx);
      if (left <= 0) return Promise.reject(new Errors.RequestSkippedError({ action: name, nodeID: broker.nodeID }));
      const own = timeout ?? broker.options.requestTimeout!;
      const limit = own > 0 ? Math.min(own, left) : left;
      // A copy, because callers use the same options for many calls.
      ctx.options = { ...ctx.options, timeout: limit === Infinity ? 0 : limit };
      if (limit === Infinity) return next(ctx);
      // From here on Moleculer computes the time left for nested calls.
      ctx.startHrTime = process.hrtime();
      // The node that gave this limit is waiting itself.
      const isAwaited = ctx.nodeID !== broker.nodeID && ctx.endpoint!.local && limit === left;
      return isAwaited ? next(ctx) : within(limit, ctx, name, next(ctx));
    };
  return { name: "Deadline", localAction: wrap, remoteAction: wrap };
});
