/** All SQL of sending: deliveries that are due, claimed by one node at a time, and how each attempt ended. */
import { sql as raw } from "kysely";
import { now } from "#core/clock.ts";
import { isAmong, skipLocked } from "#mixins/database/locking.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Outcome } from "./webhook.model.ts";
import { type AttemptRow, type Db, type DeliveryRow, sql, type Tx } from "./webhook.tables.ts";

/** Active endpoints with the time at which the first of their deliveries is due, which an index answers. */
const standing = sql((q) =>
  q
    .selectFrom("endpoints")
    .selectAll()
    .select((e) =>
      e
        .selectFrom("deliveries")
        .select((d) => d.fn.min("next_at").as("at"))
        .whereRef("deliveries.endpoint_id", "=", "endpoints.id")
        .where("next_at", "is not", null)
        .as("due_at"),
    )
    .where("status", "=", "active"),
);
const take = sql((q, p: { endpoint_id: string; now: number; lease: number; limit: number }) =>
  q
    .with("due", (w) =>
      skipLocked(
        q,
        w
          .selectFrom("deliveries")
          .select("id")
          .where("endpoint_id", "=", p.endpoint_id)
          .where("next_at", "is not", null)
          .where("next_at", "<=", p.now)
          .orderBy("next_at")
          .limit(p.limit),
      ),
    )
    .updateTable("deliveries")
    .set({ next_at: p.lease })
    .where(isAmong(q, "due"))
    .returningAll(),
);
const setOutcome = sql((q, p: Outcome & { id: string; lease: number }) =>
  q
    .updateTable("deliveries")
    .set(columns(p, "status", "attempts", "next_at"))
    .where("id", "=", p.id)
    .where("next_at", "=", p.lease),
);
/** Adds nothing when the delivery was removed meanwhile, with its endpoint or its person. */
const insertAttempt = sql((q, p: AttemptRow) =>
  q
    .insertInto("attempts")
    .columns(["delivery_id", "at", "status", "error", "milliseconds"])
    .expression(
      q
        .selectFrom("deliveries")
        .select([
          "id",
          raw<number>`cast(${p.at} as bigint)`.as("at"),
          raw<number | null>`cast(${p.status} as integer)`.as("status"),
          raw<string | null>`cast(${p.error} as text)`.as("error"),
          raw<number>`cast(${p.milliseconds} as bigint)`.as("milliseconds"),
        ])
        .where("id", "=", p.delivery_id),
    )
    .onConflict((one) => one.doNothing()),
);
const endLeases = sql((q, p: { now: number; lease: number }) =>
  q.updateTable("deliveries").set({ next_at: p.now }).where("next_at", ">", p.now).where("next_at", "<=", p.lease),
);
const setSucceeded = sql((q, p: { id: string }) =>
  q.updateTable("endpoints").set({ failing_since: null }).where("id", "=", p.id).where("failing_since", "is not", null),
);
const setFailing = sql((q, p: { id: string; at: number }) =>
  q.updateTable("endpoints").set({ failing_since: p.at }).where("id", "=", p.id).where("failing_since", "is", null),
);
const disable = sql((q, p: { id: string; before: number }) =>
  q
    .updateTable("endpoints")
    .set((e) => ({ status: "disabled" as const, version: e("version", "+", 1) }))
    .where("id", "=", p.id)
    .where("status", "=", "active")
    .where("failing_since", "<=", p.before),
);
/** What becomes of a delivery, and of an endpoint that has failed since before that time. */
interface End extends Outcome {
  readonly disabledBefore: number;
}

export const active = (db: Db) => db.all(standing, {});

/** Claims the deliveries of an endpoint that are due longest. When this node dies, others get them after the lease. */
export const claim = (tx: Tx, endpointId: string, limit: number, lease: number): Promise<DeliveryRow[]> =>
  tx.all(take, { endpoint_id: endpointId, now: now(), lease: now() + lease, limit });

/** Ends leases that a process which is gone may have held. @param lease the longest, in milliseconds */
export const release = (db: Db, lease: number): Promise<number> =>
  db.run(endLeases, { now: now(), lease: now() + lease });

/** Gives back a delivery that was claimed and not sent. */
export const giveBack = (db: Db, row: DeliveryRow): Promise<number> =>
  db.run(setOutcome, { ...row, next_at: now(), lease: row.next_at! });

/**
 * Stores how an attempt ended; the delivery changes only while this node holds it. The endpoint comes before its delivery, which
 * is the order in which both are removed: on PostgreSQL, either waits for the other and not both.
 * @returns true when the endpoint is disabled by it
 */
export async function settle(
  tx: Tx,
  row: DeliveryRow,
  attempt: Omit<AttemptRow, "delivery_id">,
  end: End,
): Promise<boolean> {
  const { id, endpoint_id } = row;
  if (end.status === "delivered") tx.add(setSucceeded.with({ id: endpoint_id }));
  else tx.add(setFailing.with({ id: endpoint_id, at: attempt.at }));
  const isDisabled =
    end.status === "failed" && (await tx.run(disable, { id: endpoint_id, before: end.disabledBefore })) > 0;
  tx.add(setOutcome.with({ ...end, id, lease: row.next_at! }), insertAttempt.with({ ...attempt, delivery_id: id }));
  return isDisabled;
}
