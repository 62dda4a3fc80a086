/** @databases postgres: it is what is tested */
import { sql } from "kysely";
import type { Pool } from "pg";
import pg from "pg";
import { isError } from "#core/errors.ts";
import {
  allNotes,
  findNote,
  insertNote,
  migrations,
  note,
  type NoteTables,
  rateNote as rate,
} from "../../../test/support/systems/notes-service.ts";
import { Proxy } from "../../../test/support/faults/proxy.ts";
import { administratorOf, emptyDatabase, openPostgres } from "../../../test/support/systems/storage.ts";
import { type Migrations, migrationsIn } from "../migrate.ts";
import type { PostgresDatabase } from "./database.ts";
import { columns, statements } from "../statement.ts";
import { required } from "../write.ts";

const outcome = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("PostgresDatabase", () => {
  let url: string;
  let db: PostgresDatabase<NoteTables>;
  let admin: Pool;

  beforeEach(async () => {
    url = await emptyDatabase();
    db = openPostgres(url);
    await db.migrate(await migrationsIn(migrations));
    admin = new pg.Pool({ connectionString: administratorOf(url), max: 2 });
    admin.on("error", () => {});
  });
  afterEach(async () => {
    await db.close();
    await admin.end();
  });

  const write = (id: string) => db.write((tx) => tx.run(insertNote, note(id)));
  const ids = async () => (await db.all(allNotes, {})).map(({ id }) => id);
  const stars = async (id: string) => (await db.one(findNote, { id }))?.stars;

  it("runs units side by side", async () => {
    const { promise: second, resolve } = Promise.withResolvers<void>();
    await Promise.all([
      db.write(async (tx) => {
        await tx.run(insertNote, note("a"));
        await second;
      }),
      write("b").then(() => resolve()),
    ]);
    expect(await ids()).toEqual(["a", "b"]);
  });

  it("undoes all that is asked for at once when a part fails", async () => {
    const all = (...names: string[]) => db.write((tx) => tx.ask(...names.map((id) => insertNote.with(note(id)))));
    expect((await all("a", "b", "c")).map(({ changed }) => changed)).toEqual([1, 1, 1]);
    await expect(all("d", "a", "e")).rejects.toMatchObject({ code: "23505", constraint: "notes_pkey" });
    expect(await ids()).toEqual(["a", "b", "c"]);
  });

  it("undoes a transaction whose work overlooks that a value could not be sent", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const careless = db.write(async (tx) => {
      await tx.run(insertNote, note("a"));
      await tx.run(insertNote, note("b", { text: circular as never })).catch(() => undefined);
    });
    await expect(careless).rejects.toThrow("circular");
    expect(await ids()).toEqual([]);
  });

  it("runs a transaction again that lost a deadlock, and only the tasks of the run that was stored", async () => {
    await write("a");
    await write("b");
    let [runs, holders] = [0, 0];
    const stored: string[] = [];
    const bothHold = Promise.withResolvers<void>();
    const unit = (first: string, second: string) =>
      db.write(async (tx) => {
        runs += 1;
        tx.afterCommit(() => stored.push(first));
        await tx.run(rate, { id: first, stars: 1 });
        holders += 1;
        if (holders === 2) bothHold.resolve();
        await bothHold.promise;
        await tx.run(rate, { id: second, stars: 2 });
      });
    await Promise.all([unit("a", "b"), unit("b", "a")]);
    expect(runs).toBe(3);
    expect(stored.toSorted()).toEqual(["a", "b"]);
    expect(new Set([await stars("a"), await stars("b")])).toEqual(new Set([1, 2]));
  });

  it("runs a transaction again that lost a deadlock in the packet of its commit", async () => {
    await write("a");
    await write("b");
    let [runs, holders] = [0, 0];
    const bothHold = Promise.withResolvers<void>();
    const unit = (first: string, second: string) =>
      db.write(async (tx) => {
        runs += 1;
        await tx.run(rate, { id: first, stars: 1 });
        holders += 1;
        if (holders === 2) bothHold.resolve();
        await bothHold.promise;
        tx.add(required(rate.with({ id: second, stars: 2 }), () => new Error("no")));
      });
    await Promise.all([unit("a", "b"), unit("b", "a")]);
    expect(runs).toBe(3);
    expect(new Set([await stars("a"), await stars("b")])).toEqual(new Set([1, 2]));
  });

  it("reads numbers beyond 2^31, counts and sums as numbers", async () => {
    const tables = statements<{ sums: { amount: number } }>();
    const insert = tables((q, p: { amount: number }) => q.insertInto("sums").values(columns(p, "amount")));
    await db.migrate({
      ...(await migrationsIn(migrations)),
      "9999_sums": { up: (k) => k.schema.createTable("sums").addColumn("amount", "bigint").execute() },
    });
    await db.write(async (tx) => {
      for (const amount of [2 ** 52, 2 ** 40]) await tx.run(insert, { amount });
    });
    const { rows } = await sql`select sum(amount) as sum, count(*) as rows, max(amount) as most from sums`.execute(
      db.query,
    );
    expect(rows).toEqual([{ sum: 2 ** 52 + 2 ** 40, rows: 2, most: 2 ** 52 }]);
  });

  it("answers VALIDATION_FAILED to text that PostgreSQL cannot store", async () => {
    expect(isError(await outcome(write("a\u0000b")), "VALIDATION_FAILED")).toBe(true);
    expect(isError(await outcome(db.one(findNote, { id: "a\u0000b" })), "VALIDATION_FAILED")).toBe(true);
    await write("\ud83c\udf3f");
    expect(await ids()).toEqual(["\ud83c\udf3f"]);
  });

  it("survives that another node changes a table which it reads", async () => {
    await write("a");
    await Promise.all(Array.from({ length: 8 }, () => db.one(findNote, { id: "a" })));
    await admin.query("alter table notes add column colour text default 'red'");
    expect(await Promise.all(Array.from({ length: 8 }, () => db.one(findNote, { id: "a" })))).toHaveLength(8);
    await admin.query("alter table notes add column size text");
    expect(await db.write((tx) => tx.one(findNote, { id: "a" }))).toMatchObject({ colour: "red", size: null });
  });

  it("migrates also when the server takes its time to let it in", async () => {
    const empty = await emptyDatabase();
    const proxy = await Proxy.before(Number(new URL(empty).port));
    proxy.delay(500);
    const slow = openPostgres<NoteTables>(proxy.urlOf(empty), { size: 1, timeout: 2000 });
    const migrated = slow.migrate(await migrationsIn(migrations));
    setTimeout(() => proxy.heal(), 2500);
    await migrated;
    await slow.write((tx) => tx.run(insertNote, note("a")));
    await slow.close();
    await proxy.close();
  });

  it("migrates once when ten nodes start together", async () => {
    const empty = await emptyDatabase();
    const nodes = Array.from({ length: 10 }, () => openPostgres<NoteTables>(empty, { size: 1 }));
    const ran: string[] = [];
    const step = (name: string) => ({
      up: async (k: { schema: typeof db.query.schema }) => {
        ran.push(name);
        await k.schema.createTable(name).addColumn("id", "text").execute();
      },
    });
    await Promise.all(nodes.map((node) => node.migrate({ "0001_a": step("a"), "0002_b": step("b") })));
    expect(ran).toEqual(["a", "b"]);
    await Promise.all(nodes.map((node) => node.close()));
  });

  it("migrates while other nodes drop tables", async () => {
    const tables = Array.from({ length: 200 }, (_, index) => `t${index}`);
    const before: Migrations = {
      ...(await migrationsIn(migrations)),
      "9000_tables": {
        up: async (k) => {
          for (const table of tables) await k.schema.createTable(table).addColumn("id", "text").execute();
        },
      },
    };
    await db.migrate(before);
    const drops = tables
      .slice(-20)
      .map((table): [string, Migrations[string]] => [
        `9001_${table}`,
        { up: (k) => k.schema.dropTable(table).execute() },
      ]);
    const nodes = Array.from({ length: 10 }, () => openPostgres<NoteTables>(url));
    await Promise.all(nodes.map((node) => node.migrate({ ...before, ...Object.fromEntries(drops) })));
    await Promise.all(nodes.map((node) => node.close()));
  });

  it("tells the other nodes' cache of each commit, before it answers, and does not depend on it", async () => {
    const told: string[][] = [];
    const changed = async () => {
      told.push(await ids());
      throw new Error("Redis is away.");
    };
    const cache = { recall: async <T>(_: unknown, read: () => Promise<{ value: T }>) => (await read()).value, changed };
    const cached = openPostgres<NoteTables>(url, { cache });
    await cached.write((tx) => tx.run(insertNote, note("a")));
    expect(told).toEqual([["a"]]);
    await outcome(cached.write((tx) => tx.run(insertNote, note("a"))));
    expect(told).toHaveLength(1);
    await cached.close();
  });
});
