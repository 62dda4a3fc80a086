/** How an order comes about, and how it is undone when it cannot. */
import type { Service } from "moleculer";
import { type Ctx, userId } from "#core/context.ts";
import type { EventData, Output } from "#core/contract.ts";
import type { Claim, Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { type Run, type Saga, type SagaDefinition, Waiting } from "#mixins/saga/saga.mixin.ts";
import { config } from "./order.config.ts";
import type { Order } from "./order.contract.ts";
import { BY_SHOP } from "./order.model.ts";
import { confirmed, refusedFor } from "./order.projection.ts";
import * as orders from "./order.repository.ts";

/** What the saga knows from its first moment; the order as it was placed. */
export interface PlaceOrder {
  readonly order: Order;
  readonly userId: string;
  readonly paymentMethod: string;
  /** The request that is answered when the saga ends. */
  readonly claim: Claim;
}

type Host = Service & {
  readonly outbox: Outbox;
  readonly idempotency: Idempotency;
  readonly saga: Saga<PlaceOrder>;
};
type PlaceOrderRun = Run<PlaceOrder>;

/** The change that makes the order: an order without its saga, or the other way round, cannot be. */
export function begin(this: Host, ctx: Ctx<{ paymentMethod: string }>, order: Order, claim: Claim): readonly Write[] {
  const user = userId(ctx);
  const { id, total, items } = order;
  return [
    ...orders.insert(user, order),
    this.outbox.event(ctx, "order.placed", `order:${id}`, { orderId: id, userId: user, total, items }),
    this.saga.begin({
      id,
      userId: user,
      correlationId: ctx.requestID,
      patience: config.ORDER_PATIENCE,
      input: { order, userId: user, paymentMethod: ctx.params.paymentMethod, claim },
    }),
  ];
}

const reserveStock = ({ ctx, id, input }: PlaceOrderRun) =>
  ctx.call("product.reserve", {
    orderId: id,
    items: input.order.items.map(({ productId, quantity }) => ({ productId, quantity })),
  });

async function authorizePayment(run: PlaceOrderRun) {
  const { ctx, id, input, results } = run;
  const { order, paymentMethod } = input;
  // Asked again: while the customer is at the bank, or the bank takes its time, the stock stays theirs.
  if (results["authorizePayment"]) await reserveStock(run);
  const payment = await ctx.call("payment.authorize", { orderId: id, amount: order.total, paymentMethod });
  const isDecided = payment.status === "requires_capture" || payment.status === "succeeded";
  return isDecided ? payment : new Waiting(payment.status, payment);
}

async function capturePayment({ ctx, id }: PlaceOrderRun) {
  const { status } = await ctx.call("payment.capture", { orderId: id });
  return status === "succeeded" ? null : new Waiting(status);
}

/** Takes back whatever has been taken: voids an authorization, refunds a capture. */
const returnPayment = ({ ctx, id }: PlaceOrderRun) =>
  ctx.call("payment.reverse", { orderId: id, reason: "order_cancelled" });

const commitStock = ({ ctx, id }: PlaceOrderRun) => ctx.call("product.commit", { orderId: id });

const releaseStock = ({ ctx, id }: PlaceOrderRun) => ctx.call("product.release", { orderId: id });

/** Coupons and points join between stock and payment (hold), and after the stock is committed (redeem). */
export const placeOrder: SagaDefinition<PlaceOrder, Host> = {
  version: 1,
  steps: [
    { name: "reserveStock", do: reserveStock, undo: releaseStock },
    { name: "authorizePayment", do: authorizePayment, undo: returnPayment },
    { name: "capturePayment", do: capturePayment, undo: returnPayment, pivot: true },
    { name: "commitStock", do: commitStock },
  ],
  attempts: config.ORDER_ATTEMPTS,
  parks: ["PAYMENT_MISMATCH"],

  waiting(run) {
    const paymentId = paymentOf(run);
    return paymentId ? [orders.setPayment(run.id, paymentId)] : [];
  },

  completed(run) {
    const { order, userId, claim } = run.input;
    const paymentId = paymentOf(run);
    const answer = confirmed(order, paymentId);
    const { id: orderId, total, items } = order;
    const writes = [
      orders.move({ id: run.id, to: "confirmed", paymentId }),
      this.outbox.event(run.ctx, "order.confirmed", `order:${orderId}`, { orderId, userId, total, items }),
      this.idempotency.settle(claim, answer),
    ];
    return { writes, answer };
  },

  compensated(run, reason) {
    const { order, userId, claim } = run.input;
    const answer = refusedFor(reason);
    const { id: orderId, total } = order;
    const { code, message } = reason;
    const writes = [
      orders.move({ id: run.id, to: "cancelled", paymentId: paymentOf(run), reason: code }),
      this.outbox.event(run.ctx, "order.cancelled", `order:${orderId}`, {
        orderId,
        userId,
        total,
        reason: { code, message },
        ...paymentAfter(run, code),
      }),
      this.idempotency.settle(claim, answer),
    ];
    return { writes, answer };
  },

  parked(run, { code, message }) {
    const { order, userId } = run.input;
    const { id: orderId, total } = order;
    const alarm = () => this.logger.error(`The order ${orderId} needs attention: ${code}.`);
    return [
      {
        ...orders.move({ id: run.id, to: "needs_attention", paymentId: paymentOf(run), reason: code }),
        afterCommit: alarm,
      },
      this.outbox.event(run.ctx, "order.parked", `order:${orderId}`, {
        orderId,
        userId,
        total,
        reason: { code, message },
      }),
    ];
  },
};

/**
 * What became of the payment. It is returned last of all, so that nothing is left to return when that is done; an order
 * that a person ended may have left it as it was, and of an undo by an older version nothing is known.
 */
function paymentAfter({ results }: PlaceOrderRun, code: string): Pick<EventData<"order.cancelled">, "payment"> {
  const returned = results["authorizePayment:undo"] as Output<"payment.reverse"> | undefined;
  if (returned) return { payment: returned.status };
  return results["authorizePayment"] || code === BY_SHOP ? {} : { payment: "none" };
}

const paymentOf = ({ results }: PlaceOrderRun): string | null =>
  (results["authorizePayment"] as { paymentId: string } | undefined)?.paymentId ?? null;
