/** All SQL of disputes. One of which we have only heard has no payment yet, and nobody sees it. */
import { DAY, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { Dispute } from "./dispute.contract.ts";
import type { DisputeStatus } from "./dispute.model.ts";
import { config } from "./payment.config.ts";
import { nextCheck } from "./payment.model.ts";
import { type DisputeRow, toDispute } from "./payment.projection.ts";
import type { Db, PaymentTables, Tx } from "./payment.repository.ts";

const sql = statements<PaymentTables>();
/** Disputes about which the provider must be asked. */
export const due = dueIn<PaymentTables>()("disputes", "check_at");

const insert = sql((q, p: DisputeRow) =>
  q
    .insertInto("disputes")
    .values(
      columns(
        p,
        "id",
        "provider",
        "provider_id",
        "payment_id",
        "amount",
        "currency",
        "status",
        "reason",
        "due_at",
        "check_at",
        "created_at",
        "updated_at",
      ),
    )
    .onConflict((conflict) => conflict.columns(["provider", "provider_id"]).doUpdateSet({ check_at: p.check_at })),
);
const findDispute = sql((q, p: { id: string }) =>
  q.selectFrom("disputes").selectAll().where("id", "=", p.id).where("payment_id", "is not", null),
);
const moveCheck = sql((q, p: { id: string; seen: number; check_at: number }) =>
  q.updateTable("disputes").set({ check_at: p.check_at }).where("id", "=", p.id).where("check_at", "=", p.seen),
);
const moveStatement = sql((q, p: DisputeRow & { from: DisputeStatus }) =>
  q
    .updateTable("disputes")
    .set(columns(p, "payment_id", "amount", "currency", "status", "reason", "due_at", "check_at", "updated_at"))
    .where("id", "=", p.id)
    .where("status", "=", p.from),
);
const removeStatement = sql((q, p: { id: string }) =>
  q.deleteFrom("disputes").where("id", "=", p.id).where("payment_id", "is", null),
);
const lose = sql((q, p: { id: string; lost: number; at: string }) =>
  q
    .updateTable("payments")
    .set((e) => ({ lost: e("lost", "+", p.lost), updated_at: p.at }))
    .where("id", "=", p.id),
);

/** Stores that there is news of a dispute, about which the provider is asked at once. */
export function hear(provider: string, provider_id: string): Write {
  const at = timestamp();
  const unknown = {
    payment_id: null,
    amount: 0,
    currency: "KRW",
    status: "inquiry",
    reason: null,
    due_at: null,
  } as const;
  return insert.with({
    id: newId(),
    provider,
    provider_id,
    ...unknown,
    check_at: now(),
    created_at: at,
    updated_at: at,
  });
}

/** Answers false when another node has moved it since `from` was read. */
export const move = async (tx: Tx, from: DisputeRow, to: DisputeRow): Promise<boolean> =>
  (await tx.run(moveStatement, { ...to, from: from.status })) > 0;

/** @param lost minor units that are gone, or less than 0 for what came back */
export const book = (payment_id: string, lost: number): Write => lose.with({ id: payment_id, lost, at: timestamp() });

/** Forgets what turned out to be none of ours. */
export const forget = (db: Db, id: string): Promise<number> => db.run(removeStatement, { id });

/** Claims due disputes. Each becomes due again at its next check, even if this node dies. */
export async function claim(db: Db, limit: number): Promise<DisputeRow[]> {
  const rows = await db.all(due.list, { now: now(), limit });
  const taken = rows.map(async (row) => {
    const check_at = nextCheck(row.updated_at, config.PAYMENT_RECONCILE_AFTER);
    return (await db.run(moveCheck, { id: row.id, seen: row.check_at!, check_at })) > 0 ? [row] : [];
  });
  return (await Promise.all(taken)).flat();
}

/** A dispute goes on for weeks, and what changes it is told by a webhook, unless that is lost. */
export const tomorrow = (): number => now() + DAY;

export const find = (db: Db, id: string): Promise<DisputeRow | undefined> => db.one(findDispute, { id });

/** Those that the provider has confirmed, newest first. */
export const list = (
  db: Db,
  { status, ...paging }: Paging & { readonly status?: DisputeStatus },
): Promise<PageOf<Dispute>> =>
  pageById(
    db.query
      .selectFrom("disputes")
      .selectAll()
      .where("payment_id", "is not", null)
      .$if(status !== undefined, (found) => found.where("status", "=", status!)),
    paging,
    toDispute,
  );
