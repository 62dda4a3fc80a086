/** All SQL of the log as staff see it, and of what is too old for it. */
import { timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Database, Executor } from "#mixins/database/database.ts";
import { pageById } from "#mixins/database/paging.ts";
import { statements } from "#mixins/database/statement.ts";
import type { Channel, Status } from "./notification.model.ts";
import type { DeliveryRow, NotificationTables } from "./notification.repository.ts";
import { removeFiles } from "./providers/file.provider.ts";

type Db = Executor<NotificationTables>;
/** Rows that one transaction removes. */
const BATCH = 500;
const sql = statements<NotificationTables>();

const listOld = sql((q, p: { before: string; limit: number }) =>
  q
    .selectFrom("deliveries")
    .select("id")
    .where("created_at", "<", p.before)
    .where("status", "<>", "queued")
    .orderBy("created_at")
    .limit(p.limit),
);
const remove = sql((q, p: { id: string }) => q.deleteFrom("deliveries").where("id", "=", p.id));

interface Filter extends Paging {
  readonly userId?: string | undefined;
  readonly channel?: Channel | undefined;
  readonly status?: Status | undefined;
}

const toLogged = (row: DeliveryRow) => ({
  id: row.id,
  userId: row.user_id,
  eventId: row.event_id,
  channel: row.channel,
  template: row.template,
  templateVersion: row.template_version,
  status: row.status,
  attempts: row.attempts,
  error: row.error,
  provider: row.provider,
  createdAt: row.created_at,
  sentAt: row.sent_at,
  deliveredAt: row.delivered_at,
  nextAttemptAt: row.next_at === null ? null : timestamp(row.next_at),
});

/** Newest first. */
export const list = (
  db: Db,
  { userId, channel, status, ...paging }: Filter,
): Promise<PageOf<ReturnType<typeof toLogged>>> =>
  pageById(
    db.query
      .selectFrom("deliveries")
      .selectAll()
      .$if(userId !== undefined, (all) => all.where("user_id", "=", userId!))
      .$if(channel !== undefined, (all) => all.where("channel", "=", channel!))
      .$if(status !== undefined, (all) => all.where("status", "=", status!)),
    paging,
    toLogged,
  );

/** Removes what was sent, or given up, before that time, with its files. @returns true when there may be more */
export async function removeOld(db: Database<NotificationTables>, before: string): Promise<boolean> {
  const old = await db.all(listOld, { before, limit: BATCH });
  for (const { id } of old) removeFiles(id);
  if (old.length > 0) await db.write(async (tx) => tx.add(...old.map(({ id }) => remove.with({ id }))));
  return old.length === BATCH;
}
