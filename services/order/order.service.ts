/** Orders: priced, placed by a saga, followed, cancelled, and set right by staff. */
import type { Service } from "moleculer";
import { newId, now, timestamp } from "#core/clock.ts";
import type { Input, Output } from "#core/contract.ts";
import { type Ctx, idempotencyKey, userId } from "#core/context.ts";
import { fitting } from "#core/cursor.ts";
import type { Envelope } from "#core/envelope.ts";
import { isError } from "#core/errors.ts";
import { implement } from "#core/implement.ts";
import { formatMoney } from "#core/money.ts";
import { requireReachable } from "#mixins/node/reachable.ts";
import { database } from "#mixins/database/database.mixin.ts";
import type { Database } from "#mixins/database/database.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { type Idempotency, idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { deadLetterHandlers, inbox } from "#mixins/inbox/inbox.mixin.ts";
import { type Outbox, outbox } from "#mixins/outbox/outbox.mixin.ts";
import { replayHandlers } from "#mixins/outbox/replay.ts";
import { type Saga, saga } from "#mixins/saga/saga.mixin.ts";
import { sagaHandlers } from "#mixins/saga/unfinished.ts";
import { forget } from "./erasure.repository.ts";
import { lookup } from "./lookup.repository.ts";
import { config } from "./order.config.ts";
import { type Order, order as contract } from "./order.contract.ts";
import {
  beginning,
  cancelledBy,
  checkPaymentMethod,
  checkQuote,
  entryOf,
  isCancellable,
  newOrder,
  standing,
  timelineOf,
} from "./order.model.ts";
import { type Answer, orderIn } from "./order.projection.ts";
import { price } from "./order.pricing.ts";
import * as orders from "./order.repository.ts";
import * as quotes from "./quote.repository.ts";
import { begin, type PlaceOrder, placeOrder } from "./order.saga.ts";

type Host = Service & {
  readonly db: Database<orders.OrderTables>;
  readonly outbox: Outbox;
  readonly idempotency: Idempotency;
  readonly saga: Saga<PlaceOrder>;
};

/** @throws NOT_FOUND for an order that is not there, or not theirs */
function found<T>(order: T | undefined): T {
  if (order === undefined) throw contract.error("NOT_FOUND");
  return order;
}

/** Staff see every order, customers their own. */
const ownerOf = (ctx: Ctx): orders.Owner =>
  ctx.user?.roles.some((role) => role === "staff" || role === "admin") ? null : userId(ctx);

export default implement(contract, {
  mixins: [
    database<orders.OrderTables>({ migrations: new URL("./migrations/", import.meta.url) }),
    outbox(),
    inbox(),
    idempotency(),
    saga(placeOrder),
    erasure(forget),
  ],

  actions: {
    ...deadLetterHandlers,
    ...replayHandlers,
    ...sagaHandlers,

    async quote(ctx) {
      const first = await this.idempotency.replay(ctx);
      if (first) return first as Output<"order.quote">;
      const { items, total } = await price(ctx, ctx.params.items);
      const quote = { id: newId(), items, expiresAt: now() + config.ORDER_QUOTE_TTL };
      return this.idempotency.once(ctx, async (tx) => {
        quotes.insert(tx, userId(ctx), quote);
        return { ...quote, total, expiresAt: timestamp(quote.expiresAt) };
      });
    },

    listQuotes(ctx) {
      return quotes.list(this.db, userId(ctx), ctx.params);
    },

    async create(ctx) {
      try {
        return await place.call(this, ctx);
      } catch (error) {
        if (!isError(error, "IDEMPOTENCY_IN_PROGRESS")) throw error;
        await firstRequest.call(this, ctx);
        return place.call(this, ctx);
      }
    },

    async list(ctx) {
      return orders.page(this.db, { ...ctx.params, owner: userId(ctx) });
    },

    async get(ctx) {
      return found(await orders.find(this.db, ctx.params.id, ownerOf(ctx)));
    },

    async lookup(ctx) {
      return { items: await lookup(this.db, ctx.params.ids) };
    },

    async getTimeline(ctx) {
      const { id } = ctx.params;
      const order = found(await orders.find(this.db, id, ownerOf(ctx)));
      const steps = await this.saga.steps(id);
      const { statusAt, notes } = await orders.story(this.db, id);
      return { items: timelineOf(beginning(order), steps.map(entryOf), notes, standing(order, statusAt)) };
    },

    async watch(ctx) {
      const { id, after = 0 } = ctx.params;
      found(await orders.find(this.db, id, ownerOf(ctx)));
      const events = await this.outbox.since(`order:${id}`, after, 100);
      return { items: fitting(events.map(({ seq, type, data }) => ({ id: String(seq), event: type, data }))) };
    },

    async cancel(ctx) {
      const { id } = ctx.params;
      await this.idempotency.once(ctx, async (tx) => {
        const { status } = found(await orders.find(tx, id, ownerOf(ctx)));
        if (status === "cancelled") return;
        if (!isCancellable(status)) throw contract.error("NOT_CANCELLABLE", { status });
        tx.add(this.saga.undo(id, cancelledBy(ownerOf(ctx) === null ? "shop" : "customer")));
      });
      return whenSettled.call(this, id);
    },

    async listParked(ctx) {
      return orders.page(this.db, { ...ctx.params, owner: null, status: "needs_attention" });
    },

    async retry(ctx) {
      const { id } = ctx.params;
      await this.idempotency.once(ctx, async (tx) => {
        found(await orders.find(tx, id, null));
        if (!(await this.saga.retry(tx, id))) throw contract.error("NOT_PARKED");
        tx.add(orders.note({ orderId: id, step: "retry", state: "asked" }));
      });
      return whenSettled.call(this, id);
    },

    async settle(ctx) {
      const { id, status, note } = ctx.params;
      await this.idempotency.once(ctx, async (tx) => {
        found(await orders.find(tx, id, null));
        const end = status === "confirmed" ? "completed" : "compensated";
        if (!(await this.saga.close(tx, id, end, cancelledBy("shop")))) throw contract.error("NOT_PARKED");
        tx.add(orders.note({ orderId: id, step: "settle", state: status, detail: note }));
      });
      return found(await orders.find(this.db, id, null));
    },
  },

  events: {
    "user.deleted"({ data }, tx: orders.Tx) {
      return this.erasure.begin(tx, data.userId);
    },
    "payment.authorized": askAgain,
    "payment.failed": askAgain,
    async "payment.mismatched"(event, tx: orders.Tx) {
      const { orderId, reason } = event.data;
      tx.add(orders.note({ orderId, step: "payment", state: "mismatched", detail: reason ?? "" }));
      await askAgain.call(this, event, tx);
    },
    async "payment.refunded"({ data: { orderId, amount, reason } }, tx: orders.Tx) {
      const detail = `${formatMoney(amount, "en")}, ${reason}`;
      tx.add(orders.note({ orderId, step: "refund", state: "done", detail }));
    },
  },
});

/** @throws IDEMPOTENCY_IN_PROGRESS while the first request with this key still runs, and what the contract says */
async function place(this: Host, ctx: Ctx<Input<"order.create">>): Promise<Order> {
  let order: Order;
  try {
    order = await draft.call(this, ctx);
  } catch (error) {
    // What its key has been answered counts, whatever the shop has come to since. Nearly every key is new: asked last.
    const known = (await this.idempotency.replay(ctx)) as Answer | undefined;
    if (!known) throw error;
    return orderIn(known);
  }
  const { claim, answer: known } = await this.idempotency.claim(ctx, async (tx, own) =>
    tx.add(...begin.call(this, ctx, order, own)),
  );
  const { outcome } = known ? { outcome: known } : await this.saga.settled(order.id, config.ORDER_ANSWER_BUDGET);
  const answer = (outcome ?? (await this.idempotency.answer(claim))) as Answer | undefined;
  return answer ? orderIn(answer) : found(await orders.find(this.db, order.id, null));
}

/** The order as it would be placed now. @throws what the contract says of a request that cannot be an order */
async function draft(this: Host, ctx: Ctx<Input<"order.create">>): Promise<Order> {
  const { items: requested, quoteId, shippingAddress, paymentMethod } = ctx.params;
  checkPaymentMethod(paymentMethod);
  // Its stock would be held for nobody knows how long.
  requireReachable(this.broker, "payment.authorize");
  const { items, total } = await price(ctx, requested);
  if (quoteId) checkQuote(await quotes.find(this.db, quoteId, userId(ctx)), items);
  return newOrder(items, total, shippingAddress);
}

/** Waits for the order of the first request with this key, which another node may be placing, or have left behind. */
async function firstRequest(this: Host, ctx: Ctx): Promise<void> {
  const unfinished = await this.saga.unfinished(userId(ctx));
  const first = unfinished.find(({ input: { claim } }) => claim.key === idempotencyKey(ctx));
  if (first) await this.saga.settled(first.id, config.ORDER_ANSWER_BUDGET);
}

/** A payment that kept its saga waiting has been decided. */
async function askAgain(this: Host, { data }: Envelope<{ orderId: string }>, tx: orders.Tx): Promise<void> {
  tx.add(this.saga.wake(data.orderId));
}

/** The order as soon as its saga has come to rest, or as it stands when that takes too long. */
async function whenSettled(this: Host, id: string): Promise<Order> {
  await this.saga.settled(id, config.ORDER_ANSWER_BUDGET);
  return found(await orders.find(this.db, id, null));
}
