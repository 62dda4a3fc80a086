/**
 * Erasure: what is personal goes when its person leaves. Adds `this.erasure`. The service says what goes; it is worked off in
 * small transactions, also after a crash, until nothing is left. For an hour it is looked for again, since a request that was
 * admitted before may still have been under way. The person's jobs go without a word of the service.
 *
 * @example
 * mixins: [database<Tables>(…), inbox(), erasure<Host>(async (tx, { userId }) => {
 *   tx.add(wishlists.removeAllOf(userId));
 *   return "all";
 * })],
 * events: {
 *   "user.deleted"({ data }, tx) {
 *     return this.erasure.begin(tx, data.userId);
 *   },
 * }
 */
import type { Kysely } from "kysely";
import type { Service } from "moleculer";
import { HOUR, now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { AnyTransaction, Database } from "../database/database.ts";
import type { Migrations } from "../database/migrate.ts";
import { columns, statements } from "../database/statement.ts";
import type { Write } from "../database/write.ts";
import { dueIn } from "../queue/due.ts";
import { Queue } from "../queue/queue.ts";

export interface ErasureTable {
  erasures: {
    user_id: string;
    /** Times that everything had gone. */
    looks: number;
    /** Milliseconds since the epoch: when to look next, and until when. */
    next_at: number;
    until: number;
  };
}
type Row = ErasureTable["erasures"];

export interface Leaving {
  readonly userId: string;
  /** Nothing comes after this look: what had to stay for a while may go. */
  readonly isLast: boolean;
}

/** `all` went, there is `more` to do at once, or something is `kept`, such as the address of an order under way. */
type Forget<Host> = (this: Host, tx: AnyTransaction, leaving: Leaving) => Promise<"all" | "more" | "kept">;

export interface Erasure {
  /** What can go at once goes in this transaction, in which the service learns that somebody has left. */
  begin(tx: AnyTransaction, userId: string): Promise<void>;
}

async function createErasures(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("erasures")
    .ifNotExists()
    .addColumn("user_id", "text", (column) => column.primaryKey())
    .addColumn("looks", "integer", (column) => column.notNull())
    .addColumn("next_at", "bigint", (column) => column.notNull())
    .addColumn("until", "bigint", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("erasures_due").ifNotExists().on("erasures").column("next_at").execute();
}

/** Services made the table by migrations of their own before: where it is there already, it stays as it is. */
const migrations: Migrations = { "0001_erasures": { up: createErasures } };

/** Milliseconds: no request is under way for longer. */
const WINDOW = HOUR;
/** Milliseconds until the next look when something was kept, and when all had gone for the first time; that doubles. */
const KEPT = 2000;
const GONE = 1000;

const sql = statements<ErasureTable>();

const insert = sql((q, p: Row) =>
  q
    .insertInto("erasures")
    .values(columns(p, "user_id", "looks", "next_at", "until"))
    .onConflict((one) => one.column("user_id").doNothing()),
);
const due = dueIn<ErasureTable>()("erasures", "next_at");
/** Changes nothing when another node looks, or has looked since. */
const take = sql((q, p: Pick<Row, "user_id" | "next_at">) =>
  q
    .updateTable("erasures")
    .set({ next_at: p.next_at })
    .where("user_id", "=", p.user_id)
    .where("next_at", "=", p.next_at),
);
const setNext = sql((q, p: Pick<Row, "user_id" | "looks" | "next_at">) =>
  q
    .updateTable("erasures")
    .set(columns(p, "looks", "next_at"))
    .where("user_id", "=", p.user_id),
);
const remove = sql((q, p: Pick<Row, "user_id">) => q.deleteFrom("erasures").where("user_id", "=", p.user_id));

interface Host extends Service {
  readonly db: Database<ErasureTable>;
  readonly erasure?: RunningErasure;
  readonly jobs?: { forget(userId: string): Write };
}

class RunningErasure implements Erasure {
  readonly #host: Host;
  readonly #forget: Forget<unknown>;
  readonly #queue: Queue<Row>;

  constructor(host: Host, forget: Forget<unknown>) {
    this.#host = host;
    this.#forget = forget;
    this.#queue = new Queue(host, {
      next: () => host.db.one(due.next, {}),
      claim: (limit) => host.db.all(due.list, { now: now(), limit }),
      work: (row) => this.#look(row),
      limit: 10,
      atOnce: 1,
    });
  }

  start(): Promise<void> {
    return this.#queue.start();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async begin(tx: AnyTransaction, userId: string): Promise<void> {
    const time = now();
    tx.add({
      ...insert.with({ user_id: userId, looks: 0, next_at: time, until: time + WINDOW }),
      afterCommit: () => this.#queue.wake(),
    });
    await this.#leave(tx, { userId, isLast: false });
  }

  #leave(tx: AnyTransaction, leaving: Leaving): Promise<"all" | "more" | "kept"> {
    const { jobs } = this.#host;
    if (jobs) tx.add(jobs.forget(leaving.userId));
    return this.#forget.call(this.#host, tx, leaving);
  }

  async #look(row: Row): Promise<void> {
    const { db } = this.#host;
    // Each time: a process that dies here comes by again.
    if ((await db.write((tx) => this.#remove(tx, row))) === "all") await db.scrub();
  }

  async #remove(tx: AnyTransaction, row: Row): Promise<"all" | "more" | "kept"> {
    if ((await tx.run(take, row)) === 0) return "kept";
    const { user_id, looks, until } = row;
    const isLast = now() >= until;
    const left = await this.#leave(tx, { userId: user_id, isLast });
    if (left === "all" && isLast) tx.add(remove.with({ user_id }));
    else if (left === "all") tx.add(setNext.with({ user_id, looks: looks + 1, next_at: now() + GONE * 2 ** looks }));
    else tx.add(setNext.with({ user_id, looks, next_at: left === "more" ? now() : now() + KEPT }));
    return left;
  }
}

export function erasure<Own>(forget: Forget<Own>): Mixin<{ readonly erasure: Erasure }> {
  return mixin<{ readonly erasure: Erasure }, Host>(
    {
      async started() {
        const running = new RunningErasure(this, forget as Forget<unknown>);
        addName(this, "erasure", running);
        await running.start();
      },
      async stopped() {
        await this.erasure?.stop();
      },
    },
    { name: "erasure", migrations },
  );
}
