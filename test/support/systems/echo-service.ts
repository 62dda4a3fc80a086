/** A service for tests of the broker, which answers which node it runs on, and another that forwards calls to it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Context, ServiceSchema } from "moleculer";

const isSafe = { retryPolicy: { enabled: true } };

export const echo: ServiceSchema = {
  name: "echo",
  version: 1,
  actions: {
    where: { ...isSafe, handler: (ctx: Context<{ pause?: number; id?: string }>) => answer(ctx) },
    once: (ctx: Context<{ pause?: number }>) => answer(ctx),
    /** The node dies when it has answered. */
    last: {
      timeout: 60_000,
      handler(ctx: Context<object>) {
        setTimeout(() => process.kill(process.pid, "SIGKILL"), 50);
        return answer(ctx);
      },
    } as never,
    fail() {
      throw new Error("It fails.");
    },
  },
};

/** Calls `echo` from a node of its own, as one service calls another. */
export const forwarder: ServiceSchema = {
  name: "forwarder",
  version: 1,
  actions: {
    where: {
      ...isSafe,
      timeout: 10_000,
      handler: (ctx: Context<object>) => ctx.call("v1.echo.where", ctx.params),
    } as never,
    once: (ctx: Context<object>) => ctx.call("v1.echo.once", ctx.params),
    last: { timeout: 60_000, handler: (ctx: Context<object>) => ctx.call("v1.echo.last", ctx.params) } as never,
  },
};

async function answer({ params, broker }: Context<{ pause?: number }>): Promise<string> {
  if (params.pause) await sleep(params.pause);
  return broker.nodeID;
}

export const services = [echo];
