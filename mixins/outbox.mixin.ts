/**
 * Transactional outbox: adds `this.outbox`. An event is a row in the transaction of the change it tells of; a relay
 * hands it to the bus afterwards, in order, until the bus has it.
 *
 * @example
 * await this.db.write(async (tx) => {
 *   await orders.confirm(tx, id);
 *   await this.outbox.add(tx, ctx, "order.confirmed", `order:${id}`, { id });
 * });
 */
import type { Kysely } from "kysely";
import type { Service } from "moleculer";
import { newId, now, timestamp } from "#core/clock.ts";
import type { EventData, EventDefinition, EventName } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import { localBus } from "./bus/local.bus.ts";
import type { AnyTransaction, Database } from "./database/database.ts";
import { sequence } from "./database/migrate.ts";
import { columns, statements } from "./database/statement.ts";
import { Worker } from "./worker.ts";

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
    /** 1 until the bus has it. */
    waiting: number | null;
  };
}

/** What caused an event: a context, or the event that is being handled. */
export type Cause = { readonly requestID: string; readonly id: string } | Envelope;

export interface Outbox {
  /** Adds the event to the change `tx`; `subject` is `<kind>:<id>`. */
  add<E extends EventName>(
    tx: AnyTransaction,
    cause: Cause,
    type: E,
    subject: string,
    data: EventData<E>,
  ): Promise<void>;
  /** Events about one subject after `seq`, oldest first: what a live stream replays. */
  since(subject: string, seq: number, limit: number): Promise<readonly (Envelope & { readonly seq: number })[]>;
}

/** Call it in a migration of the service. */
export async function createOutbox(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("outbox")
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
    .on("outbox")
    .column("seq")
    .where("waiting" as never, "is not", null)
    .execute();
  await db.schema.createIndex("outbox_subject").on("outbox").columns(["subject", "seq"]).execute();
}

const sql = statements<OutboxTable>();
type Row = OutboxTable["outbox"];

const insert = sql((q, p: Omit<Row, "seq" | "waiting">) =>
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
const waiting = sql((q, p: { limit: number }) =>
  q.selectFrom("outbox").selectAll().where("waiting", "is not", null).orderBy("seq").limit(p.limit),
);
const markPublished = sql((q, p: { seq: number }) =>
  q.updateTable("outbox").set({ waiting: null }).where("seq", "=", p.seq),
);
const bySubject = sql((q, p: { subject: string; seq: number; limit: number }) =>
  q
    .selectFrom("outbox")
    .selectAll()
    .where("subject", "=", p.subject)
    .where("seq", ">", p.seq)
    .orderBy("seq")
    .limit(p.limit),
);
const removeBefore = sql((q, p: { time: string }) =>
  q.deleteFrom("outbox").where("waiting", "is", null).where("time", "<", p.time),
);

const RELAY_BATCH = 500;
/** Published rows stay this long, for replay. */
const KEEP = 7 * 24 * 60 * 60 * 1000;

const toEnvelope = (row: Row) => ({
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

interface Host extends Service {
  readonly db: Database<OutboxTable>;
  readonly outbox?: Outbox & { readonly relay: Worker; readonly sweep: NodeJS.Timeout };
}

export function outbox(): Mixin<{ readonly outbox: Outbox }> {
  return mixin<{ readonly outbox: Outbox }, Host>({
    started() {
      const relay = new Worker(this.logger, () => relayBatch(this), { idle: 1000 });
      const sweep = setInterval(
        () => void removeOld(this.db).catch((error) => this.logger.warn(error)),
        60 * 60 * 1000,
      );
      const definitions = this.schema.metadata?.events as Record<string, EventDefinition>;
      addName(this, "outbox", {
        relay,
        sweep,
        async add(tx: AnyTransaction, cause: Cause, type: string, subject: string, data: unknown) {
          const [correlation_id, causation_id] =
            "correlationId" in cause ? [cause.correlationId, cause.id] : [cause.requestID, cause.id];
          const { version } = definitions[type.slice(type.indexOf(".") + 1)]!;
          const event = { id: newId(), type, version, time: timestamp(), source: serviceOf(type), subject };
          await tx.run(insert, {
            ...event,
            correlation_id: correlation_id ?? event.id,
            causation_id: causation_id ?? event.id,
            data: JSON.stringify(data),
          });
          tx.afterCommit(() => relay.wake());
        },
        since: async (subject: string, seq: number, limit: number) =>
          (await this.db.all(bySubject, { subject, seq, limit })).map(toEnvelope),
      });
      relay.wake();
    },
    async stopped() {
      clearInterval(this.outbox?.sweep);
      await this.outbox?.relay.stop();
    },
  });
}

const serviceOf = (type: string): string => type.slice(0, type.indexOf("."));

/** One batch to the bus, then marked: a crash between the two sends it again, and the inboxes know it. */
async function relayBatch(service: Host): Promise<boolean> {
  const rows = await service.db.all(waiting, { limit: RELAY_BATCH });
  if (rows.length === 0) return false;
  const events = rows.map(toEnvelope);
  await localBus(service.broker).publish(events);
  // Exactly these: on PostgreSQL a row with a lower number may be committed after one with a higher.
  await service.db.write(async (tx) => {
    for (const { seq } of rows) await tx.run(markPublished, { seq });
  });
  // A hint for live streams, which read the rows themselves: it may be lost without harm.
  void service.broker.broadcast("live.changed", { subjects: [...new Set(events.map(({ subject }) => subject))] });
  return rows.length === RELAY_BATCH;
}

const removeOld = (db: Database<OutboxTable>) =>
  db.write((tx) => tx.run(removeBefore, { time: timestamp(now() - KEEP) }));
