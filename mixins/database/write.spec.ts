/** @databases sqlite postgres */
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  allNotes,
  insertNote,
  migrations,
  note,
  type NoteTables,
  rateNote,
} from "../../test/support/systems/notes-service.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import type { Database, Transaction } from "./database.ts";
import { migrationsIn } from "./migrate.ts";
import { required, type Write } from "./write.ts";

type Tx = Transaction<NoteTables>;

describe("writes that are added", () => {
  let db: Database<NoteTables>;

  beforeEach(async () => {
    db = await openStorage();
    await db.migrate(await migrationsIn(migrations));
  });
  afterEach(() => db.close());

  const write = (id: string) => db.write((tx) => tx.run(insertNote, note(id)));
  const ids = async () => (await db.all(allNotes, {})).map(({ id }) => id);
  const outcome = (work: Promise<unknown>) => work.catch((error: unknown) => error);
  const rate = (id: string, stars: number) => required(rateNote.with({ id, stars }), () => new Error(`no ${id}`));

  it("are sent in their order with the next question, and the rest with the commit", async () => {
    const seen = await db.write(async (tx) => {
      tx.add(insertNote.with(note("a")), rate("a", 1));
      const before = await tx.all(allNotes, {});
      tx.add(rate("a", 2), insertNote.with(note("b")), rate("b", 3));
      return before;
    });
    expect(seen).toEqual([note("a", { stars: 1 })]);
    expect(await db.all(allNotes, {})).toEqual([note("a", { stars: 2 }), note("b", { stars: 3 })]);
  });

  it("are sent before a query of a builder, and before several questions at once", async () => {
    await db.write(async (tx) => {
      tx.add(insertNote.with(note("a")));
      expect(await tx.query.selectFrom("notes").select("id").execute()).toEqual([{ id: "a" }]);
      tx.add(insertNote.with(note("b")));
      const [rated, notes] = await tx.ask(rateNote.with({ id: "b", stars: 4 }), allNotes.with({}));
      expect(rated).toEqual({ rows: [], changed: 1 });
      expect(notes.rows).toEqual([note("a"), note("b", { stars: 4 })]);
    });
  });

  it.each(["with the commit", "with a question"])("change nothing when one is refused, sent %s", async (when) => {
    await write("a");
    const task = jest.fn();
    const change = (...more: Write[]) =>
      db.write(async (tx) => {
        tx.add({ ...insertNote.with(note("b")), afterCommit: task }, ...more, insertNote.with(note("c")));
        if (when === "with a question") await tx.all(allNotes, {});
      });
    await expect(change(insertNote.with(note("a")))).rejects.toThrow(/unique/i);
    await expect(change(rate("x", 5), rate("y", 5))).rejects.toThrow("no x");
    expect(await ids()).toEqual(["a"]);
    expect(task).not.toHaveBeenCalled();
  });

  it.each([0, 1, 5])("change nothing when the work fails later, %i promises deep", async (depth) => {
    const fail = async (deep: number): Promise<void> => {
      if (deep > 0) return fail(deep - 1);
      throw new Error("late");
    };
    const ask = async (tx: Tx) => {
      await tx.all(allNotes, {});
      tx.add(insertNote.with(note("b")));
      await fail(depth);
    };
    const failing = db.write(async (tx) => {
      tx.add(insertNote.with(note("a")));
      await Promise.all([ask(tx), tx.run(insertNote, note("c"))]);
    });
    await expect(failing).rejects.toThrow("late");
    expect(await ids()).toEqual([]);
  });

  it("are stored with what is asked later, or not at all", async () => {
    await db.write(async (tx) => {
      tx.add(insertNote.with(note("a")));
      await tx.all(allNotes, {});
      tx.add(insertNote.with(note("b")));
      await tx.all(allNotes, {});
      tx.add(insertNote.with(note("c")));
    });
    expect(await ids()).toEqual(["a", "b", "c"]);
  });

  it("and questions are refused once the work has ended", async () => {
    const late: unknown[] = [];
    const ended = Promise.withResolvers<void>();
    await db.write(async (tx) => {
      tx.add(insertNote.with(note("a")));
      void ended.promise.then(async () => {
        for (const ask of [
          async () => tx.add(insertNote.with(note("b"))),
          async () => tx.lock("name"),
          async () => tx.afterCommit(() => {}),
          () => tx.run(insertNote, note("c")),
          () => tx.ask(insertNote.with(note("d"))),
        ])
          late.push(await outcome(ask()));
      });
    });
    ended.resolve();
    await eventually(() => late.length === 5);
    expect(late.map(String)).toEqual(Array(5).fill("Error: This transaction has ended."));
    expect(await ids()).toEqual(["a"]);
  });

  it("may be none", async () => {
    expect(
      await db.write(async (tx) => {
        tx.add();
        return "nothing";
      }),
    ).toBe("nothing");
  });
});
