/** All SQL of removed methods. Such a row is there until the provider has forgotten the method as well. */
import { HOUR, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { dueIn } from "#mixins/queue/due.ts";
import { config } from "./payment.config.ts";
import { nextCheck } from "./payment.model.ts";
import type { MethodRow, RemovalRow } from "./payment.projection.ts";
import type { Db, PaymentTables } from "./payment.repository.ts";

type Method = Pick<MethodRow, "provider" | "token">;

const sql = statements<PaymentTables>();
/** Removed methods that the provider has still to forget. */
export const due = dueIn<PaymentTables>()("removed_methods", "check_at");

const insert = sql((q, p: RemovalRow) =>
  q.insertInto("removed_methods").values(columns(p, "id", "provider", "token", "check_at", "removed_at")),
);
const findSaved = sql((q, p: Method) =>
  q.selectFrom("payment_methods").select("id").where("provider", "=", p.provider).where("token", "=", p.token).limit(1),
);
const findNeeding = sql((q, p: Method) =>
  q
    .selectFrom("payments")
    .select("id")
    .where("provider", "=", p.provider)
    .where("token", "=", p.token)
    .where("status", "in", ["processing", "requires_action"])
    .where("check_at", "is not", null)
    .limit(1),
);
const moveCheck = sql((q, p: { id: string; seen: number; check_at: number }) =>
  q.updateTable("removed_methods").set({ check_at: p.check_at }).where("id", "=", p.id).where("check_at", "=", p.seen),
);
const removeStatement = sql((q, p: { id: string }) => q.deleteFrom("removed_methods").where("id", "=", p.id));

/** Has the provider forget a method, after the commit. */
export const add = ({ provider, token }: Method, afterCommit: () => void): Write => ({
  ...insert.with({ id: newId(), provider, token, check_at: now(), removed_at: timestamp() }),
  afterCommit,
});

/** True when the method was saved again since. */
export const isSavedAgain = async (db: Db, method: Method): Promise<boolean> =>
  (await db.one(findSaved, method)) !== undefined;

/** True while a payment that is under way may still have to be asked for with it. */
export const isNeeded = async (db: Db, method: Method): Promise<boolean> =>
  (await db.one(findNeeding, method)) !== undefined;

export const postpone = (db: Db, { id, check_at }: RemovalRow): Promise<number> =>
  db.run(moveCheck, { id, seen: check_at, check_at: now() + HOUR });

export const end = (db: Db, id: string): Promise<number> => db.run(removeStatement, { id });

/** Claims due removals. Each becomes due again at its next check, even if this node dies. */
export async function claim(db: Db, limit: number): Promise<RemovalRow[]> {
  const rows = await db.all(due.list, { now: now(), limit });
  const taken = rows.map(async (row) => {
    const check_at = nextCheck(row.removed_at, config.PAYMENT_RECONCILE_AFTER);
    const changed = await db.run(moveCheck, { id: row.id, seen: row.check_at, check_at });
    return changed > 0 ? [{ ...row, check_at }] : [];
  });
  return (await Promise.all(taken)).flat();
}
