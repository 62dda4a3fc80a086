/** @databases sqlite postgres */
import { type Kysely, sql } from "kysely";
import { openStorage } from "../../test/support/systems/storage.ts";
import type { Database } from "../database/database.ts";
import { journalOf } from "./journal.ts";
import { migrations, type SagaTables } from "./tables.ts";

describe("the saga's tables", () => {
  let db: Database<SagaTables>;
  beforeEach(async () => (db = await openStorage()));
  afterEach(() => db.close());

  it("of the first release get what they lack, and keep what sagas had done", async () => {
    await db.migrate({ "0001_firsts": { up: firstTables } });
    await db.migrate({ "0001_firsts": { up: firstTables }, "saga/0001_sagas": migrations["0001_sagas"]! });
    const rows = await db.query.selectFrom("sagas").selectAll().orderBy("id").execute();
    expect(rows.map(({ log }) => JSON.parse(log))).toEqual([
      [
        { ...reserve, startedAt: "1", endedAt: "2", state: "done", detail: null },
        { ...authorize, startedAt: "2", endedAt: null, state: "started", detail: null },
        { ...reserve, direction: "backward", startedAt: "3", endedAt: "4", state: "failed", detail: '"Gone"' },
      ],
      [],
    ]);
    // Sagas from before owners and versions have no owner, and count as the first version.
    const taking = { now: 2, lease_until: 3, owner: "node-1", limit: 9 };
    const take = (...versions: number[]) => db.write((tx) => tx.all(journalOf(versions).takeDue, taking));
    expect(await take(2)).toEqual([]);
    expect(await take(2, 1)).toMatchObject([{ id: "b", version: 1, owner: "node-1", epoch: 2 }]);
  });

  it("are the same columns when they are made at once", async () => {
    const columns = async (database: Database<SagaTables>) =>
      (await database.query.introspection.getTables())
        .find(({ name }) => name === "sagas")!
        .columns.map(({ name, dataType, isNullable, hasDefaultValue }) => ({
          name,
          dataType,
          isNullable,
          hasDefaultValue,
        }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1));
    const block = { "saga/0001_sagas": migrations["0001_sagas"]! };
    const fresh = await openStorage<SagaTables>();
    await fresh.migrate(block);
    await db.migrate({ "0001_firsts": { up: firstTables } });
    await db.migrate({ "0001_firsts": { up: firstTables }, ...block });
    expect(await columns(db)).toEqual(await columns(fresh));
    await fresh.close();
  });
});

const reserve = { step: "reserve", direction: "forward", position: 0 };
const authorize = { step: "authorize", direction: "forward", position: 1 };

/** The tables of the first release, with two sagas, of which one has begun. */
async function firstTables(db: Kysely<never>): Promise<void> {
  await sql`
    create table sagas (
      id text primary key, user_id text not null, correlation_id text not null, status text not null,
      direction text not null, step integer not null, attempt integer not null, input text not null, results text not null,
      reason text, deadline bigint not null, next_at bigint, lease_until bigint not null, epoch integer not null
    )
  `.execute(db);
  await sql`create index sagas_unfinished on sagas (next_at) where next_at is not null`.execute(db);
  await sql`
    create table saga_steps (
      saga_id text not null, position integer not null, direction text not null, step text not null, state text not null,
      started_at text not null, ended_at text, detail text, primary key (saga_id, direction, position)
    )
  `.execute(db);
  await sql`
    insert into sagas
      (id, user_id, correlation_id, status, direction, step, attempt, input, results, deadline, next_at, lease_until, epoch)
    values ('a', 'u', 'c', 'active', 'backward', 0, 0, '{}', '{}', 1, null, 1, 1),
      ('b', 'u', 'c', 'active', 'forward', 0, 0, '{}', '{}', 1, 1, 1, 1)
  `.execute(db);
  await sql`
    insert into saga_steps (saga_id, position, direction, step, state, started_at, ended_at, detail)
    values ('a', 0, 'backward', 'reserve', 'failed', '3', '4', '"Gone"'), ('a', 1, 'forward', 'authorize', 'started', '2', null, null),
      ('a', 0, 'forward', 'reserve', 'done', '1', '2', null)
  `.execute(db);
}
