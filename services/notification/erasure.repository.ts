/** What of somebody's messages is personal, and goes when they leave: the log, what they chose, and files that stood for messages. */
import { HOUR, now, timestamp } from "#core/clock.ts";
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import type { Transaction } from "#mixins/database/database.ts";
import { statements } from "#mixins/database/statement.ts";
import type { NotificationTables } from "./notification.repository.ts";
import * as preferences from "./preference.repository.ts";
import * as restocks from "./restock.repository.ts";
import * as suppressions from "./suppression.repository.ts";
import * as templates from "./template.repository.ts";
import { removeFiles } from "./providers/file.provider.ts";

/** Rows in one transaction, and milliseconds for which a message may be on its way. */
const BATCH = 200;
const ON_ITS_WAY = HOUR;

const sql = statements<NotificationTables>();

type OfUser = { user_id: string };

const suppressQueued = sql((q, p: OfUser) =>
  q
    .updateTable("deliveries")
    .set({ status: "suppressed", next_at: null, error: "USER_GONE" })
    .where("user_id", "=", p.user_id)
    .where("status", "=", "queued"),
);
const listOwn = sql((q, p: OfUser) => q.selectFrom("deliveries").select("id").where("user_id", "=", p.user_id));
const listOld = sql((q, p: OfUser & { before: string; limit: number }) =>
  q
    .selectFrom("deliveries")
    .select("id")
    .where("user_id", "=", p.user_id)
    .where("created_at", "<=", p.before)
    .limit(p.limit),
);
const remove = sql((q, p: { id: string }) => q.deleteFrom("deliveries").where("id", "=", p.id));

/** Rows of messages that may still be on their way stay a while, so that their files are found when they come. */
export async function forget(
  tx: Transaction<NotificationTables>,
  { userId, isLast }: Leaving,
): Promise<"all" | "more"> {
  tx.add(...preferences.forget(userId), restocks.forget(userId));
  tx.add(templates.forget(userId), suppressions.forget(userId), suppressQueued.with({ user_id: userId }));
  const before = timestamp(isLast ? now() : now() - ON_ITS_WAY);
  const old = await tx.all(listOld, { user_id: userId, before, limit: BATCH });
  for (const { id } of old) {
    removeFiles(id);
    tx.add(remove.with({ id }));
  }
  if (old.length === BATCH) return "more";
  for (const { id } of await tx.all(listOwn, { user_id: userId })) removeFiles(id);
  return "all";
}
