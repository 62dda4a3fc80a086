/** All SQL of addresses to which nothing is sent. */
import { timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { newId } from "#core/id.ts";
import type { Executor } from "#mixins/database/database.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { NotificationTables } from "./notification.repository.ts";
import type { Reached } from "./suppression.model.ts";

type Row = NotificationTables["suppressions"];
type Db = Executor<NotificationTables>;
const sql = statements<NotificationTables>();

const findRow = sql((q, p: Pick<Row, "channel" | "hash">) =>
  q.selectFrom("suppressions").select("id").where("channel", "=", p.channel).where("hash", "=", p.hash),
);
const insert = sql((q, p: Row) =>
  q
    .insertInto("suppressions")
    .values(columns(p, "id", "channel", "hash", "user_id", "reason", "created_at"))
    .onConflict((one) => one.columns(["channel", "hash"]).doNothing()),
);
const lift = sql((q, p: Pick<Row, "channel" | "hash">) =>
  q.deleteFrom("suppressions").where("channel", "=", p.channel).where("hash", "=", p.hash),
);
const removeRow = sql((q, p: Pick<Row, "id">) => q.deleteFrom("suppressions").where("id", "=", p.id));
const removeOfUser = sql((q, p: { user_id: string }) => q.deleteFrom("suppressions").where("user_id", "=", p.user_id));
const removeBefore = sql((q, p: { before: string }) => q.deleteFrom("suppressions").where("created_at", "<", p.before));

export const isSuppressed = async (db: Db, channel: Reached, hash: string): Promise<boolean> =>
  (await db.one(findRow, { channel, hash })) !== undefined;

export const suppress = (row: Pick<Row, "channel" | "hash" | "user_id" | "reason">): Write =>
  insert.with({ ...row, id: newId(), created_at: timestamp() });

/** The address is good again. */
export const restore = (db: Db, channel: Reached, hash: string): Promise<number> => db.run(lift, { channel, hash });

/** Newest first. */
export const list = (db: Db, hash: string | undefined, paging: Paging): Promise<PageOf<Row>> =>
  pageById(
    db.query
      .selectFrom("suppressions")
      .selectAll()
      .$if(hash !== undefined, (all) => all.where("hash", "=", hash!)),
    paging,
    (row) => row,
  );

/** @returns false when there is none with this id */
export const remove = async (db: Db, id: string): Promise<boolean> => (await db.run(removeRow, { id })) > 0;

export const removeOld = (db: Db, before: string): Promise<number> => db.run(removeBefore, { before });

export const forget = (userId: string): Write => removeOfUser.with({ user_id: userId });
