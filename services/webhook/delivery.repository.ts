/** All SQL of the log of deliveries: added, read, sent again, and removed. What sends them is in outgoing.repository.ts. */
import { now } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { newId } from "#core/id.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Delivery, LoggedDelivery, statuses } from "./delivery.contract.ts";
import { webhook } from "./webhook.contract.ts";
import { toAttempt, toDelivery } from "./webhook.projection.ts";
import { type Db, type DeliveryRow, sql, type Tx } from "./webhook.tables.ts";

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
const find = sql((q, p: { id: string }) => q.selectFrom("deliveries").selectAll().where("id", "=", p.id));
const lastAttempts = sql((q, p: { id: string; limit: number }) =>
  q.selectFrom("attempts").selectAll().where("delivery_id", "=", p.id).orderBy("at", "desc").limit(p.limit),
);
/** A delivery that a node is just sending is sent twice then. */
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
