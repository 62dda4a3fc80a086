/** Records the spans of a share of the requests, chosen beforehand, so that the others cost almost nothing. */
import { randomBytes } from "node:crypto";
import * as moleculer from "moleculer";
import type { ServiceBroker } from "moleculer";
import { type Handler, middleware } from "./middleware.ts";

type LocalAction = (next: Handler, action: object) => Handler;

/** Moleculer exports its middlewares, but its types do not declare them. */
const { Tracing } = (moleculer as unknown as { Middlewares: Record<"Tracing", (broker: ServiceBroker) => object> })
  .Middlewares;

/** As a W3C trace id: 16 bytes in hex. */
const newTraceId = (): string => randomBytes(16).toString("hex");

/**
 * Every call belongs to a request, whose id is also its trace id. The choice of a client that sent `traceparent` is
 * followed.
 * @param share of the requests to record, 0 to 1
 */
export const tracing = middleware((broker, share: number) => {
  const { localAction: record } = Tracing(broker) as { localAction: LocalAction | null };
  const localAction: LocalAction = (next, action) => {
    const recorded = record ? record(next, action) : next;
    return (ctx) => {
      ctx.requestID ??= newTraceId();
      ctx.tracing ??= Math.random() < share;
      return ctx.tracing ? recorded(ctx) : next(ctx);
    };
  };
  return { name: "Tracing", localAction };
});
