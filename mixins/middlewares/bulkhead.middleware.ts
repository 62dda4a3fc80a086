/**
 * Limits how many calls of one action a node works on at once: more wait in line, and beyond that are refused. Moleculer's
 * own does the same, but sets four gauges for each call, which costs more than the rest of it.
 */
import { type Context, Errors, type Middleware, type ServiceBroker } from "moleculer";

interface Options {
  /** Calls of one action at once. */
  readonly concurrency: number;
  /** Calls of one action that may wait. */
  readonly queue: number;
}

type Handler = (ctx: Context) => Promise<unknown>;

export const bulkhead =
  ({ concurrency, queue }: Options) =>
  (broker: ServiceBroker): Middleware => {
    const localAction = (next: Handler, { name }: { name: string }): Handler => {
      const waiting: (() => void)[] = [];
      let active = 0;
      const leave = () => {
        active -= 1;
        waiting.shift()?.();
      };
      const enter: Handler = (ctx) => {
        active += 1;
        return next(ctx).then(
          (answer) => {
            leave();
            return answer;
          },
          (error: unknown) => {
            leave();
            throw error;
          },
        );
      };
      return (ctx) => {
        if (active < concurrency) return enter(ctx);
        if (waiting.length >= queue)
          return Promise.reject(new Errors.QueueIsFullError({ action: name, nodeID: broker.nodeID }));
        return new Promise((resolve) => waiting.push(() => resolve(enter(ctx))));
      };
    };
    return { name: "Bulkhead", localAction: localAction as never };
  };
