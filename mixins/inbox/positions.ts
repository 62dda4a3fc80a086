/**
 * How far the service has read each source, for buses that leave that to their readers, and which of its nodes reads: the
 * one with the lease. A node that has lost it can store no position.
 */
import type { Kysely } from "kysely";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Cursor, Position } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { columns, statements } from "../database/statement.ts";

export interface PositionTable {
  inbox_position: {
    /** The publishing service. */
    source: string;
    /** The identity of its store on the bus; empty before the first event. */
    store: string;
    /** The last event of that store that the inbox has. */
    seq: number;
    /** Who reads until the end of the lease, in milliseconds since the epoch, by its clock. */
    reader: string;
    lease_until: number;
  };
}

export async function createPositions(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("inbox_position")
    .ifNotExists()
    .addColumn("source", "text", (column) => column.primaryKey())
    .addColumn("store", "text", (column) => column.notNull())
    .addColumn("seq", "bigint", (column) => column.notNull())
    .addColumn("reader", "text", (column) => column.notNull())
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .execute();
}

/**
 * Milliseconds that a node which died, or stands still, keeps others from reading. A clock that is some seconds wrong
 * lets two read at once, which the inbox makes harmless.
 */
const LEASE = 10_000;
/** Milliseconds until a node looks again whether it may read. */
const LOOK = 1000;

const sql = statements<PositionTable>();
type Row = PositionTable["inbox_position"];

const find = sql((q, p: { source: string }) =>
  q.selectFrom("inbox_position").select(["store", "seq"]).where("source", "=", p.source),
);
const take = sql((q, p: Row & { now: number }) =>
  q
    .insertInto("inbox_position")
    .values(columns(p, "source", "store", "seq", "reader", "lease_until"))
    .onConflict((one) =>
      one
        .column("source")
        .doUpdateSet((e) => ({ reader: e.ref("excluded.reader"), lease_until: e.ref("excluded.lease_until") }))
        .where((e) =>
          e.or([
            e("inbox_position.reader", "=", e.ref("excluded.reader")),
            e("inbox_position.lease_until", "<=", p.now),
          ]),
        ),
    ),
);
const renew = sql((q, p: Pick<Row, "source" | "reader" | "lease_until">) =>
  q
    .updateTable("inbox_position")
    .set(columns(p, "lease_until"))
    .where("source", "=", p.source)
    .where("reader", "=", p.reader),
);
const save = sql((q, p: Row) =>
  q
    .updateTable("inbox_position")
    .set(columns(p, "store", "seq", "lease_until"))
    .where("source", "=", p.source)
    .where("reader", "=", p.reader),
);
const leave = sql((q, p: Pick<Row, "source" | "reader">) =>
  q.updateTable("inbox_position").set({ lease_until: 0 }).where("source", "=", p.source).where("reader", "=", p.reader),
);

interface Host {
  readonly db: Pick<Database<PositionTable>, "dialect" | "one" | "run">;
}

export class InboxCursor implements Cursor {
  readonly #host: Host;
  readonly #source: string;
  readonly #reader = newId();
  #renewAt = 0;
  #lookAt = 0;

  /** @param host the service, whose database may not be open yet */
  constructor(host: Host, source: string) {
    this.#host = host;
    this.#source = source;
  }

  async position(): Promise<Position | null> {
    const found = await this.#host.db.one(find, { source: this.#source });
    return found?.store ? found : null;
  }

  async take(): Promise<Position | null | undefined> {
    if (now() < this.#lookAt) return undefined;
    const { db } = this.#host;
    // An embedded database has one process, so any other lease is that of one that died.
    const free = db.dialect === "sqlite" ? Number.MAX_SAFE_INTEGER : now();
    const isTaken = await db.run(take, { ...this.#lease(), store: "", seq: 0, now: free });
    if (isTaken) return this.position();
    this.#lookAt = now() + LOOK;
    return undefined;
  }

  async keep(): Promise<void> {
    if (now() >= this.#renewAt) this.#require(await this.#host.db.run(renew, this.#lease()));
  }

  async save(position: Position): Promise<void> {
    this.#require(await this.#host.db.run(save, { ...this.#lease(), ...position }));
  }

  async leave(): Promise<void> {
    await this.#host.db.run(leave, { source: this.#source, reader: this.#reader });
  }

  #lease(): Pick<Row, "source" | "reader" | "lease_until"> {
    return { source: this.#source, reader: this.#reader, lease_until: now() + LEASE };
  }

  #require(changed: number): void {
    if (changed === 0) throw new Error(`Another node reads ${this.#source} now.`);
    this.#renewAt = now() + LEASE / 3;
  }
}
