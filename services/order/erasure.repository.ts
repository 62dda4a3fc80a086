/** Erases the personal data of a deleted account's orders. The law requires goods and prices to be kept. */
import type { Ctx } from "#core/context.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Saga } from "#mixins/saga/saga.mixin.ts";
import { statements } from "#mixins/database/statement.ts";
import type { Order } from "./answer.contract.ts";
import * as guests from "./guest.repository.ts";
import * as invoices from "./invoice.repository.ts";
import * as staffNotes from "./note.repository.ts";
import * as returns from "./return.repository.ts";
import * as shipments from "./shipment.repository.ts";
import { removeOfUser as removeCart } from "./cart.repository.ts";
import { cancelledBy } from "./order.model.ts";
import type { OrderTables, Tx } from "./order.repository.ts";
import type { PlaceOrder } from "./placement.model.ts";

/** Orders in one transaction. */
const BATCH = 100;

const sql = statements<OrderTables>();

type OfUser = { user_id: string };

const removeQuotes = sql((q, p: OfUser) => q.deleteFrom("quotes").where("user_id", "=", p.user_id));
const listOpen = sql((q, p: OfUser) =>
  q
    .selectFrom("orders")
    .select(["id", "status"])
    .where("user_id", "=", p.user_id)
    .where("status", "in", ["pending", "needs_attention"]),
);
const listEnded = sql((q, p: OfUser & { limit: number }) =>
  q
    .selectFrom("orders")
    .select(["id", "shipping_address"])
    .where("user_id", "=", p.user_id)
    .where("status", "not in", ["pending", "needs_attention"])
    .where("erased", "=", 0)
    .limit(p.limit),
);
const eraseOrder = sql((q, p: { id: string; shipping_address: string }) =>
  q
    .updateTable("orders")
    .set({
      shipping_address: p.shipping_address,
      note: null,
      idempotency_key: null,
      request_hash: null,
      answer: null,
      erased: 1,
    })
    .where("id", "=", p.id),
);
/** Staff may have written a person's name in a note. */
const eraseNotes = sql((q, p: { order_id: string }) =>
  q.updateTable("order_notes").set({ detail: null }).where("order_id", "=", p.order_id),
);

/** The country stays, because taxes depend on it. */
const nowhere = ({ country }: Order["shippingAddress"]): Order["shippingAddress"] => ({
  name: "-",
  line1: "-",
  city: "-",
  postalCode: "-",
  country,
});

interface Host {
  readonly saga: Saga<PlaceOrder>;
  readonly idempotency: Idempotency;
}

type Ended = Pick<OrderTables["orders"], "id" | "shipping_address">;

async function eraseWhole(saga: Saga<PlaceOrder>, tx: Tx, { id, shipping_address }: Ended): Promise<void> {
  const address = nowhere(JSON.parse(shipping_address) as Order["shippingAddress"]);
  tx.add(eraseOrder.with({ id, shipping_address: JSON.stringify(address) }));
  tx.add(eraseNotes.with({ order_id: id }), staffNotes.erase(id), shipments.erase(id), returns.erase(id));
  tx.add(invoices.erase(id));
  await saga.redact(tx, id, (input) => ({
    ...input,
    order: { ...input.order, shippingAddress: address, ...(input.order.note !== undefined && { note: "-" }) },
    paymentMethod: "-",
  }));
}

interface GuestHost extends Host {
  readonly db: Database<OrderTables>;
  readonly outbox: Outbox;
}

/**
 * Erases guests' orders that nobody has claimed in time.
 * @param before milliseconds since the epoch
 * @returns false when there is no more to do
 */
export function forgetGuests(this: GuestHost, ctx: Ctx, before: number): Promise<boolean> {
  return this.db.write(async (tx) => {
    const due = await guests.due(tx, before, BATCH);
    const going = new Set(due.map(({ id }) => id));
    for (const row of due) {
      await eraseWhole(this.saga, tx, row);
      // A cart's token may have placed others, whose time has not come.
      const hasOthers = (await guests.ofGuest(tx, row.guest_id)).some((id) => !going.has(id));
      const told = { orderId: row.id, guestId: row.guest_id, ...(hasOthers && { hasOthers }) };
      tx.add(guests.remove(row.id));
      if (!hasOthers) tx.add(...this.idempotency.forget(row.guest_id));
      tx.add(this.outbox.event(ctx, "order.guest_erased", `order:${row.id}`, told));
    }
    return due.length === BATCH;
  });
}

/** An order that has not ended keeps its address until it has: `kept`. */
export async function forget(this: Host, tx: Tx, { userId }: Leaving): Promise<"all" | "more" | "kept"> {
  const { saga, idempotency } = this;
  tx.add(removeQuotes.with({ user_id: userId }), removeCart(userId));
  tx.add(...idempotency.forget(userId));
  const open = await tx.all(listOpen, { user_id: userId });
  for (const { id, status } of open) {
    // The order counts as cancelled by its customer, because nobody is left who could pay or receive the parcel.
    if (status === "pending") tx.add(saga.undo(id, cancelledBy("customer")));
  }
  const ended = await tx.all(listEnded, { user_id: userId, limit: BATCH });
  for (const row of ended) await eraseWhole(saga, tx, row);
  if (ended.length === BATCH) return "more";
  return open.length > 0 ? "kept" : "all";
}
