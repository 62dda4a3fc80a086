/** Handlers of returns: customers ask, staff decide and receive, and a job pays back. */
import { now } from "#core/clock.ts";
import { type Ctx, ownerOf, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Write } from "#mixins/database/write.ts";
import { move } from "./fulfilment.model.ts";
import { type Held, hold, save } from "./fulfilment.repository.ts";
import { config } from "./order.config.ts";
import { order as contract } from "./order.contract.ts";
import { found, visible } from "./order.policy.ts";
import { note, type Tx } from "./order.repository.ts";
import { keptBetween } from "./refund.model.ts";
import { giveUp, type Host } from "./refund.settlement.ts";
import type { Return, returns as block } from "./return.contract.ts";
import { checkMove, checkReturnable, mergeAsked } from "./return.model.ts";
import * as returns from "./return.repository.ts";
import type { ReturnItemRow, ReturnRow } from "./fulfilment.tables.ts";
import * as shipments from "./shipment.repository.ts";

const MOST = 100;

interface Standing extends Held {
  readonly row: ReturnRow;
  readonly items: readonly ReturnItemRow[];
}

/** A return with its order, which this transaction alone may change. @throws NOT_FOUND, NOT_SHIPPABLE, STALE_VERSION */
async function standing(tx: Tx, id: string, version?: number): Promise<Standing> {
  const { order_id } = found(await returns.find(tx, id, null));
  const held = await hold(tx, order_id);
  // It may have been changed while this transaction waited for the order.
  const row = found(await returns.find(tx, id, null));
  if (version !== undefined && version !== row.version) throw contract.error("STALE_VERSION");
  return { ...held, row, items: await returns.items(tx, id) };
}

function toldOf({ order, lines }: Held, returnId: string, units: readonly { productId: string; quantity: number }[]) {
  const names = new Map(lines.map(({ product_id, name }) => [product_id, name]));
  return {
    orderId: order.id,
    userId: order.user_id,
    ...(order.number !== null && { number: order.number }),
    returnId,
    items: units.map(({ productId, quantity }) => ({ productId, quantity, name: names.get(productId)! })),
  };
}

const unitsOf = (items: readonly ReturnItemRow[]) =>
  items.map(({ product_id: productId, quantity }) => ({ productId, quantity }));

/** The goods have come: they go into stock or to the scrap, and what was paid for them is owed. */
function receive(host: Host, before: Standing, scrap: readonly string[]) {
  const { order, row, items, lines } = before;
  const after = move(lines, unitsOf(items), "return");
  const outcomes = items.map((item) => ({
    ...item,
    outcome: scrap.includes(item.product_id) ? ("scrap" as const) : ("restock" as const),
  }));
  const givenUp = outcomes.map(({ product_id: productId, quantity, outcome }) => ({
    productId,
    quantity,
    isScrap: outcome === "scrap",
  }));
  const { refundId, uncaptured: _, writes, ...owed } = giveUp(host, before, after, "items_returned", givenUp);
  const changes: Write[] = [...writes, ...save(before, after), ...outcomes.map((one) => returns.decide(one))];
  const paid = { amount: -keptBetween(lines, after, order), currency: order.currency };
  return { row: { ...row, refund_id: refundId }, items: outcomes, owed, paid, changes };
}

export const handlers = {
  createReturn(this: Host, ctx: Ctx<Input<"order.createReturn">>): Promise<Return> {
    const { id: orderId, items, note: text = null } = ctx.params;
    return this.idempotency.once(ctx, async (tx: Tx) => {
      await visible(tx, orderId, ctx);
      const held = await hold(tx, orderId);
      const asked = mergeAsked(items);
      checkReturnable(held.lines, await shipments.list(tx, orderId), asked, config.ORDER_RETURN_DAYS, now());
      if ((await returns.count(tx, orderId)) >= MOST) throw contract.error("NOT_RETURNABLE", { returnable: 0 });
      tx.add(...save(held, move(held.lines, asked, "claim")));
      const made = returns.insert(tx, { order_id: orderId, user_id: held.order.user_id, note: text }, asked);
      tx.add(note({ orderId, step: "return", state: "requested", detail: made.id }));
      tx.add(this.outbox.event(ctx, "order.return_requested", `order:${orderId}`, toldOf(held, made.id, asked)));
      return made;
    });
  },

  listReturns(this: Host, ctx: Ctx<Input<"order.listReturns">>) {
    return returns.page(this.db, { ...ctx.params, owner: userId(ctx) });
  },

  listAllReturns(this: Host, { params }: Ctx<Input<"order.listAllReturns">>) {
    return returns.page(this.db, { ...params, owner: null });
  },

  async getReturn(this: Host, ctx: Ctx<Input<"order.getReturn">>): Promise<Return> {
    return returns.whole(this.db, found(await returns.find(this.db, ctx.params.id, ownerOf(ctx))));
  },

  updateReturn(this: Host, ctx: Ctx<Input<"order.updateReturn">>): Promise<Return> {
    const { id, version, state, scrap = [], answer } = ctx.params;
    return this.db.write(async (tx) => {
      const before = await standing(tx, id, version);
      const { row, items, order } = before;
      if (row.state === state) return returns.whole(tx, row);
      checkMove(row.state, state);
      const next = { ...row, state, answer: answer ?? row.answer, version: row.version + 1 };
      const subject = `order:${order.id}`;
      const told = toldOf(before, id, unitsOf(items));
      tx.add(note({ orderId: order.id, step: "return", state, detail: id }));
      if (state !== "received") {
        if (state === "rejected") tx.add(...save(before, move(before.lines, unitsOf(items), "reject")));
        tx.add(returns.update(next), this.outbox.event(ctx, `order.return_${state}`, subject, told));
        return returns.toReturn(next, items);
      }
      const received = receive(this, { ...before, row: next }, scrap);
      const { owed, paid } = received;
      tx.add(...received.changes, returns.update(received.row));
      tx.add(this.outbox.event(ctx, "order.returned", subject, { ...told, ...owed, paid }));
      return returns.toReturn(received.row, received.items, owed);
    });
  },
} satisfies BlockHandlers<typeof block>;

export const returning = (): Mixin => mixin({}, { name: "returns", migrations: {}, handlers });
