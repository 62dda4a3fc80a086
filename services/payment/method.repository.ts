/** All SQL of saved payment methods: tokens of the provider, with the labels by which their owners recognise them. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { PaymentMethod } from "./method.contract.ts";
import { type MethodRow, toMethod } from "./payment.projection.ts";
import type { Db, PaymentTables, Tx } from "./payment.repository.ts";

const sql = statements<PaymentTables>();

type OfToken = Pick<MethodRow, "user_id" | "provider" | "token">;

const insert = sql((q, p: MethodRow) =>
  q
    .insertInto("payment_methods")
    .values(columns(p, "id", "user_id", "provider", "token", "brand", "last4", "created_at"))
    .onConflict((conflict) => conflict.columns(["user_id", "provider", "token"]).doNothing()),
);
const findOwn = sql((q, p: { id: string; user_id: string }) =>
  q.selectFrom("payment_methods").selectAll().where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const findByToken = sql((q, p: OfToken) =>
  q
    .selectFrom("payment_methods")
    .selectAll()
    .where("user_id", "=", p.user_id)
    .where("provider", "=", p.provider)
    .where("token", "=", p.token),
);
const findLatest = sql((q, p: Pick<MethodRow, "user_id" | "provider">) =>
  q
    .selectFrom("payment_methods")
    .select("token")
    .where("user_id", "=", p.user_id)
    .where("provider", "=", p.provider)
    .orderBy("id", "desc")
    .limit(1),
);
const findAll = sql((q, p: { user_id: string }) =>
  q.selectFrom("payment_methods").selectAll().where("user_id", "=", p.user_id),
);
const countOwn = sql((q, p: { user_id: string }) =>
  q
    .selectFrom("payment_methods")
    .select((e) => e.fn.countAll<number>().as("n"))
    .where("user_id", "=", p.user_id),
);
const removeOwn = sql((q, p: { id: string; user_id: string }) =>
  q.deleteFrom("payment_methods").where("id", "=", p.id).where("user_id", "=", p.user_id),
);

/** The method with this token, saved now unless it was before; undefined when its owner has `most`. */
export async function save(
  tx: Tx,
  method: Omit<MethodRow, "id" | "created_at">,
  most: number,
): Promise<MethodRow | undefined> {
  tx.lock(`payment_methods:${method.user_id}`);
  const saved = await tx.one(findByToken, method);
  if (saved) return saved;
  if (Number((await tx.one(countOwn, method))?.n) >= most) return undefined;
  tx.add(insert.with({ ...method, id: newId(), created_at: timestamp() }));
  return tx.one(findByToken, method);
}

export const find = (db: Db, id: string, user_id: string): Promise<MethodRow | undefined> =>
  db.one(findOwn, { id, user_id });

/** What this person saved last at this provider. */
export const latestToken = async (db: Db, user_id: string, provider: string): Promise<string | undefined> =>
  (await db.one(findLatest, { user_id, provider }))?.token;

/** Answers what was removed; undefined when this person has no such method. */
export async function remove(tx: Tx, id: string, user_id: string): Promise<MethodRow | undefined> {
  const row = await tx.one(findOwn, { id, user_id });
  return row && (await tx.run(removeOwn, { id, user_id })) > 0 ? row : undefined;
}

/** What this person has saved. */
export const allOf = (tx: Tx, user_id: string): Promise<MethodRow[]> => tx.all(findAll, { user_id });

/** One person's methods, newest first. */
export const list = (db: Db, owner: string, paging: Paging): Promise<PageOf<PaymentMethod>> =>
  pageById(db.query.selectFrom("payment_methods").selectAll().where("user_id", "=", owner), paging, toMethod);
