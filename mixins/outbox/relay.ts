/**
 * Publishes the events of an outbox on the bus, in order, until the bus has them. Of many nodes, one does so at a time.
 */
import { sql as raw } from "kysely";
import type { Envelope } from "#core/envelope.ts";
import type { Bus, Position, Publisher } from "../bus/bus.ts";
import type { Database, Transaction } from "../database/database.ts";
import { statements } from "../database/statement.ts";
import * as rows from "./rows.ts";
import type { OutboxTable, Row } from "./rows.ts";

type Db = Database<OutboxTable>;
type Tx = Transaction<OutboxTable>;
type Events = readonly Envelope[];

/** Selects the kept events of a replay. */
export interface Replay {
  /** RFC 3339. The default is all kept events. */
  readonly since?: string;
  readonly type?: string;
  readonly subject?: string;
}

const BATCH = 500;
/**
 * Rows that are read together with the lock: usually more than are waiting, and few enough when another relay holds the
 * lock.
 */
const FEW = 50;
/** Bytes of data in one batch, small enough for the bus to take it well within its time. */
const BATCH_BYTES = 4_000_000;
/** Rows that one transaction marks. */
const PAGE = 1000;
/** The advisory lock of the relay. The number is arbitrary, but no other lock of these databases uses it. */
const LOCK = 0x6f7574;
/** Milliseconds that a busy node may need between the answer of the bus and the COMMIT. */
const SLACK = 3000;
/**
 * Milliseconds until a relay tries again when another one is at work. That one also publishes later rows, unless it
 * dies.
 */
const LOOK = 50;

const sql = statements<OutboxTable>();

export class Relay {
  readonly #db: Db;
  readonly #bus: Bus;
  readonly #publisher: Publisher;
  readonly #published: (events: Events) => void;
  /** How long a relay's transaction may idle, and so how long another may wait for it, in PostgreSQL's notation. */
  readonly #limit: string;

  /** @param published called after every batch that the bus took */
  constructor(db: Db, bus: Bus, source: string, published: (events: Events) => void) {
    this.#db = db;
    this.#bus = bus;
    this.#limit = `${bus.patience + SLACK}ms`;
    this.#publisher = {
      source,
      position: async () => (await db.one(rows.findPosition, {})) ?? null,
      repeat: async () => {
        await this.repeat();
        await db.write((tx) => tx.run(rows.removePosition, {}));
      },
    };
    this.#published = published;
  }

  /**
   * Publishes one batch. Answers true when there may be more, milliseconds while another relay is at work, and null
   * while the bus is away. After a crash in between, the batch is sent again, and the inboxes recognise it.
   */
  async step(): Promise<boolean | number | null> {
    if (!(await this.#bus.prepare(this.#publisher))) return null;
    const first = await this.#db.all(rows.listWaiting, { limit: this.#db.dialect === "sqlite" ? BATCH : 1 });
    if (first.length === 0) return false;
    const events = await (this.#db.dialect === "sqlite" ? this.#alone(first) : this.#oneOfMany());
    if (!events) return LOOK;
    if (events.length > 0) this.#published(events);
    return events.length > 0;
  }

  /**
   * SQLite has one process and one writer, so no lock is needed there, and the bus is not awaited within a transaction.
   */
  async #alone(rowsWaiting: readonly Row[]): Promise<Events> {
    const waiting = firstOf(rowsWaiting);
    const events = waiting.map(rows.toEnvelope);
    const position = await this.#publish(events);
    const marks = waiting.map(({ seq }) => rows.markPublished.with({ seq }));
    await this.#db.write(async (tx) => tx.add(...marks, ...(position ? [rows.setPosition.with(position)] : [])));
    return events;
  }

  /**
   * On PostgreSQL every node has a relay, and the one that holds the advisory lock publishes; a frozen node loses the
   * lock. The others do not wait for it, because each would hold a connection for as long as the bus is slow.
   * @returns null while another relay holds the lock
   */
  #oneOfMany(): Promise<Events | null> {
    return this.#db.write(async (tx) => {
      const [{ rows: locks }, { rows: few }] = await tx.ask(
        tryLock.with({ limit: this.#limit }),
        rows.listWaiting.with({ limit: FEW }),
      );
      if (!locks[0]!.isMine) return null;
      const waiting = firstOf(few.length < FEW ? few : await tx.all(rows.listWaiting, { limit: BATCH }));
      if (waiting.length === 0) return [];
      const events = waiting.map(rows.toEnvelope);
      const position = await this.#publish(events);
      // Exactly these rows, because a row with a lower number may be committed after one with a higher.
      tx.add(rows.markAllPublished.with({ seqs: waiting.map(({ seq }) => seq) }));
      if (position) tx.add(rows.setPosition.with(position));
      return events;
    });
  }

  #publish(events: Events): Promise<Position | null> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const { patience } = this.#bus;
    const timer = setTimeout(() => reject(new Error(`The bus has not taken events within ${patience} ms.`)), patience);
    return Promise.race([this.#bus.publish(events), late]).finally(() => clearTimeout(timer));
  }

  /**
   * Marks published events as not published. The inboxes recognise the ones that they have handled.
   * @returns the number of rows
   */
  async repeat(which: Replay = {}): Promise<number> {
    const { first, last } = (await this.#db.one(rows.bounds, {}))!;
    let marked = 0;
    for (let after = (first ?? 0) - 1; after < (last ?? 0); after += PAGE)
      marked += await this.#db.write((tx) => this.#repeatPage(tx, after, which));
    return marked;
  }

  async #repeatPage(tx: Tx, after: number, { since, type, subject }: Replay): Promise<number> {
    // A relay that has just published marks its rows first.
    if (this.#db.dialect === "postgres") await lock(tx, this.#limit);
    const { numUpdatedRows } = await tx.query
      .updateTable("outbox")
      .set({ waiting: 1 })
      .where("waiting", "is", null)
      .where("seq", ">", after)
      .where("seq", "<=", after + PAGE)
      .$if(since !== undefined, (q) => q.where("time", ">=", since!))
      .$if(type !== undefined, (q) => q.where("type", "=", type!))
      .$if(subject !== undefined, (q) => q.where("subject", "=", subject!))
      .executeTakeFirst();
    return Number(numUpdatedRows);
  }
}

/** As many rows as fit into one batch, but at least one. */
function firstOf(waiting: readonly Row[]): readonly Row[] {
  let bytes = 0;
  const tooMany = waiting.findIndex(({ data }, index) => (bytes += data.length) > BATCH_BYTES && index > 0);
  return tooMany < 0 ? waiting : waiting.slice(0, tooMany);
}

/** This transaction waits for the bus, which others do not, so it has a limit of its own. */
const tryLock = sql((q, p: { limit: string }) =>
  q.selectNoFrom([
    raw<boolean>`pg_try_advisory_xact_lock(${LOCK})`.as("isMine"),
    raw`set_config('idle_in_transaction_session_timeout', ${p.limit}, true)`.as("limit"),
  ]),
);

const lock = (tx: Tx, limit: string) =>
  raw`select set_config('lock_timeout', ${limit}, true), pg_advisory_xact_lock(${LOCK})`.execute(tx.query);
