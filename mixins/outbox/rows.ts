/** The rows of an outbox: events that wait for the bus, and published events, which are kept for a replay. */
import { type Kysely, sql as raw } from "kysely";
import type { Envelope } from "#core/envelope.ts";
import { type Migrations, sequence, sweepOften } from "../database/migrate.ts";
import { columns, statements } from "../database/statement.ts";

export interface OutboxTable {
  outbox: {
    seq: number;
    id: string;
    type: string;
    version: number;
    time: string;
    source: string;
    subject: string;
    correlation_id: string;
    causation_id: string;
    data: string;
    /** 1 until the bus has the event. */
    waiting: number | null;
  };
  /** One row: the position of the bus after the last publish. */
  outbox_position: { id: number; store: string; seq: number };
}

async function createOutbox(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("outbox")
    .ifNotExists()
    .addColumn("seq", "integer", sequence(db))
    .addColumn("id", "text", (column) => column.notNull().unique())
    .addColumn("type", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("time", "text", (column) => column.notNull())
    .addColumn("source", "text", (column) => column.notNull())
    .addColumn("subject", "text", (column) => column.notNull())
    .addColumn("correlation_id", "text", (column) => column.notNull())
    .addColumn("causation_id", "text", (column) => column.notNull())
    .addColumn("data", "text", (column) => column.notNull())
    .addColumn("waiting", "integer", (column) => column.defaultTo(1))
    .execute();
  await db.schema
    .createIndex("outbox_waiting")
    .ifNotExists()
    .on("outbox")
    .column("seq")
    .where("waiting" as never, "is not", null)
    .execute();
  await db.schema.createIndex("outbox_subject").ifNotExists().on("outbox").columns(["subject", "seq"]).execute();
  await sweepOften(db, "outbox");
  await db.schema
    .createTable("outbox_position")
    .ifNotExists()
    .addColumn("id", "integer", (column) => column.primaryKey().check(raw`id = 1`))
    .addColumn("store", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .execute();
}

/** Services made the tables by migrations of their own before: where they are there already, they stay as they are. */
export const migrations: Migrations = { "0001_outbox": { up: createOutbox } };

const sql = statements<OutboxTable>();
export type Row = OutboxTable["outbox"];

export const insert = sql((q, p: Omit<Row, "seq" | "waiting">) =>
  q
    .insertInto("outbox")
    .values(
      columns(
        p,
        "id",
        "type",
        "version",
        "time",
        "source",
        "subject",
        "correlation_id",
        "causation_id",
        "data",
      ) as never,
    ),
);
export const listWaiting = sql((q, p: { limit: number }) =>
  q.selectFrom("outbox").selectAll().where("waiting", "is not", null).orderBy("seq").limit(p.limit),
);
export const markPublished = sql((q, p: { seq: number }) =>
  q.updateTable("outbox").set({ waiting: null }).where("seq", "=", p.seq),
);
/** Marks many rows at once, in PostgreSQL's dialect. */
export const markAllPublished = sql((q, p: { seqs: readonly number[] }) =>
  q
    .updateTable("outbox")
    .set({ waiting: null })
    .where(raw<boolean>`seq = any(${p.seqs})`),
);
export const findPosition = sql((q) => q.selectFrom("outbox_position").select(["store", "seq"]));
/** The position only grows within one store, because a replayed event keeps its number. */
export const setPosition = sql((q, p: { store: string; seq: number }) =>
  q
    .insertInto("outbox_position")
    .values({ id: 1, ...columns(p, "store", "seq") })
    .onConflict((one) =>
      one
        .column("id")
        .doUpdateSet((e) => ({ store: e.ref("excluded.store"), seq: e.ref("excluded.seq") }))
        .where((e) =>
          e.or([
            e("outbox_position.store", "<>", e.ref("excluded.store")),
            e("outbox_position.seq", "<", e.ref("excluded.seq")),
          ]),
        ),
    ),
);
/** After a loss, the store may never reach its former position again. */
export const removePosition = sql((q) => q.deleteFrom("outbox_position"));
export const bySubject = sql((q, p: { subject: string; seq: number; limit: number }) =>
  q
    .selectFrom("outbox")
    .selectAll()
    .where("subject", "=", p.subject)
    .where("seq", ">", p.seq)
    .orderBy("seq")
    .limit(p.limit),
);
export const bounds = sql((q) =>
  q.selectFrom("outbox").select(({ fn }) => [fn.min("seq").as("first"), fn.max("seq").as("last")]),
);
export const lag = sql((q) =>
  q
    .selectFrom("outbox")
    .select(({ fn }) => [fn.countAll<number>().as("count"), fn.min("time").as("oldest")])
    .where("waiting", "is not", null),
);
/** The oldest published rows. Rows are nearly in the order of their times. */
export const removeOld = sql((q, p: { time: string; limit: number }) =>
  q.deleteFrom("outbox").where("seq", "in", (e) =>
    e
      .selectFrom(
        e
          .selectFrom("outbox")
          .select(["seq", "time"])
          .where("waiting", "is", null)
          .orderBy("seq")
          .limit(p.limit)
          .as("oldest"),
      )
      .select("oldest.seq")
      .where("oldest.time", "<", p.time),
  ),
);

export const toEnvelope = (row: Row): Envelope & { readonly seq: number } => ({
  seq: row.seq,
  id: row.id,
  type: row.type,
  version: row.version,
  time: row.time,
  source: row.source,
  subject: row.subject,
  correlationId: row.correlation_id,
  causationId: row.causation_id,
  data: JSON.parse(row.data) as unknown,
});
