/**
 * How long each attempt of a call may take: what its contract says, and never longer than its caller still has. So there
 * is time to ask another node where Moleculer alone would give the first one all of the caller's time.
 */
import { type Context, Errors, type ServiceBroker } from "moleculer";
import { Timeouts } from "../node/timeouts.ts";
import { middleware } from "./middleware.ts";

type Handler = (ctx: Timed) => Promise<unknown>;
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

/** Milliseconds that the call at hand was given; Infinity for as long as it takes. Whoever lets it wait says so before. */
export const timeGiven = (ctx: object): number => (ctx as Timed).options.timeout || Infinity;

interface Pending {
  readonly pendingRequests: Map<string, { reject(error: Error): void }>;
  removePendingRequest(id: string): void;
}

/**
 * The transit waits no longer for the answer, and everything that waits for the transit ends too: a request that is only
 * forgotten stays in the list of contexts that a node waits for when it stops.
 */
function giveUp(broker: ServiceBroker, id: string, error: Error): void {
  const transit = broker.transit as unknown as Pending | undefined;
  const pending = transit?.pendingRequests.get(id);
  transit?.removePendingRequest(id);
  pending?.reject(error);
}

export const deadline = middleware((broker) => {
  const timeouts = new Timeouts();

  /** @throws RequestTimeoutError when there is no answer after so many milliseconds */
  const within = (limit: number, ctx: Timed, action: string, answer: Promise<unknown>): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const timeout = timeouts.begin(limit, () => {
        const error = new Errors.RequestTimeoutError({ action, nodeID: ctx.nodeID! });
        giveUp(broker, ctx.id, error);
        broker.logger.warn(`${action} was not answered within ${Math.round(limit)} ms by ${ctx.nodeID}.`);
        reject(error);
      });
      answer.then(
        (value) => {
          timeouts.end(timeout);
          resolve(value);
        },
        (error: unknown) => {
          timeouts.end(timeout);
          reject(error);
        },
      );
    });

  const wrap =
    (next: Handler, { name, timeout }: { name: string; timeout?: number }): Handler =>
    (ctx) => {
      const left = timeLeft(ctx);
      if (left <= 0) return Promise.reject(new Errors.RequestSkippedError({ action: name, nodeID: broker.nodeID }));
      const own = timeout ?? broker.options.requestTimeout!;
      const limit = own > 0 ? Math.min(own, left) : left;
      // A copy: callers use the same options for many calls.
      ctx.options = { ...ctx.options, timeout: limit === Infinity ? 0 : limit };
      if (limit === Infinity) return next(ctx);
      // From then on Moleculer counts what is left for the calls that this one makes.
      ctx.startHrTime = process.hrtime();
      // Another node that gave so much time waits there.
      const isAwaited = ctx.nodeID !== broker.nodeID && ctx.endpoint!.local && limit === left;
      return isAwaited ? next(ctx) : within(limit, ctx, name, next(ctx));
    };
  return { name: "Deadline", localAction: wrap, remoteAction: wrap };
});
