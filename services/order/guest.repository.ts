/** All SQL of guests' orders. A row is there until the order is claimed or forgotten. */
import { sql as raw } from "kysely";
import { now } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import type { Language } from "#core/text.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Db, GuestRow, OrderTables, Tx } from "./order.tables.ts";

const sql = statements<OrderTables>();

const insertRow = sql((q, p: GuestRow) =>
  q.insertInto("guest_orders").values(columns(p, "order_id", "guest_id", "email", "language", "created_at")),
);
const countOf = sql((q, p: { email: string; since: number }) =>
  q
    .selectFrom("guest_orders")
    .select((e) => e.fn.countAll().as("rows"))
    .where("email", "=", p.email)
    .where("created_at", ">", p.since),
);
const findRow = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("guest_orders as g")
    .innerJoin("orders as o", "o.id", "g.order_id")
    .selectAll("g")
    .select("o.number")
    .where("g.order_id", "=", p.order_id)
    .whereRef("o.user_id", "=", "g.guest_id"),
);
const findByNumber = sql((q, p: { number: string; email: string }) =>
  q
    .selectFrom("guest_orders as g")
    .innerJoin("orders as o", "o.id", "g.order_id")
    .selectAll("g")
    .select(["o.number", "o.status"])
    .where("o.number", "=", p.number)
    .where("g.email", "=", p.email),
);
const findOwn = sql((q, p: { number: string; user_id: string }) =>
  q.selectFrom("orders").select(["id", "version"]).where("number", "=", p.number).where("user_id", "=", p.user_id),
);
const listOfGuest = sql((q, p: { guest_id: string }) =>
  q.selectFrom("guest_orders").select("order_id").where("guest_id", "=", p.guest_id),
);
const removeRow = sql((q, p: { order_id: string }) => q.deleteFrom("guest_orders").where("order_id", "=", p.order_id));
/** The key of the guest's request means nothing among the new owner's. */
const giveOrder = sql((q, p: { id: string; from: string; to: string }) =>
  q
    .updateTable("orders")
    .set((e) => ({ user_id: p.to, idempotency_key: null, request_hash: null, version: e("version", "+", 1) }))
    .where("id", "=", p.id)
    .where("user_id", "=", p.from)
    .where("status", "not in", ["pending", "needs_attention"])
    .where("closing", "=", 0)
    .returning("version"),
);
const giveReturns = sql((q, p: { order_id: string; to: string }) =>
  q.updateTable("returns").set({ user_id: p.to }).where("order_id", "=", p.order_id),
);
const listDue = sql((q, p: { before: number; limit: number }) =>
  q
    .selectFrom("guest_orders as g")
    .innerJoin("orders as o", "o.id", "g.order_id")
    .select(["g.order_id as id", "g.guest_id", "o.shipping_address"])
    .where("g.created_at", "<", p.before)
    .where("o.status", "not in", ["pending", "needs_attention"])
    .where("o.closing", "=", 0)
    .orderBy("g.created_at")
    .limit(p.limit),
);

/** Milliseconds in which so many orders may name one e-mail address, which may be anybody's. */
const WINDOW = 24 * 60 * 60 * 1000;
const MOST = 20;

interface NewGuest {
  readonly guestId: string;
  readonly email: string;
  readonly language: Language;
}

/** Beside the order, in its transaction. @throws RATE_LIMITED */
export async function add(tx: Tx, orderId: string, { guestId, email, language }: NewGuest): Promise<void> {
  const time = now();
  tx.lock(`guest-orders:${email}`);
  const { rows } = (await tx.one(countOf, { email, since: time - WINDOW }))!;
  if (Number(rows) >= MOST) throw sharedError("RATE_LIMITED", { retryAfter: 60 * 60 });
  tx.add(insertRow.with({ order_id: orderId, guest_id: guestId, email, language, created_at: time }));
}

export type Found = GuestRow & { readonly number: string | null };

export const find = (db: Db, order_id: string): Promise<Found | undefined> => db.one(findRow, { order_id });

/** The unclaimed order of this number and address. */
export const claimable = (tx: Tx, number: string, email: string) => tx.one(findByNumber, { number, email });

/** An order that somebody has already. */
export const ownedBy = (db: Db, number: string, user_id: string) => db.one(findOwn, { number, user_id });

/**
 * The order and its returns get another owner, once.
 * @returns the order's version before that; undefined when somebody was faster, or it is under way
 */
export async function give(tx: Tx, { order_id, guest_id }: GuestRow, to: string): Promise<number | undefined> {
  const given = await tx.one(giveOrder, { id: order_id, from: guest_id, to });
  if (!given) return undefined;
  tx.add(removeRow.with({ order_id }), giveReturns.with({ order_id, to }));
  return given.version - 1;
}

export const remove = (order_id: string): Write => removeRow.with({ order_id });

/** Ended orders whose time is over, oldest first. @param before milliseconds since the epoch */
export const due = (tx: Tx, before: number, limit: number) => tx.all(listDue, { before, limit });

/** Orders of a guest that are neither claimed nor forgotten. */
export const ofGuest = async (tx: Tx, guest_id: string): Promise<string[]> =>
  (await tx.all(listOfGuest, { guest_id })).map(({ order_id }) => order_id);

/** Those of these orders that are guests', by order. */
export async function lookup(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, Found>> {
  const rows = await db.query
    .selectFrom("guest_orders as g")
    .innerJoin("orders as o", "o.id", "g.order_id")
    .selectAll("g")
    .select("o.number")
    .where("g.order_id", "in", ids)
    .where(raw<boolean>`o.user_id = g.guest_id`)
    .execute();
  return new Map(rows.map((row) => [row.order_id, row]));
}
