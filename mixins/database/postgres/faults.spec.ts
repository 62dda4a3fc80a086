/** @databases postgres: it is what is tested */
import { setTimeout as pause } from "node:timers/promises";
import { sql } from "kysely";
import type { Pool } from "pg";
import pg from "pg";
import { isError } from "#core/errors.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import {
  allNotes,
  findNote,
  insertNote,
  migrations,
  note,
  type NoteTables,
  rateNote as rate,
} from "../../../test/support/systems/notes-service.ts";
import { administratorOf, emptyDatabase, openPostgres, ownPostgres } from "../../../test/support/systems/storage.ts";
import { migrationsIn } from "../migrate.ts";
import type { PostgresDatabase } from "./database.ts";

/** Milliseconds, where it is the limit that ends what waits. */
const TIMEOUT = 2000;
const server = await ownPostgres();
const outcome = (work: Promise<unknown>) => work.catch((error: unknown) => error);

describe("PostgreSQL that can store nothing", () => {
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
  const terminate = (condition: string) =>
    admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'spec' and datname = current_database() and ${condition}`,
    );

  it("answers STORAGE_UNAVAILABLE to a transaction that lost its connection, and serves the next", async () => {
    const lost = db.write(async (tx) => {
      await tx.run(insertNote, note("a"));
      await terminate("state = 'idle in transaction'");
      await tx.run(insertNote, note("b"));
    });
    expect(await outcome(lost)).toMatchObject({ type: "STORAGE_UNAVAILABLE", code: 503, retryable: true });
    await write("c");
    expect(await ids()).toEqual(["c"]);
  });

  it.each([false, true])(
    "answers STORAGE_UNAVAILABLE when the connection is lost during the commit, sent along with it: %s",
    async (isAlong) => {
      await admin.query(`
      create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(20); return null; end $$;
      create constraint trigger slow after insert on notes deferrable initially deferred
        for each row when (new.id = 'slow') execute function slow()`);
      const task = jest.fn();
      const lost = outcome(
        db.write(async (tx) => {
          tx.afterCommit(task);
          if (isAlong) tx.add(insertNote.with(note("slow")));
          else await tx.run(insertNote, note("slow"));
        }),
      );
      await eventually(async () => (await terminate("query = 'COMMIT' and state = 'active'")).rowCount);
      expect(isError(await lost, "STORAGE_UNAVAILABLE")).toBe(true);
      expect(task).not.toHaveBeenCalled();
    },
  );

  it("answers STORAGE_UNAVAILABLE to a transaction for which no connection comes free, and goes on", async () => {
    const small = openPostgres<NoteTables>(url, { size: 1, timeout: TIMEOUT });
    const { promise, resolve } = Promise.withResolvers<void>();
    const long = small.write(async (tx) => {
      await tx.run(insertNote, note("a"));
      await sql`select set_config('idle_in_transaction_session_timeout', '600000', true)`.execute(tx.query);
      await promise;
    });
    const error = await outcome(small.write((tx) => tx.run(insertNote, note("b"))));
    expect(isError(error, "STORAGE_UNAVAILABLE")).toBe(true);
    resolve();
    await long;
    await small.write((tx) => tx.run(insertNote, note("c")));
    expect(await ids()).toEqual(["a", "c"]);
    await small.close();
  });

  it("frees the rows of a transaction that stands still", async () => {
    await write("a");
    const { promise, resolve } = Promise.withResolvers<void>();
    const impatient = openPostgres<NoteTables>(url, { timeout: TIMEOUT });
    const frozen = impatient.write(async (tx) => {
      await tx.run(rate, { id: "a", stars: 1 });
      await promise;
      await tx.run(rate, { id: "a", stars: 2 });
    });
    await eventually(async () => {
      const { rows } = await admin.query("select from pg_stat_activity where state = 'idle in transaction'");
      return rows.length;
    });
    const rated = await eventually(() => db.write((tx) => tx.run(rate, { id: "a", stars: 3 })).catch(() => null));
    expect(rated).toBe(1);
    resolve();
    expect(isError(await outcome(frozen), "STORAGE_UNAVAILABLE")).toBe(true);
    expect(await stars("a")).toBe(3);
    await impatient.close();
  });

  it.each(["ends in order", "is killed"])("loses nothing when the server %s, and recovers by itself", async (how) => {
    const acknowledged: string[] = [];
    const failures: unknown[] = [];
    const over = new AbortController();
    const buyer = async (name: string) => {
      for (let n = 0; !over.signal.aborted; n += 1) {
        const id = `${name}-${n}`;
        const error = await write(id).then(
          () => void acknowledged.push(id),
          (thrown: unknown) => thrown,
        );
        if (!error) continue;
        failures.push(error);
        await pause(20);
      }
    };
    const buyers = ["x", "y", "z"].map(buyer);
    await eventually(() => acknowledged.length > 20);
    if (how === "is killed") server.kill("SIGKILL");
    await server.restart();
    const before = acknowledged.length;
    await eventually(() => acknowledged.length > before + 20);
    over.abort();
    await Promise.all(buyers);
    expect(failures.length).toBeGreaterThan(0);
    expect(failures.filter((error) => !isError(error, "STORAGE_UNAVAILABLE"))).toEqual([]);
    const stored = new Set(await ids());
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
  });

  it("answers STORAGE_UNAVAILABLE after it was closed, and stores what is under way first", async () => {
    const other = openPostgres<NoteTables>(url);
    const last = other.write((tx) => tx.run(insertNote, note("last")));
    await other.close();
    await last;
    expect(await ids()).toEqual(["last"]);
    expect(isError(await outcome(other.write((tx) => tx.run(insertNote, note("b")))), "STORAGE_UNAVAILABLE")).toBe(
      true,
    );
    expect(isError(await outcome(other.one(findNote, { id: "last" })), "STORAGE_UNAVAILABLE")).toBe(true);
  });
});
