/** All SQL of deliveries: queued, claimed by one node at a time, ended or put off, read, sent again, and removed. */
import { now } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { newId } from "#core/id.ts";
import { isAmong, skipLocked } from "#mixins/database/locking.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Delivery, LoggedDelivery, statuses } from "./delivery.contract.ts";
import { webhook } from "./webhook.contract.ts";
import type { Outcome } from "./webhook.model.ts";
import { toAttempt, toDelivery } from "./webhook.projection.ts";
import { type AttemptRow, type Db, type DeliveryRow, sql, type Tx } from "./webhook.tables.ts";

/** Attempts that are shown, and deliveries that one statement sends again or removes. */
const [SHOWN, BATCH] = [50, 1000];

const insert = sql((q, p: DeliveryRow) =>
  q
    .insertInto("deliveries")
    .values(
      columns(
        p,
        "id",
        "endpoint_id",
        "event_id",
        "type",
        "body",
        "user_id",
        "created_at",
        "status",
        "attempts",
        "next_at",
      ),
    )
    .onConflict((one) => one.columns(["endpoint_id", "event_id"]).doNothing()),
);
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
const insertAttempt = sql((q, p: AttemptRow) =>
  q
    .insertInto("attempts")
    .values(columns(p, "delivery_id", "at", "status", "error", "milliseconds"))
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
const find = sql((q, p: { id: string }) => q.selectFrom("deliveries").selectAll().where("id", "=", p.id));
const lastAttempts = sql((q, p: { id: string; limit: number }) =>
  q.selectFrom("attempts").selectAll().where("delivery_id", "=", p.id).orderBy("at", "desc").limit(p.limit),
);
/** A delivery that is being sent keeps its lease: it is sent once more when that attempt fails. */
const resend = sql((q, p: { id: string; now: number }) =>
  q
    .updateTable("deliveries")
    .set({ status: "waiting", attempts: 0, next_at: p.now })
    .where("id", "=", p.id)
    .returningAll(),
);
const resendFailed = sql((q, p: { endpoint_id: string; now: number; limit: number }) =>
  q
    .updateTable("deliveries")
    .set({ status: "waiting", attempts: 0, next_at: p.now })
    .where("id", "in", (e) =>
      e
        .selectFrom("deliveries")
        .select("id")
        .where("endpoint_id", "=", p.endpoint_id)
        .where("status", "=", "failed")
        .orderBy("id")
        .limit(p.limit),
    ),
);
const removeBefore = sql((q, p: { before: number; limit: number }) =>
  q
    .deleteFrom("deliveries")
    .where("id", "in", (e) =>
      e.selectFrom("deliveries").select("id").where("created_at", "<", p.before).orderBy("created_at").limit(p.limit),
    ),
);
const removeOfUser = sql((q, p: { user_id: string; limit: number }) =>
  q
    .deleteFrom("deliveries")
    .where("id", "in", (e) => e.selectFrom("deliveries").select("id").where("user_id", "=", p.user_id).limit(p.limit)),
);

/** What becomes of a delivery, and of an endpoint that has failed since before that time. */
interface End extends Outcome {
  readonly disabledBefore: number;
}

export interface Message {
  readonly endpoint_id: string;
  readonly event_id: string;
  readonly type: string;
  readonly body: string;
  readonly user_id: string | null;
}

export const rowOf = (message: Message): DeliveryRow => ({
  ...message,
  id: newId(),
  status: "waiting",
  attempts: 0,
  next_at: now(),
  created_at: now(),
});

/** An endpoint is sent an event once, however often that comes. */
export const queue = (row: DeliveryRow): Write => insert.with(row);

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
 * Stores how an attempt ended; the delivery changes only while this node holds it.
 * @returns true when the endpoint is disabled by it
 */
export async function settle(tx: Tx, row: DeliveryRow, attempt: Omit<AttemptRow, "delivery_id">, end: End) {
  const { id, endpoint_id } = row;
  tx.add(insertAttempt.with({ ...attempt, delivery_id: id }), setOutcome.with({ ...end, id, lease: row.next_at! }));
  if (end.status === "delivered") tx.add(setSucceeded.with({ id: endpoint_id }));
  else tx.add(setFailing.with({ id: endpoint_id, at: attempt.at }));
  return end.status === "failed" && (await tx.run(disable, { id: endpoint_id, before: end.disabledBefore })) > 0;
}

/** @throws NOT_FOUND */
export async function get(db: Db, id: string): Promise<DeliveryRow> {
  const row = await db.one(find, { id });
  if (!row) throw webhook.error("NOT_FOUND");
  return row;
}

/** @throws NOT_FOUND */
export async function logged(db: Db, id: string): Promise<LoggedDelivery> {
  const row = await get(db, id);
  const log = await db.all(lastAttempts, { id, limit: SHOWN });
  return { ...toDelivery(row), body: row.body, log: log.toReversed().map(toAttempt) };
}

interface Filter extends Paging {
  readonly id: string;
  readonly status?: (typeof statuses)[number];
}

export const list = (db: Db, { id, status, ...paging }: Filter): Promise<PageOf<Delivery>> =>
  pageById(
    db.query
      .selectFrom("deliveries")
      .selectAll()
      .where("endpoint_id", "=", id)
      .$if(status !== undefined, (all) => all.where("status", "=", status!)),
    paging,
    toDelivery,
  );

/** @throws NOT_FOUND */
export async function sendAgain(tx: Tx, id: string): Promise<Delivery> {
  const row = await tx.one(resend, { id, now: now() });
  if (!row) throw webhook.error("NOT_FOUND");
  return toDelivery(row);
}

/** @returns how many are sent again */
export const sendFailedAgain = (tx: Tx, endpointId: string): Promise<number> =>
  tx.run(resendFailed, { endpoint_id: endpointId, now: now(), limit: BATCH });

/** @returns true when there may be more */
export const removeOld = async (db: Db, before: number): Promise<boolean> =>
  (await db.run(removeBefore, { before, limit: BATCH })) === BATCH;

/** @returns true when there may be more */
export const removeAllOf = async (tx: Tx, userId: string): Promise<boolean> =>
  (await tx.run(removeOfUser, { user_id: userId, limit: BATCH })) === BATCH;
