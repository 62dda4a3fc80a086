/**
 * How long each attempt of a call may take: what its contract says, and never longer than its caller still has. So there
 * is time to ask another node where Moleculer alone would give the first one all of the caller's time.
 */
import { type Context, Errors, type Middleware, type ServiceBroker } from "moleculer";

type Handler = (ctx: Timed) => Promise<unknown>;
type Timed = Context & { locals: { deadline?: number }; options: { timeout?: number } };

/** Milliseconds on this node's clock until the caller gives up, for all attempts together. */
export function timeLeft({ locals, options }: Timed): number {
  locals.deadline ??= options.timeout ? performance.now() + options.timeout : Infinity;
  return locals.deadline - performance.now();
}

/** Stands outside "Timeout", which does the waiting. */
export const deadline = (broker: ServiceBroker): Middleware => {
  const wrap =
    (next: Handler, { name, timeout }: { name: string; timeout?: number }): Handler =>
    (ctx) => {
      const left = timeLeft(ctx);
      if (left <= 0) return Promise.reject(new Errors.RequestSkippedError({ action: name, nodeID: broker.nodeID }));
      const own = timeout ?? broker.options.requestTimeout!;
      const limit = own > 0 ? Math.min(own, left) : left;
      // A copy: callers use the same options for many calls.
      ctx.options = { ...ctx.options, timeout: limit === Infinity ? 0 : limit };
      return next(ctx);
    };
  return { name: "Deadline", localAction: wrap as never, remoteAction: wrap as never };
};
