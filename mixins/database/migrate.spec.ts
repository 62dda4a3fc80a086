/** @databases sqlite postgres */
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Kysely, sql } from "kysely";
import { openStorage, storage } from "../../test/support/systems/storage.ts";
import type { Database } from "./database.ts";
import { bytewise, fill, migrationsIn, sequence } from "./migrate.ts";

const table = (name: string) => ({
  up: async (db: Kysely<never>) => {
    await db.schema.createTable(name).addColumn("seq", "integer", sequence(db)).addColumn("name", "text").execute();
  },
});

describe("migrate", () => {
  let db: Database<Record<string, { seq?: number; name: string }>>;

  beforeEach(async () => (db = await openStorage()));
  afterEach(() => db.close());

  const tables = async () => (await db.query.introspection.getTables()).map(({ name }) => name);

  it("runs what is new, in the order of the names, once", async () => {
    const order: string[] = [];
    const noting = (name: string) => ({
      up: async (executor: Kysely<never>) => {
        order.push(name);
        await table(name).up(executor);
      },
    });
    await db.migrate({ "0002_b": noting("b"), "0001_a": noting("a") });
    await db.migrate({ "0001_a": noting("a"), "0002_b": noting("b"), "0003_c": noting("c") });
    expect(order).toEqual(["a", "b", "c"]);
    expect(await tables()).toEqual(expect.arrayContaining(["a", "b", "c"]));
  });

  it("names the migration that failed, and undoes what it did", async () => {
    const failing = {
      up: async (executor: Kysely<never>) => {
        await table("half").up(executor);
        throw new Error("the disk is on fire");
      },
    };
    const attempt = db.migrate({ "0001_a": table("a"), "0002_bad": failing, "0003_c": table("c") });
    await expect(attempt).rejects.toThrow("The migration 0002_bad failed: the disk is on fire");
    expect(await tables()).not.toEqual(expect.arrayContaining(["half"]));
    expect(await tables()).not.toEqual(expect.arrayContaining(["c"]));
    await db.migrate({ "0001_a": table("a"), "0002_bad": table("half"), "0003_c": table("c") });
    expect(await tables()).toEqual(expect.arrayContaining(["a", "half", "c"]));
  });

  it("fills a column of the rows that are there, of however many", async () => {
    const names = Array.from({ length: 1203 }, (_, number) => `n${String(number).padStart(5, "0")}`);
    const made = {
      up: async (executor: Kysely<never>) => {
        const schema = executor.schema.createTable("things").addColumn("id", "text").addColumn("name", "text");
        await schema.addColumn("key", bytewise(executor)).execute();
        const rows = sql.join(names.map((name) => sql`(${name}, ${name === names[7] ? null : name})`));
        await sql`insert into things (id, name) values ${rows}`.execute(executor);
      },
    };
    const filled = {
      up: (executor: Kysely<never>) =>
        fill(executor, { table: "things", column: "key", from: ["name"] }, ({ name }) => (name ? `${name}!` : null)),
    };
    await db.migrate({ "0001_things": made, "0002_filled": filled });
    const { rows } = await sql<{ key: string | null }>`select key from things order by id`.execute(db.query);
    expect(rows.map(({ key }) => key)).toEqual(names.map((name) => (name === names[7] ? null : `${name}!`)));
  });

  it("leaves alone what a newer version of the service has added", async () => {
    const [a, b] = [{ "0001_a": table("a") }, { "0002_b": table("b") }];
    await db.migrate({ ...a, ...b });
    await db.migrate(a);
    await db.migrate({ ...a, ...b, "0003_c": table("c") });
    expect(await tables()).toEqual(expect.arrayContaining(["a", "b", "c"]));
    expect(await db.migrate(a)).toEqual(["0002_b", "0003_c"]);
    await expect(db.migrate(b)).rejects.toMatchObject({
      name: "ConfigError",
      message: expect.stringMatching(
        /^The database \S+.* was made by something else \(its migration 0001_a is not known here\)/,
      ),
    });
  });

  it("runs those of building blocks first, also one that a block gets later than others", async () => {
    const order: string[] = [];
    const noting = (name: string) => ({ up: () => Promise.resolve(void order.push(name)) });
    const named = (...names: string[]) => Object.fromEntries(names.map((name) => [name, noting(name)]));
    await db.migrate(named("0001_a", "inbox/0001", "saga/0001"));
    await db.migrate(named("0001_a", "0002_b", "inbox/0001", "inbox/0002", "saga/0001"));
    expect(order).toEqual(["inbox/0001", "saga/0001", "0001_a", "inbox/0002", "0002_b"]);
    expect(await db.migrate(named("0001_a", "saga/0001"))).toEqual(["0002_b", "inbox/0001", "inbox/0002"]);
    // A release that knows nothing of blocks finds what it has always found.
    expect(await db.migrate(named("0001_a", "0002_b"))).toEqual(["inbox/0001", "inbox/0002", "saga/0001"]);
    const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db.query);
    expect(rows.map(({ name }) => name)).toEqual(["0001_a", "0002_b"]);
  });

  it("leaves the database of another service without the tables of building blocks", async () => {
    await db.migrate({ "0001_others": table("others") });
    await expect(db.migrate({ "0001_a": table("a"), "inbox/0001": table("inbox") })).rejects.toThrow("something else");
    expect(await tables()).toEqual(["others"]);
  });

  it("refuses the database of another service, and tables that it did not make, and leaves both as they were", async () => {
    await db.migrate({ "0001_others": table("others") });
    const foreign = expect.stringMatching(
      /^The database \S+.* was made by something else \(its migration 0001_others is not/,
    );
    await expect(db.migrate({ "0001_a": table("a") })).rejects.toMatchObject({ name: "ConfigError", message: foreign });
    await expect(db.migrate({ "0002_a": table("a") })).rejects.toMatchObject({ name: "ConfigError", message: foreign });
    const made = expect.stringMatching(
      /^The database \S+ (?:at \S+ )?does not fit this release \(.*0002_b.*exists\): \S.+\.$/,
    );
    const both = { "0001_others": table("others"), "0002_b": table("others") };
    await expect(db.migrate(both)).rejects.toMatchObject({ name: "ConfigError", message: made });
    expect(await tables()).toEqual(["others"]);
  });

  it("makes keys that count up", async () => {
    await db.migrate({ "0001_a": table("a") });
    await db.write(async ({ query }) => {
      for (const name of ["x", "y"]) await query.insertInto("a").values({ name }).execute();
    });
    expect(await db.query.selectFrom("a").selectAll().execute()).toEqual([
      { seq: 1, name: "x" },
      { seq: 2, name: "y" },
    ]);
    const made = (await db.query.introspection.getTables()).find(({ name }) => name === "a");
    // PostgreSQL's integer would end at 2^31.
    expect(made!.columns[0]).toMatchObject({ name: "seq", dataType: storage() === "sqlite" ? "INTEGER" : "int8" });
  });

  it("reads the numbered files of a folder, sorted", async () => {
    const folder = await mkdtemp(join(process.env.DATA_DIR!, "migrations-"));
    for (const file of ["0002_b.ts", "0001_a.ts", "README.md", "notes.ts"]) {
      await writeFile(join(folder, file), "export async function up() {}");
    }
    expect(Object.keys(await migrationsIn(pathToFileURL(`${folder}/`)))).toEqual(["0001_a", "0002_b"]);
  });
});
