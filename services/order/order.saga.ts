/** The saga of an order: how it is placed, and how it is undone when that fails. */
import type { Service } from "moleculer";
import type { EventData, Output } from "#core/contract.ts";
import type { Claim, Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { type Run, type Saga, type SagaDefinition, type Step, Waiting } from "#mixins/saga/saga.mixin.ts";
import type { Order } from "./answer.contract.ts";
import { capturedFirst } from "./capture.repository.ts";
import { delivered } from "./fulfilment.repository.ts";
import type { PlaceOrder } from "./placement.model.ts";
import { payableOf } from "./point.model.ts";
import type { Numbers } from "./number.mixin.ts";
import { config } from "./order.config.ts";
import { BY_SHOP } from "./order.model.ts";
import { type Answer, confirmed, refusedFor } from "./order.projection.ts";
import { type OrderTables, setPayment } from "./order.repository.ts";
import { moves, transition } from "./order.transition.ts";
import { captureIdOf, goodsIn } from "./title.model.ts";
import {
  captureFilms,
  type CapturedFirst,
  granting,
  hasFilms,
  holding,
  holdTitles,
  isCapturedFirst,
} from "./title.saga.ts";

export type Host = Service & {
  readonly db: Database<OrderTables>;
  readonly outbox: Outbox;
  readonly idempotency: Idempotency;
  readonly saga: Saga<PlaceOrder>;
  readonly numbers: Numbers;
};
type PlaceOrderRun = Run<PlaceOrder>;

/** The first step of a saga is never passed over, so it does nothing for films alone. */
async function reserveStock({ ctx, id, input }: PlaceOrderRun) {
  if (!hasGoods(input)) return null;
  const items = goodsIn(input.order.items).map(({ productId, quantity }) => ({ productId, quantity }));
  return ctx.call("product.reserve", { orderId: id, items });
}

async function authorizePayment(run: PlaceOrderRun) {
  const { ctx, id, input, results } = run;
  const { order, paymentMethod, capture } = input;
  // A retry extends what is held, so that it stays the customer's during 3-D Secure or a slow bank.
  if (results["authorizePayment"]) {
    await reserveStock(run);
    if (hasFilms(input)) await holdTitles(run);
    if (hasBenefits(input)) await holdBenefits(run);
  }
  const payment = await ctx.call("payment.authorize", {
    orderId: id,
    amount: payableOf(order),
    paymentMethod,
    ...(capture && { capture: capture === "at_once" }),
  });
  const isDecided = payment.status === "requires_capture" || payment.status === "succeeded";
  return isDecided ? payment : new Waiting(payment.status, payment);
}

async function capturePayment(run: PlaceOrderRun) {
  const { ctx, id, input } = run;
  if (input.capture === "shipment") return captureFilms(run);
  const { status } = await ctx.call("payment.capture", { orderId: id });
  return status === "succeeded" ? null : new Waiting(status);
}

/** Returns the money: voids an authorization, or refunds a capture. */
const returnPayment = ({ ctx, id }: PlaceOrderRun) =>
  ctx.call("payment.reverse", { orderId: id, reason: "order_cancelled" });

const commitStock = ({ ctx, id }: PlaceOrderRun) => ctx.call("product.commit", { orderId: id });

const releaseStock = async ({ ctx, id, input }: PlaceOrderRun) =>
  hasGoods(input) ? ctx.call("product.release", { orderId: id }) : null;

const holdBenefits = ({ ctx, id, input }: PlaceOrderRun) =>
  ctx.call("user.holdBenefits", {
    orderId: id,
    coupons: (input.order.coupons ?? []).map(({ id: coupon, version, amount }) => ({ id: coupon, version, amount })),
    ...(input.order.points !== undefined && { points: input.order.points }),
  });

const redeemBenefits = ({ ctx, id }: PlaceOrderRun) => ctx.call("user.redeemBenefits", { orderId: id });

const releaseBenefits = ({ ctx, id }: PlaceOrderRun) => ctx.call("user.releaseBenefits", { orderId: id });

const hasGoods = ({ order }: PlaceOrder): boolean => goodsIn(order.items).length > 0;

/** Orders without coupons and points ask the user service nothing. */
const hasBenefits = ({ order }: PlaceOrder): boolean => order.coupons !== undefined || order.points !== undefined;

/** An order of which coupons and points leave nothing to pay has no payment. */
const isPaid = ({ order }: PlaceOrder): boolean => payableOf(order).amount > 0;

/** Of an order that is captured at once, the authorization is the capture. Of one that is captured as it is sent, only films are captured here. */
const isCapturedHere = (input: PlaceOrder): boolean =>
  isPaid(input) && (input.capture === undefined || isCapturedFirst(input));

const reserving: Step<PlaceOrder> = { name: "reserveStock", do: reserveStock, undo: releaseStock };
const authorizing: Step<PlaceOrder> = { name: "authorizePayment", do: authorizePayment, undo: returnPayment };
const taking: Step<PlaceOrder> = { name: "capturePayment", do: capturePayment, undo: returnPayment, pivot: true };
const committing: Step<PlaceOrder> = { name: "commitStock", do: commitStock };
const benefits: Step<PlaceOrder> = {
  name: "holdBenefits",
  do: holdBenefits,
  undo: releaseBenefits,
  when: hasBenefits,
};
const paying: readonly Step<PlaceOrder>[] = [
  benefits,
  { ...authorizing, when: isPaid },
  { ...taking, when: isCapturedHere },
];
const redeeming: Step<PlaceOrder> = { name: "redeemBenefits", do: redeemBenefits, when: hasBenefits };

export const placeOrder: SagaDefinition<PlaceOrder, Host> = {
  version: 4,
  steps: [reserving, holding, ...paying, { ...committing, when: hasGoods }, redeeming, granting],
  attempts: config.ORDER_ATTEMPTS,
  parks: ["PAYMENT_MISMATCH"],

  waiting(run) {
    const paymentId = paymentOf(run);
    return paymentId ? [setPayment(run.id, paymentId)] : [];
  },

  completed(run) {
    const { order, claim } = run.input;
    const paymentId = paymentOf(run);
    const answer = confirmed(order, paymentId);
    const { items } = order;
    const told = { ...about(run), ...feesIn(order), ...pointsIn(order), items };
    const writes = [
      ...transition(causedBy(this, run), moves.confirm, { paymentId, answer }, told),
      ...(hasFilms(run.input) ? delivered(run.id, !hasGoods(run.input)) : []),
      ...filmsCaptured(run),
      ...settled.call(this, claim, answer),
    ];
    return { writes, answer };
  },

  compensated(run, reason) {
    const answer = refusedFor(reason);
    const { code, message } = reason;
    const told = { ...about(run), reason: { code, message }, ...paymentAfter(run, code) };
    const writes = [
      ...transition(causedBy(this, run), moves.cancel, { paymentId: paymentOf(run), reason: code, answer }, told),
      ...settled.call(this, run.input.claim, answer),
    ];
    return { writes, answer };
  },

  parked(run, { code, message }) {
    const told = { ...about(run), reason: { code, message } };
    const [move, event] = transition(
      causedBy(this, run),
      moves.park,
      { paymentId: paymentOf(run), reason: code },
      told,
    );
    const afterCommit = () => this.logger.error(`The order ${run.id} needs attention: ${code}.`);
    return [{ ...move, afterCommit }, event];
  },
};

/** Of the releases before: their orders go on by these. None of these has films. */
export const placeOrderBefore: SagaDefinition<PlaceOrder, Host> = {
  ...placeOrder,
  version: 3,
  steps: [reserving, ...paying, committing, redeeming],
};

/** All of its orders are captured when they are placed. */
export const placeOrderSecond: SagaDefinition<PlaceOrder, Host> = { ...placeOrderBefore, version: 2 };

/** None of its orders has coupons. */
export const placeOrderFirst: SagaDefinition<PlaceOrder, Host> = {
  ...placeOrderBefore,
  version: 1,
  steps: [reserving, authorizing, taking, committing],
};

const about = ({ id, input: { order, userId } }: PlaceOrderRun) => ({
  orderId: id,
  userId,
  ...numberIn(order),
  total: order.total,
});

/** Absent for an order that a person ended before its films were captured. */
function filmsCaptured({ id, input, results }: PlaceOrderRun): readonly Write[] {
  const first = isCapturedFirst(input) ? (results["capturePayment"] as CapturedFirst | undefined) : undefined;
  return first ? capturedFirst(captureIdOf(id), id, first.amount, first.isFinal) : [];
}

/** A node of the release before gave its orders neither. */
const feesIn = ({ shipping, tax }: Partial<Order>) => ({ ...(shipping && { shipping }), ...(tax && { tax }) });
export const pointsIn = ({ points, payable }: Order) => ({
  ...(points !== undefined && { points }),
  ...(payable && { payable }),
});
export const numberIn = ({ number }: Order) => (number === undefined ? {} : { number });

const causedBy = ({ outbox }: Host, { ctx }: PlaceOrderRun) => ({ outbox, cause: ctx });

/** For an order that a node of the release before placed, whose request finds its answer there. */
function settled(this: Host, claim: Claim, answer: Answer): readonly Write[] {
  return claim.key === "" ? [] : [this.idempotency.settle(claim, answer)];
}

/**
 * The outcome of the payment. The payment is reversed last, so nothing is left to return when that is done. An order
 * that a person ended may have kept its payment, and the outcome of an older version's compensation is unknown.
 */
function paymentAfter({ results }: PlaceOrderRun, code: string): Pick<EventData<"order.cancelled">, "payment"> {
  const returned = results["authorizePayment:undo"] as Output<"payment.reverse"> | undefined;
  if (returned) return { payment: returned.status };
  return results["authorizePayment"] || code === BY_SHOP ? {} : { payment: "none" };
}

const paymentOf = ({ results }: PlaceOrderRun): string | null =>
  (results["authorizePayment"] as { paymentId: string } | undefined)?.paymentId ?? null;
