/** @databases sqlite postgres */
import { sql } from "kysely";
import {
  allNotes,
  findNote,
  insertNote,
  migrations,
  type Note,
  note,
  type NoteTables,
  rateNote,
} from "../../test/support/systems/notes-service.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import type { Database, Transaction } from "./database.ts";
import { migrationsIn } from "./migrate.ts";
import { integerField, rowsIn, rowsText, textField } from "./rows.ts";
import { statements } from "./statement.ts";
import { required } from "./write.ts";

type Tx = Transaction<NoteTables>;

const statement = statements<NoteTables>();
const insertNotes = statement((q, p: { notes: string }) =>
  q
    .insertInto("notes")
    .columns(["id", "owner", "text", "stars"])
    .expression(
      q
        .selectFrom(rowsIn(p.notes))
        .select([
          "given.key",
          textField("owner").as("owner"),
          textField("text").as("text"),
          integerField("stars").as("stars"),
        ]),
    ),
);
const deleteNotes = statement((q, p: { ids: string }) =>
  q.deleteFrom("notes").where("id", "in", q.selectFrom(rowsIn(p.ids)).select("given.key")),
);

/** What services may rely on, wherever their rows are. */
describe("Database", () => {
  let db: Database<NoteTables>;

  beforeEach(async () => {
    db = await openStorage();
    await db.migrate(await migrationsIn(migrations));
  });
  afterEach(() => db.close());

  const write = (id: string) => db.write((tx) => tx.run(insertNote, note(id)));
  const ids = async () => (await db.all(allNotes, {})).map(({ id }) => id);
  const outcome = (work: Promise<unknown>) => work.catch((error: unknown) => error);

  it("lets one at a time in where they lock a name, so that a limit holds", async () => {
    const keep = (id: string, name: string) =>
      db.write(async (tx) => {
        tx.lock(name);
        if ((await tx.all(allNotes, {})).length < 2) await tx.run(insertNote, note(id));
      });
    await Promise.all(Array.from({ length: 9 }, (_, number) => keep(`n${number}`, "notes of 가")));
    expect(await ids()).toHaveLength(2);
  });

  it("answers what the work returns", async () => {
    expect(await db.write(() => Promise.resolve({ done: 1 }))).toEqual({ done: 1 });
  });

  it("hides what is not yet committed from reads", async () => {
    await db.write(async (tx) => {
      await tx.run(insertNote, note("a"));
      expect(await tx.one(findNote, { id: "a" })).toEqual(note("a"));
      expect(await tx.query.selectFrom("notes").select("id").execute()).toEqual([{ id: "a" }]);
      expect(await db.one(findNote, { id: "a" })).toBeUndefined();
      expect(await db.query.selectFrom("notes").selectAll().execute()).toEqual([]);
    });
    expect(await db.one(findNote, { id: "a" })).toEqual(note("a"));
  });

  it("undoes a transaction that fails, and only that one", async () => {
    const failing = db.write(async (tx) => {
      await tx.run(insertNote, note("half"));
      await tx.query.insertInto("notes").values(note("other half")).execute();
      throw new Error("no");
    });
    const outcomes = await Promise.allSettled([write("a"), failing, write("b")]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(failing).rejects.toThrow("no");
    expect(await ids()).toEqual(["a", "b"]);
  });

  it("undoes a transaction that changes no row where it must, and fails as the first such statement says", async () => {
    await write("a");
    const nobody = (name: string) => () => new Error(`There is no ${name}.`);
    const rate = (...names: string[]) =>
      db.write(async (tx) =>
        tx.add(
          insertNote.with(note("b")),
          ...names.map((id) => required(rateNote.with({ id, stars: 5 }), nobody(id))),
          insertNote.with(note("a")),
        ),
      );
    await expect(rate("a", "x", "y")).rejects.toThrow("There is no x.");
    await expect(rate("a")).rejects.toThrow(/unique/i);
    expect(await db.all(allNotes, {})).toEqual([note("a")]);
    await db.write(async (tx) => tx.add(required(rateNote.with({ id: "a", stars: 5 }), nobody("a"))));
    expect(await db.all(allNotes, {})).toEqual([note("a", { stars: 5 })]);
  });

  it("undoes a transaction that changes fewer rows than it must", async () => {
    await Promise.all(["a", "b"].map(write));
    const remove = (...names: string[]) =>
      db.write(async (tx) => {
        const all = deleteNotes.with({ ids: rowsText(names.map((id) => [id, 0])) });
        tx.add(required(all, () => new Error("no"), names.length));
      });
    await expect(remove("a", "x")).rejects.toThrow("no");
    expect(await ids()).toEqual(["a", "b"]);
    await remove("a", "b");
    expect(await ids()).toEqual([]);
  });

  it("takes many rows as one parameter, whatever their texts", async () => {
    const notes = ["", "'", '"', "\\", "{}", "가🍵", "é", "\n\u2028"].map((text, stars) =>
      note(`note ${text}`, { text, stars }),
    );
    await db.run(insertNotes, { notes: rowsText(notes.map(({ id, ...rest }) => [id, rest])) });
    const stored = await db.all(allNotes, {});
    expect(stored.toSorted((a, b) => a.stars - b.stars)).toEqual(notes);
  });

  it("undoes a transaction in which a statement failed, whatever its work makes of that", async () => {
    await write("a");
    const task = jest.fn();
    const overlook = (fail: (tx: Tx) => Promise<unknown>) =>
      db.write(async (tx) => {
        tx.afterCommit(task);
        await tx.run(insertNote, note("b"));
        await fail(tx).catch(() => undefined);
      });
    await expect(overlook((tx) => tx.run(insertNote, note("a")))).rejects.toThrow(/unique/i);
    const none = overlook(async (tx) => {
      tx.add(required(rateNote.with({ id: "x", stars: 5 }), () => new Error("no")));
      await tx.all(allNotes, {});
    });
    await expect(none).rejects.toThrow("no");
    expect(await ids()).toEqual(["a"]);
    expect(task).not.toHaveBeenCalled();
  });

  it("keeps constraints, and does not take their violation for a fault of the storage", async () => {
    await write("a");
    const insert = (bad: Note) => db.write((tx) => tx.run(insertNote, bad));
    await expect(insert(note("a"))).rejects.toThrow(/unique/i);
    await expect(insert(note("b", { owner: null as never }))).rejects.toThrow(/not[- ]null/i);
    expect(await ids()).toEqual(["a"]);
  });

  it("counts the rows that a query changed", async () => {
    await write("a");
    await write("b");
    await db.write(async ({ query }) => {
      const { numUpdatedRows } = await query.updateTable("notes").set({ stars: 5 }).executeTakeFirstOrThrow();
      expect(numUpdatedRows).toBe(2n);
      const changed = await query.updateTable("notes").set({ stars: 6 }).where("id", "=", "a").returningAll().execute();
      expect(changed).toEqual([note("a", { stars: 6 })]);
    });
    const { rows } = await sql`select count(*) as rows, sum(stars) as stars from notes`.execute(db.query);
    expect(rows).toEqual([{ rows: 2, stars: 11 }]);
  });

  it("writes with a builder only inside a transaction", async () => {
    await expect(db.query.insertInto("notes").values(note("a")).execute()).rejects.toThrow(/read-?only/);
    expect(await ids()).toEqual([]);
  });

  it("runs a single statement as a transaction of its own", async () => {
    expect(await db.run(insertNote, note("a"))).toBe(1);
    expect(await ids()).toEqual(["a"]);
  });

  it("stores of many single statements all but those that are refused", async () => {
    const names = ["a", "b", "b", "c", "a", "d"];
    const outcomes = await Promise.allSettled(names.map((id) => db.run(insertNote, note(id))));
    expect(outcomes.map(({ status }) => status === "fulfilled")).toEqual([true, true, false, true, false, true]);
    expect((await ids()).toSorted()).toEqual(["a", "b", "c", "d"]);
  });

  it("stores what was asked before it is closed", async () => {
    const asked = ["a", "b", "c"].map((id) => db.run(insertNote, note(id)));
    await db.close();
    expect(await Promise.all(asked)).toEqual([1, 1, 1]);
    await expect(db.run(insertNote, note("d"))).rejects.toThrow();
  });

  it("cannot be used through a transaction after its end", async () => {
    let leaked: Tx | undefined;
    await db.write(async (tx) => {
      await tx.run(insertNote, note("a"));
      leaked = tx;
    });
    const kept = leaked!.query;
    await expect(leaked!.run(insertNote, note("b"))).rejects.toThrow("This transaction has ended.");
    await expect(kept.insertInto("notes").values(note("b")).execute()).rejects.toThrow("This transaction has ended.");
    expect(await ids()).toEqual(["a"]);
  });

  it("runs the tasks of a transaction once it is stored, before it answers", async () => {
    const story: string[] = [];
    await db.write(async (tx) => {
      tx.afterCommit(() => story.push("stored"));
      await tx.run(insertNote, note("a"));
      story.push("worked");
    });
    story.push("answered");
    expect(story).toEqual(["worked", "stored", "answered"]);
  });

  it("runs no task of a transaction that fails", async () => {
    const task = jest.fn();
    const failing = db.write(async (tx) => {
      tx.afterCommit(task);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(task).not.toHaveBeenCalled();
  });

  it("answers STORAGE_UNAVAILABLE after it was closed, and may be closed twice", async () => {
    await db.close();
    expect(await outcome(write("a"))).toMatchObject({ type: "STORAGE_UNAVAILABLE", code: 503, retryable: true });
    await db.close();
  });
});
