/** Whether a deployment on PostgreSQL has come to rest, by counting: cheap enough to ask again and again. */
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { openDatabase, handledTypes } from "./invariants.ts";

/** URLs by service. */
export type Databases = Readonly<Record<string, string>>;

/** What is still to be done in one service's own tables; each answers a count. */
const work: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  order: [
    ["orders", "select count(*)::int as count from orders where status = 'pending'"],
    ["sagas", "select count(*)::int as count from sagas where next_at is not null"],
    ["refunds of parts", "select count(*)::int as count from order_refunds where state = 'pending'"],
    ["captures of parcels", "select count(*)::int as count from order_captures where state = 'pending'"],
  ],
  payment: [
    ["payments", "select count(*)::int as count from payments where status in ('processing', 'requires_action')"],
    ["refunds", "select count(*)::int as count from refunds where status = 'pending'"],
  ],
  notification: [["messages", "select count(*)::int as count from deliveries where status = 'queued'"]],
};

const LOOK = 250;

interface EventCount {
  readonly type: string;
  readonly total: number;
  readonly waiting: number;
}

export class Quiescence {
  readonly #pools: ReadonlyMap<string, pg.Pool>;
  readonly #provider: DatabaseSync;

  /** @param dataDir where the sandbox provider keeps its database */
  constructor(dataDir: string, databases: Databases) {
    this.#provider = openDatabase(dataDir, "sandbox-provider");
    this.#pools = new Map(
      Object.entries(databases).map(([name, connectionString]) => {
        const pool = new pg.Pool({ connectionString, max: 1, connectionTimeoutMillis: 30_000 });
        pool.on("error", () => {});
        return [name, pool];
      }),
    );
  }

  async close(): Promise<void> {
    this.#provider.close();
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }

  /**
   * Waits until nothing is left to do.
   * @param since when it could begin to rest (`performance.now()`); it has so many milliseconds from then
   * @returns seconds until the last order had ended and until all was done; what is left if that took too long
   */
  async rest(since: number, patience: number): Promise<{ orders: number; all: number; left: readonly string[] }> {
    const seconds = () => (performance.now() - since) / 1000;
    let orders: number | undefined;
    for (;;) {
      const left = await this.left();
      if (!left.some((line) => /orders|sagas/.test(line))) orders ??= seconds();
      else orders = undefined;
      if (left.length === 0 || seconds() * 1000 > patience)
        return { orders: orders ?? seconds(), all: seconds(), left };
      await sleep(LOOK);
    }
  }

  /** One line for each kind of work that is left. */
  async left(): Promise<string[]> {
    const [published, own] = await Promise.all([this.#outboxes(), this.#ownWork()]);
    const waiting = published.filter((one) => one.waiting > 0).map((one) => `${one.waiting} ${one.type} in the outbox`);
    return [...own, ...this.#charges(), ...waiting, ...(await this.#unhandled(published))];
  }

  #charges(): string[] {
    const open =
      "select count(*) as count from charges where status in ('authorized', 'processing', 'requires_action')";
    const { count } = this.#provider.prepare(open).get() as { count: number };
    return count > 0 ? [`${count} charges are open`] : [];
  }

  async #ownWork(): Promise<string[]> {
    const counts = Object.entries(work).flatMap(([name, queries]) =>
      queries.map(async ([what, sql]) => {
        const [row] = await this.#all<{ count: number }>(name, sql);
        return row && row.count > 0 ? [`${row.count} ${what} unfinished`] : [];
      }),
    );
    return (await Promise.all(counts)).flat();
  }

  async #outboxes(): Promise<EventCount[]> {
    const counts = "select type, count(*)::int as total, count(waiting)::int as waiting from outbox group by type";
    return (await Promise.all(await this.#with("outbox", (name) => this.#all<EventCount>(name, counts)))).flat();
  }

  /** An inbox holds nothing but what its service keeps, so counts tell what is missing. */
  async #unhandled(published: readonly EventCount[]): Promise<string[]> {
    const counts = "select count(*)::int as total, count(envelope)::int as waiting from inbox";
    const lines = await this.#with("inbox", async (name) => {
      const types = await handledTypes(name);
      const expected = published.filter(({ type }) => types.includes(type)).reduce((sum, { total }) => sum + total, 0);
      const [inbox] = await this.#all<EventCount>(name, counts);
      return [
        ...(inbox!.waiting > 0 ? [`${inbox!.waiting} events wait in the inbox of ${name}`] : []),
        ...(inbox!.total < expected ? [`${expected - inbox!.total} events have not reached ${name}`] : []),
      ];
    });
    return (await Promise.all(lines)).flat();
  }

  /** For each database that has this table. */
  async #with<T>(table: string, look: (name: string) => T): Promise<T[]> {
    const found = [...this.#pools.keys()].map(async (name) => {
      const [row] = await this.#all<{ there: boolean }>(name, `select to_regclass('${table}') is not null as there`);
      return row!.there ? [look(name)] : [];
    });
    return (await Promise.all(found)).flat();
  }

  async #all<Row extends object>(name: string, sql: string): Promise<Row[]> {
    return (await this.#pools.get(name)!.query<Row>(sql)).rows;
  }
}
