/** A table of parcels that are to be sent, and nodes that work through it by a queue. */
import { EventEmitter } from "node:events";
import type { ServiceBroker } from "moleculer";
import type { Database } from "#mixins/database/database.ts";
import { isAmong, skipLocked } from "#mixins/database/locking.ts";
import type { Migrations } from "#mixins/database/migrate.ts";
import { statements } from "#mixins/database/statement.ts";
import { dueIn } from "#mixins/queue/due.ts";
import { Queue } from "#mixins/queue/queue.ts";
import { eventually } from "../fixtures/eventually.ts";

export interface Parcel {
  id: string;
  /** Null when it was sent. */
  next_at: number | null;
}
export interface ParcelTables {
  parcels: Parcel;
}

const sql = statements<ParcelTables>();
export const insert = sql((q, p: Parcel) => q.insertInto("parcels").values({ id: p.id, next_at: p.next_at }));
export const due = dueIn<ParcelTables>()("parcels", "next_at");
const claimDue = sql((q, p: { now: number; lease: number; limit: number }) =>
  q
    .with("due", (w) =>
      skipLocked(
        q,
        w.selectFrom("parcels").select("id").where("next_at", "<=", p.now).orderBy("next_at").limit(p.limit),
      ),
    )
    .updateTable("parcels")
    .set({ next_at: p.lease })
    .where(isAmong(q, "due"))
    .returningAll(),
);
export const setNext = sql((q, p: Parcel) =>
  q.updateTable("parcels").set({ next_at: p.next_at }).where("id", "=", p.id),
);
export const rows = sql((q) => q.selectFrom("parcels").selectAll().orderBy("id"));

/** Milliseconds. */
export const LEASE = 60_000;

export const parcelMigrations: Migrations = {
  "0001": {
    up: (schema) =>
      schema.schema
        .createTable("parcels")
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("next_at", "bigint")
        .execute(),
  },
};

export type ParcelOptions = ConstructorParameters<typeof Queue<Parcel>>[1];

/** One node with a queue over the table; what it is given stays at hand until the spec ends it. */
export class ParcelNode {
  readonly given: string[] = [];
  readonly localBus = new EventEmitter();
  readonly queue: Queue<Parcel>;
  looks = 0;
  /** Looks whose question the database has answered. */
  answered = 0;
  /** What it does with a parcel; it is sent when that resolves. */
  send: (parcel: Parcel) => Promise<unknown> = async () => {};

  constructor(db: Database<ParcelTables>, warn: (text: string) => void, options: Partial<ParcelOptions>) {
    const logger = { warn };
    this.queue = new Queue<Parcel>(
      { logger: logger as never, broker: this as unknown as ServiceBroker },
      {
        next: async () => {
          this.looks += 1;
          const first = await db.one(due.next, {});
          this.answered += 1;
          return first;
        },
        claim: (limit) => db.write((tx) => tx.all(claimDue, { now: Date.now(), lease: Date.now() + LEASE, limit })),
        work: async (parcel) => {
          this.given.push(parcel.id);
          await this.send(parcel);
          await db.run(setNext, { id: parcel.id, next_at: null });
        },
        limit: 10,
        ...options,
      },
    );
  }

  isGiven(count: number): Promise<unknown> {
    return eventually(() => this.given.length >= count);
  }
}
