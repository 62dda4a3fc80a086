/**
 * Inbox: durable events take effect once. The id of an event is stored in the transaction of its effect, so an event
 * that comes again changes nothing. One that keeps failing waits with back-off and ends among the dead letters.
 *
 * @example
 * implement(notification, {
 *   mixins: [database<Tables>(…), inbox()],
 *   events: { "order.confirmed": (event, tx) => deliveries.add(tx, event.data.userId) },
 * })
 */
import type { Kysely } from "kysely";
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Envelope } from "#core/envelope.ts";
import { addName, type Mixin, mixin, type Subscriptions } from "#core/implement.ts";
import { localBus } from "./bus/local.bus.ts";
import type { Database, Transaction } from "./database/database.ts";
import { columns, statements } from "./database/statement.ts";
import { Worker } from "./worker.ts";

export interface InboxTable {
  inbox: {
    id: string;
    subject: string;
    state: "done" | "waiting" | "dead";
    attempts: number;
    /** Milliseconds since the epoch. */
    next_at: number;
    received_at: number;
    error: string | null;
    /** The event itself, only while it is not done. */
    envelope: string | null;
  };
}

export interface DeadLetter {
  readonly event: Envelope;
  readonly attempts: number;
  readonly error: string;
}

export interface Inbox {
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  /** Tries a dead letter again; false when there is none with this id. */
  replay(id: string): Promise<boolean>;
  /** Gives a dead letter up for good; false when there is none with this id. */
  discard(id: string): Promise<boolean>;
}

/** Call it in a migration of the service. */
export async function createInbox(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("inbox")
    .addColumn("id", "text", (column) => column.primaryKey())
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
    .on("inbox")
    .columns(["state", "id"])
    .where("envelope" as never, "is not", null)
    .execute();
}

const sql = statements<InboxTable>();
type Row = InboxTable["inbox"];
type Tx = Transaction<InboxTable>;

/** Served by the partial index, which holds no event that is done. */
const unfinished = (q: Kysely<InboxTable>, state: Row["state"]) =>
  q.selectFrom("inbox").where("envelope", "is not", null).where("state", "=", state);

const insert = sql((q, p: Row) =>
  q
    .insertInto("inbox")
    .values(columns(p, "id", "subject", "state", "attempts", "next_at", "received_at", "error", "envelope"))
    .onConflict((one) => one.column("id").doNothing()),
);
const waitingFor = sql((q, p: { subject: string }) =>
  unfinished(q, "waiting").select("id").where("subject", "=", p.subject).limit(1),
);
const countWaiting = sql((q) => unfinished(q, "waiting").select((e) => e.fn.countAll<number>().as("n")));
const listWaiting = sql((q, p: { limit: number }) => unfinished(q, "waiting").selectAll().orderBy("id").limit(p.limit));
const listDead = sql((q, p: { limit: number }) => unfinished(q, "dead").selectAll().orderBy("id").limit(p.limit));
const finish = sql((q, p: { id: string }) =>
  q
    .updateTable("inbox")
    .set({ state: "done", envelope: null, error: null })
    .where("id", "=", p.id)
    .where("state", "=", "waiting"),
);
const postpone = sql((q, p: Pick<Row, "id" | "state" | "attempts" | "next_at" | "error">) =>
  q
    .updateTable("inbox")
    .set(columns(p, "state", "attempts", "next_at", "error"))
    .where("id", "=", p.id)
    .where("state", "=", "waiting"),
);
const revive = sql((q, p: { id: string; next_at: number }) =>
  q
    .updateTable("inbox")
    .set({ state: "waiting", attempts: 0, next_at: p.next_at })
    .where("id", "=", p.id)
    .where("state", "=", "dead"),
);
const giveUp = sql((q, p: { id: string }) =>
  q.updateTable("inbox").set({ state: "done", envelope: null }).where("id", "=", p.id).where("state", "=", "dead"),
);

const ATTEMPTS = 8;
const backOff = (attempts: number): number => Math.min(100 * 2 ** attempts, 60_000);

interface Host extends Service {
  readonly db: Database<InboxTable>;
  readonly inbox?: Receiver;
}

class Receiver implements Inbox {
  readonly #service: Host;
  readonly #handlers: Record<string, (event: Envelope<never>, tx: unknown) => unknown>;
  readonly #worker: Worker;
  #stopped = false;
  /** Events that failed before: only when there are any must order be looked after. */
  #waiting = 0;

  constructor(service: Host, handlers: Subscriptions) {
    this.#service = service;
    this.#handlers = handlers as never;
    this.#worker = new Worker(service.logger, () => this.#retry(), { idle: 250 });
  }

  async start(): Promise<void> {
    this.#waiting = Number((await this.#service.db.one(countWaiting, {}))?.n ?? 0);
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker.stop();
  }

  /** Resolves when each event is either handled or stored to be handled later. */
  receive = async (events: readonly Envelope[]): Promise<void> => {
    if (this.#stopped) throw new Error(`${this.#service.fullName} has stopped.`);
    await Promise.all(events.map((event) => this.#receiveOne(event)));
  };

  async #receiveOne(event: Envelope): Promise<void> {
    const { db } = this.#service;
    let failure: Error | null = null;
    if (this.#waiting === 0) {
      try {
        await db.write(async (tx) => {
          if (await tx.run(insert, received(event, { state: "done" }))) await this.#handle(event, tx);
        });
        return;
      } catch (error) {
        failure = error as Error;
      }
    }
    await db.write(async (tx) => {
      const behind = await tx.one(waitingFor, { subject: event.subject });
      if (!failure && !behind) {
        if (await tx.run(insert, received(event, { state: "done" }))) await this.#handle(event, tx);
        return;
      }
      this.#waiting += await tx.run(
        insert,
        received(event, {
          state: "waiting",
          attempts: failure ? 1 : 0,
          error: failure?.message ?? null,
          envelope: JSON.stringify(event),
        }),
      );
    });
    if (failure) this.#service.logger.warn(`${event.type} ${event.id} failed: ${failure.message}`);
  }

  async #handle(event: Envelope, tx: Tx): Promise<void> {
    await this.#handlers[event.type]?.call(this.#service, event as Envelope<never>, tx);
  }

  /** In order, and per subject only the first that fails. */
  async #retry(): Promise<boolean> {
    if (this.#waiting === 0) return false;
    const rows = await this.#service.db.all(listWaiting, { limit: 100 });
    const blocked = new Set<string>();
    for (const row of rows) {
      if (blocked.has(row.subject)) continue;
      if (row.next_at > now() || !(await this.#retryOne(row))) blocked.add(row.subject);
    }
    this.#waiting = Number((await this.#service.db.one(countWaiting, {}))?.n ?? 0);
    return false;
  }

  async #retryOne(row: Row): Promise<boolean> {
    const event = JSON.parse(row.envelope!) as Envelope;
    try {
      await this.#service.db.write(async (tx) => {
        if (await tx.run(finish, { id: row.id })) await this.#handle(event, tx);
      });
      return true;
    } catch (error) {
      const attempts = row.attempts + 1;
      const state = attempts >= ATTEMPTS ? "dead" : "waiting";
      const { message } = error as Error;
      await this.#service.db.write((tx) =>
        tx.run(postpone, { id: row.id, state, attempts, next_at: now() + backOff(attempts), error: message }),
      );
      if (state === "dead") this.#service.logger.error(`${event.type} ${event.id} is now a dead letter: ${message}`);
      return state === "dead";
    }
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const rows = await this.#service.db.all(listDead, { limit });
    return rows.map(({ envelope, attempts, error }) => ({
      event: JSON.parse(envelope!) as Envelope,
      attempts,
      error: error ?? "",
    }));
  }

  async replay(id: string): Promise<boolean> {
    const revived = await this.#service.db.write((tx) => tx.run(revive, { id, next_at: now() }));
    this.#waiting += revived;
    this.#worker.wake();
    return revived > 0;
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#service.db.write((tx) => tx.run(giveUp, { id }))) > 0;
  }
}

const received = ({ id, subject }: Envelope, rest: Partial<Row> & Pick<Row, "state">): Row => ({
  id,
  subject,
  attempts: 0,
  next_at: now(),
  received_at: now(),
  error: null,
  envelope: null,
  ...rest,
});

const subscriptionsOf = (service: Service): Subscriptions =>
  (service.schema as unknown as { subscriptions?: Subscriptions }).subscriptions ?? {};

export function inbox(): Mixin<{ readonly inbox: Inbox }> {
  return mixin<{ readonly inbox: Inbox }, Host>({
    created() {
      // Subscribed before any service starts: an early event waits in its outbox instead of passing by.
      localBus(this.broker).subscribe(this.fullName, Object.keys(subscriptionsOf(this)), (events) =>
        this.inbox ? this.inbox.receive(events) : Promise.reject(new Error(`${this.fullName} has not started.`)),
      );
    },
    async started() {
      const receiver = new Receiver(this, subscriptionsOf(this));
      addName(this, "inbox", receiver);
      await receiver.start();
    },
    async stopped() {
      // Still subscribed: an event that comes now is refused and waits in its outbox.
      await this.inbox?.stop();
    },
  });
}
