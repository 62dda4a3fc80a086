/** @databases sqlite: it is what is tested */
import { spawn } from "node:child_process";
import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sql } from "kysely";
import { newId } from "#core/id.ts";
import { isError } from "#core/errors.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import {
  allNotes,
  insertNote,
  migrations,
  note,
  type NoteTables,
} from "../../../test/support/systems/notes-service.ts";
import { migrationsIn } from "../migrate.ts";
import { SqliteDatabase } from "./database.ts";

const path = () => join(process.env.DATA_DIR!, `${newId()}.db`);

describe("SqliteDatabase", () => {
  let file: string;
  let db: SqliteDatabase<NoteTables>;

  beforeEach(async () => {
    file = path();
    db = new SqliteDatabase(file);
    await db.migrate(await migrationsIn(migrations));
  });
  afterEach(() => db.close());

  const write = (id: string) => db.write((tx) => tx.run(insertNote, note(id)));
  const ids = async () => (await db.all(allNotes, {})).map(({ id }) => id);
  const outcome = (work: Promise<unknown>) => work.catch((error: unknown) => error);

  describe("group commit", () => {
    it("stores what arrives together in one commit", async () => {
      const before = statSync(`${file}-wal`).size;
      await Promise.all(Array.from({ length: 100 }, (_, index) => write(`n${index}`)));
      expect(await ids()).toHaveLength(100);
      // A commit of its own would cost each transaction at least one frame of 4 kB in the log.
      expect((statSync(`${file}-wal`).size - before) / 4096).toBeLessThan(20);
    });

    it("lets units see each other's effects, in order", async () => {
      const seen: number[] = [];
      const units = Array.from({ length: 5 }, (_, index) =>
        db.write(async (tx) => {
          seen.push((await tx.all(allNotes, {})).length);
          await tx.run(insertNote, note(`n${index}`));
        }),
      );
      await Promise.all(units);
      expect(seen).toEqual([0, 1, 2, 3, 4]);
    });

    it("undoes a transaction that fails, and only that one", async () => {
      const failing = db.write(async (tx) => {
        await tx.run(insertNote, note("half"));
        throw new Error("no");
      });
      const outcomes = await Promise.allSettled([write("a"), failing, write("a"), write("b")]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "fulfilled"]);
      await expect(failing).rejects.toThrow("no");
      expect(await ids()).toEqual(["a", "b"]);
    });

    it("goes on after a batch is full", async () => {
      await Promise.all(Array.from({ length: 600 }, (_, index) => write(`n${index}`)));
      expect(await ids()).toHaveLength(600);
    });
  });

  describe("a transaction", () => {
    it("is refused when it waits for anything but its SQL, and holds up nobody", async () => {
      const late: unknown[] = [];
      const waiting = db.write(async (tx) => {
        const { query } = tx;
        await tx.run(insertNote, note("early"));
        await wait(20);
        late.push(await outcome(tx.run(insertNote, note("late"))));
        late.push(await outcome(query.insertInto("notes").values(note("later")).execute()));
      });
      const outcomes = await Promise.allSettled([write("a"), waiting, write("b")]);
      expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
      await expect(waiting).rejects.toThrow("A transaction may await only its own SQL.");
      await eventually(() => late.length === 2);
      expect(late.map(String)).toEqual(Array(2).fill("Error: This transaction has ended."));
      expect(await ids()).toEqual(["a", "b"]);
    });

    it("runs its tasks once it is durable, before it answers", async () => {
      const story: string[] = [];
      const other = new DatabaseSync(file, { readOnly: true });
      await db.write(async (tx) => {
        tx.afterCommit(() => story.push(`stored ${other.prepare("select id from notes").all().length}`));
        await tx.run(insertNote, note("a"));
        story.push("worked");
      });
      story.push("answered");
      other.close();
      expect(story).toEqual(["worked", "stored 1", "answered"]);
    });
  });

  describe("when nothing can be stored", () => {
    it("answers STORAGE_UNAVAILABLE on a full disk, stores nothing by halves, and recovers", async () => {
      const limitPages = (pages: number) =>
        db.write(async (tx) => void (await sql.raw(`PRAGMA max_page_count = ${pages}`).execute(tx.query)));
      await limitPages(30);
      const attempts = Array.from({ length: 40 }, (_, index) =>
        db.write(async (tx) => {
          await tx.run(insertNote, note(`${index}a`, { text: "x".repeat(5000) }));
          await tx.run(insertNote, note(`${index}b`, { text: "x".repeat(5000) }));
        }),
      );
      const failures = (await Promise.allSettled(attempts)).filter((one) => one.status === "rejected");
      expect(failures.length).toBeGreaterThan(0);
      expect(failures.every(({ reason }) => isError(reason, "STORAGE_UNAVAILABLE"))).toBe(true);
      expect(await ids()).toHaveLength(2 * (40 - failures.length));
      await limitPages(1_000_000);
      await write("recovered");
      expect(await ids()).toContain("recovered");
    });

    it("answers STORAGE_UNAVAILABLE while another process holds the file, goes on reading, and recovers", async () => {
      await write("a");
      const other = new DatabaseSync(file);
      other.exec("BEGIN EXCLUSIVE");
      const task = jest.fn();
      const refused = db.write(async (tx) => {
        tx.afterCommit(task);
        await tx.run(insertNote, note("b"));
      });
      const error = await outcome(refused);
      expect(error).toMatchObject({ type: "STORAGE_UNAVAILABLE", code: 503, retryable: true });
      expect(await ids()).toEqual(["a"]);
      expect(task).not.toHaveBeenCalled();
      other.exec("ROLLBACK");
      other.close();
      await write("c");
      expect(await ids()).toEqual(["a", "c"]);
    });

    it("goes on with everything else while it waits for another process", async () => {
      const other = new DatabaseSync(file);
      other.exec("BEGIN EXCLUSIVE");
      const written = write("a");
      // Nobody would let go if waiting stopped this process.
      await wait(100);
      other.exec("ROLLBACK");
      other.close();
      await written;
      expect(await ids()).toEqual(["a"]);
    });

    it("answers STORAGE_UNAVAILABLE after it was closed", async () => {
      const closed = new SqliteDatabase<NoteTables>(path());
      await closed.close();
      expect(await outcome(closed.write((tx) => tx.run(insertNote, note("a"))))).toMatchObject({
        type: "STORAGE_UNAVAILABLE",
      });
    });
  });

  it("stores what is still queued before it closes", async () => {
    const last = write("a");
    await db.close();
    await last;
    db = new SqliteDatabase(file);
    expect(await ids()).toEqual(["a"]);
  });

  it("loses nothing that was acknowledged when the process is killed", async () => {
    const writer = fileURLToPath(new URL("../../../test/support/systems/note-writer.ts", import.meta.url));
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", writer, file], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const acknowledged: string[] = [];
    for await (const line of createInterface(child.stdout)) {
      acknowledged.push(line);
      if (acknowledged.length === 500) child.kill("SIGKILL");
    }
    expect(acknowledged.length).toBeGreaterThanOrEqual(500);
    const stored = new Set(await ids());
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  });
});
