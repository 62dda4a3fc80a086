/** The rows of an inbox: handled events, events that wait for another attempt, and dead letters. */
import { type ExpressionBuilder, type Kysely, sql as raw } from "kysely";
import { type Migrations, sequence } from "../database/migrate.ts";
import { columns, statements } from "../database/statement.ts";
import { createPositions, type PositionTable } from "./positions.ts";

export interface InboxTable extends PositionTable {
  inbox: {
    /** The order of arrival, because ids of the same millisecond do not sort. */
    seq: number;
    id: string;
    subject: string;
    state: "done" | "waiting" | "dead";
    attempts: number;
    /** Milliseconds since the epoch. */
    next_at: number;
    received_at: number;
    error: string | null;
    /** The event itself, kept only until it is handled. */
    envelope: string | null;
  };
}

async function createInbox(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("inbox")
    .ifNotExists()
    .addColumn("seq", "integer", sequence(db))
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("attempts", "integer", (column) => column.notNull())
    .addColumn("next_at", "bigint", (column) => column.notNull())
    .addColumn("received_at", "bigint", (column) => column.notNull())
    .addColumn("error", "text")
    .addColumn("envelope", "text")
    .execute();
  await db.schema
    .createIndex("inbox_unfinished")
    .ifNotExists()
    .on("inbox")
    .columns(["state", "subject", "seq"])
    .where("envelope" as never, "is not", null)
    .execute();
}

/** Services made the table by migrations of their own before: where it is there already, it stays as it is. */
export const migrations: Migrations = { "0001_inbox": { up: createInbox }, "0002_positions": { up: createPositions } };

const sql = statements<InboxTable>();
export type InboxRow = InboxTable["inbox"];
export type NewRow = Omit<InboxRow, "seq">;

/** The partial index serves this query; it holds no handled event. */
const unfinished = (q: Kysely<InboxTable>, state: InboxRow["state"]) =>
  q.selectFrom("inbox").where("envelope", "is not", null).where("state", "=", state);

export const insert = sql((q, p: NewRow) =>
  q
    .insertInto("inbox")
    .values(columns(p, "id", "subject", "state", "attempts", "next_at", "received_at", "error", "envelope") as InboxRow)
    .onConflict((one) => one.column("id").doNothing()),
);
/** Marks an event as handled. Changes nothing when it is known, or while an earlier event of its subject waits. */
export const insertNext = sql((q, p: Pick<NewRow, "id" | "subject" | "received_at">) =>
  q
    .insertInto("inbox")
    .columns(["id", "subject", "state", "attempts", "next_at", "received_at"])
    .expression(
      q
        .selectNoFrom([
          raw<string>`cast(${p.id} as text)`.as("id"),
          raw<string>`cast(${p.subject} as text)`.as("subject"),
          raw<"done">`'done'`.as("state"),
          raw<number>`0`.as("attempts"),
          raw<number>`cast(${p.received_at} as bigint)`.as("next_at"),
          raw<number>`cast(${p.received_at} as bigint)`.as("received_at"),
        ])
        .where((e) => e.not(e.exists(unfinished(q, "waiting").select("seq").where("subject", "=", p.subject)))),
    )
    .onConflict((one) => one.column("id").doNothing()),
);
/** The subjects with a waiting event, out of many, in PostgreSQL's dialect. */
export const waitingAmong = sql((q, p: { subjects: readonly string[] }) =>
  unfinished(q, "waiting")
    .select("subject")
    .distinct()
    .where(raw<boolean>`subject = any(${p.subjects})`),
);
/** The first waiting event of each subject. */
const firstOfEach = (q: Kysely<InboxTable>) =>
  unfinished(q, "waiting")
    .where((e) => e.not(e.exists(earlier(e).whereRef("earlier.subject", "=", "inbox.subject"))))
    .orderBy("next_at");
const earlier = (e: ExpressionBuilder<InboxTable, "inbox">) =>
  e
    .selectFrom("inbox as earlier")
    .select("earlier.seq")
    .where("earlier.envelope", "is not", null)
    .where("earlier.state", "=", "waiting")
    .whereRef("earlier.seq", "<", "inbox.seq");

export const nextDue = sql((q) => firstOfEach(q).select("next_at as at").limit(1));
export const listDue = sql((q, p: { now: number; limit: number }) =>
  firstOfEach(q).selectAll().where("next_at", "<=", p.now).limit(p.limit),
);
export const listDead = sql((q, p: { after: number; limit: number }) =>
  unfinished(q, "dead").selectAll().where("seq", ">", p.after).orderBy("seq").limit(p.limit),
);
export const finish = sql((q, p: { id: string }) =>
  q
    .updateTable("inbox")
    .set({ state: "done", envelope: null, error: null })
    .where("id", "=", p.id)
    .where("state", "=", "waiting"),
);
export const postpone = sql((q, p: Pick<InboxRow, "id" | "state" | "attempts" | "next_at" | "error">) =>
  q
    .updateTable("inbox")
    .set(columns(p, "state", "attempts", "next_at", "error"))
    .where("id", "=", p.id)
    .where("state", "=", "waiting"),
);
export const revive = sql((q, p: { id: string; next_at: number }) =>
  q
    .updateTable("inbox")
    .set({ state: "waiting", attempts: 0, next_at: p.next_at })
    .where("id", "=", p.id)
    .where("state", "=", "dead"),
);
export const giveUp = sql((q, p: { id: string }) =>
  q.updateTable("inbox").set({ state: "done", envelope: null }).where("id", "=", p.id).where("state", "=", "dead"),
);
export const countUnfinished = sql((q) =>
  q
    .selectFrom("inbox")
    .select(({ fn }) => ["state" as const, fn.countAll<number>().as("count")])
    .where("envelope", "is not", null)
    .groupBy("state"),
);
/** The oldest handled events. Rows are inserted in the order of arrival. */
export const removeOld = sql((q, p: { before: number; limit: number }) =>
  q.deleteFrom("inbox").where("seq", "in", (e) =>
    e
      .selectFrom(
        e
          .selectFrom("inbox")
          .select(["seq", "received_at"])
          .where("state", "=", "done")
          .orderBy("seq")
          .limit(p.limit)
          .as("oldest"),
      )
      .select("oldest.seq")
      .where("oldest.received_at", "<", p.before),
  ),
);
