/** The SQL of carts. Each change begins with the cart's own row, so changes of one cart come one after the other. */
import { sql as raw } from "kysely";
import { now } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { hashOf, type Holder, KEEP, newToken, QUIET } from "./cart.model.ts";
import type { CartRow } from "./cart.projection.ts";
import { clearOf } from "./line.repository.ts";
import { order as contract } from "./order.contract.ts";
import type { Db, OrderTables, Tx } from "./order.repository.ts";

const sql = statements<OrderTables>();
type OfUser = { user_id: string };
type OfToken = { token_hash: string };

const findOfUser = sql((q, p: OfUser) => q.selectFrom("carts").selectAll().where("user_id", "=", p.user_id));
const findOfToken = sql((q, p: OfToken) => q.selectFrom("carts").selectAll().where("token_hash", "=", p.token_hash));
const insertCart = sql((q, p: Pick<CartRow, "id" | "user_id" | "token_hash" | "changed_at" | "version">) =>
  q
    .insertInto("carts")
    .values(columns(p, "id", "user_id", "token_hash", "changed_at", "version") as CartRow)
    .onConflict((one) => one.column("user_id").doNothing()),
);
const touchOfUser = sql((q, p: OfUser & { changed_at: number }) =>
  q
    .updateTable("carts")
    .set((e) => ({ version: e("version", "+", 1), changed_at: p.changed_at }))
    .where("user_id", "=", p.user_id)
    .returningAll(),
);
const touchOfToken = sql((q, p: OfToken & { changed_at: number }) =>
  q
    .updateTable("carts")
    .set((e) => ({ version: e("version", "+", 1), changed_at: p.changed_at }))
    .where("token_hash", "=", p.token_hash)
    .returningAll(),
);
const setCurrency = sql((q, p: Pick<CartRow, "id" | "currency">) =>
  q.updateTable("carts").set({ currency: p.currency }).where("id", "=", p.id),
);
/** An empty cart has no currency, and nobody is reminded of it. */
const markEmpty = sql((q, p: { id: string }) =>
  q
    .updateTable("carts")
    .set({ currency: null, abandoned_at: null })
    .where("id", "=", p.id)
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("cart_items")
            .select("product_id")
            .whereRef("cart_id", "=", "carts.id")
            .where("quantity", ">", 0),
        ),
      ),
    ),
);
const emptyAt = sql((q, p: OfUser & { version: number; next: number; changed_at: number }) =>
  q
    .updateTable("carts")
    .set({ version: p.next, currency: null, abandoned_at: null, changed_at: p.changed_at })
    .where("user_id", "=", p.user_id)
    .where("version", "=", p.version),
);
const emptyOfTokenAt = sql((q, p: OfToken & { version: number; next: number; changed_at: number }) =>
  q
    .updateTable("carts")
    .set({ version: p.next, currency: null, abandoned_at: null, changed_at: p.changed_at })
    .where("token_hash", "=", p.token_hash)
    .where("version", "=", p.version),
);
const removeCart = sql((q, p: { id: string }) => q.deleteFrom("carts").where("id", "=", p.id));
const removeCartOfUser = sql((q, p: OfUser) => q.deleteFrom("carts").where("user_id", "=", p.user_id));
const removeOld = sql((q, p: { before: number; limit: number }) =>
  q
    .deleteFrom("carts")
    .where("changed_at", "<", p.before)
    .where("id", "in", (e) =>
      e.selectFrom("carts").select("id").where("changed_at", "<", p.before).orderBy("changed_at").limit(p.limit),
    ),
);
/** Only those that nobody has changed since they were found, and that no other node has marked. */
const markAbandoned = sql((q, p: { before: number; now: number; limit: number }) => {
  const isLeft = raw<boolean>`user_id is not null and currency is not null and abandoned_at is null`;
  return q
    .updateTable("carts")
    .set({ abandoned_at: p.now })
    .where("changed_at", "<", p.before)
    .where(isLeft)
    .where("id", "in", (e) =>
      e
        .selectFrom("carts")
        .select("id")
        .where("changed_at", "<", p.before)
        .where(isLeft)
        .orderBy("changed_at")
        .limit(p.limit),
    )
    .returningAll();
});

export const find = (db: Db, holder: Holder): Promise<CartRow | undefined> =>
  "userId" in holder
    ? db.one(findOfUser, { user_id: holder.userId })
    : db.one(findOfToken, { token_hash: holder.tokenHash });

/** The first version is a moment in seconds: no former cart of the same customer has had it, which a tab may remember. */
const newRow = (holder: Pick<CartRow, "user_id" | "token_hash">) => {
  const changed_at = now();
  return { ...holder, id: newId(), changed_at, version: Math.floor(changed_at / 1000) };
};

/** Begins a guest's cart. @returns its token, of which only the hash is stored */
export async function begin(db: Database<OrderTables>): Promise<string> {
  const token = newToken();
  await db.run(insertCart, newRow({ user_id: null, token_hash: hashOf(token) }));
  return token;
}

/**
 * The cart with the version of this change; who changes it next waits for the end of `tx`. A customer's first change begins
 * their cart.
 * @throws NOT_FOUND for a token of no cart
 */
export async function touch(tx: Tx, holder: Holder): Promise<CartRow> {
  const changed_at = now();
  if (!("userId" in holder)) {
    const row = await tx.one(touchOfToken, { token_hash: holder.tokenHash, changed_at });
    if (!row) throw sharedError("NOT_FOUND");
    return row;
  }
  tx.add(insertCart.with(newRow({ user_id: holder.userId, token_hash: null })));
  return (await tx.one(touchOfUser, { user_id: holder.userId, changed_at }))!;
}

export const priceIn = ({ id }: CartRow, currency: CartRow["currency"]): Write => setCurrency.with({ id, currency });

/** After lines were removed. */
export const noteIfEmpty = ({ id }: CartRow): Write => markEmpty.with({ id });

/** Empties a cart, if it still is as it was seen. Fails with CART_CHANGED. */
export function emptied(holder: Holder, version: number): readonly Write[] {
  const as = { version, next: version + 1, changed_at: now() };
  const write =
    "userId" in holder
      ? emptyAt.with({ ...as, user_id: holder.userId })
      : emptyOfTokenAt.with({ ...as, token_hash: holder.tokenHash });
  return [required(write, () => contract.error("CART_CHANGED")), clearOf(holder, version + 1)];
}

/** Lines go with their cart. */
export const remove = ({ id }: CartRow): Write => removeCart.with({ id });
export const removeOfUser = (userId: string): Write => removeCartOfUser.with({ user_id: userId });

/** Removes some carts that nobody has changed for a month. @returns their number */
export const removeExpired = (db: Db, limit: number): Promise<number> =>
  db.run(removeOld, { before: now() - KEEP, limit });

/** Some customers' carts that nobody has changed for a day, marked, so that each is found once. */
export const abandon = (tx: Tx, limit: number): Promise<CartRow[]> =>
  tx.all(markAbandoned, { before: now() - QUIET, now: now(), limit });
