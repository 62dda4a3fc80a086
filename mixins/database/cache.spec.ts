/** @databases sqlite: on PostgreSQL, nodes share the cache (mixins/redis/cache.spec.ts) */
import { mkdtempSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as turn } from "node:timers/promises";
import { SqliteDatabase } from "./sqlite/database.ts";
import { statements } from "./statement.ts";

interface Tables {
  notes: { id: string; text: string };
}

const sql = statements<Tables>();
const find = sql((q, p: { id: string }) => q.selectFrom("notes").select("text").where("id", "=", p.id));
const edit = sql((q, p: { text: string }) => q.updateTable("notes").set({ text: p.text }));

describe("Database.recall", () => {
  const path = join(mkdtempSync(join(process.env.DATA_DIR!, "recall-")), "notes.db");
  let db: SqliteDatabase<Tables>;
  let reads = 0;

  const read = (until: number | null = null) =>
    db.recall("a", async () => {
      reads += 1;
      return { value: (await db.one(find, { id: "a" }))?.text, until };
    });

  beforeEach(async () => {
    db = new SqliteDatabase<Tables>(path);
    await db.write((tx) =>
      tx.query.schema.createTable("notes").ifNotExists().addColumn("id", "text").addColumn("text", "text").execute(),
    );
    await db.write((tx) => tx.query.deleteFrom("notes").execute());
    await db.write((tx) => tx.query.insertInto("notes").values({ id: "a", text: "one" }).execute());
    reads = 0;
  });

  afterEach(() => db.close());

  it("reads once while nothing changes", async () => {
    expect([await read(), await read(), await read()]).toEqual(["one", "one", "one"]);
    expect(reads).toBe(1);
  });

  it("sees this process's change at once", async () => {
    await read();
    await db.write((tx) => tx.run(edit, { text: "two" }));
    expect(await read()).toBe("two");
  });

  it("does not keep what was read before a change that came in between", async () => {
    const reading = db.recall("a", async () => {
      const value = (await db.one(find, { id: "a" }))?.text;
      await db.write((tx) => tx.run(edit, { text: "two" }));
      return { value, until: null };
    });
    expect(await reading).toBe("one");
    expect(await read()).toBe("two");
  });

  it("sees another process's change in the next turn", async () => {
    await read();
    const other = new DatabaseSync(path);
    other.exec("update notes set text = 'three'");
    other.close();
    await turn();
    expect(await read()).toBe("three");
  });

  it("reads again what holds only for a time", async () => {
    await read(Date.now() - 1);
    await read(Date.now() + 60_000);
    await read(Date.now() + 60_000);
    expect(reads).toBe(2);
  });
});
