/** @databases sqlite postgres */
import { type Kysely, sql } from "kysely";
import { openStorage } from "../../test/support/systems/storage.ts";
import type { Database } from "../database/database.ts";
import { journalOf } from "./journal.ts";
import { addSagaLog, addSagaOwner, addSagaVersion, createSagas, type SagaTables } from "./tables.ts";

describe("the saga's tables", () => {
  let db: Database<SagaTables>;
  beforeEach(async () => (db = await openStorage()));
  afterEach(() => db.close());

  it("keep what sagas had done when that moves into their rows", async () => {
    await db.migrate({ "0001": { up: createSagas }, "0002": { up: addSagaOwner }, "0003": { up: steps } });
    await db.migrate({
      "0001": { up: createSagas },
      "0002": { up: addSagaOwner },
      "0003": { up: steps },
      "0004": { up: addSagaLog },
    });
    const rows = await db.query.selectFrom("sagas").selectAll().orderBy("id").execute();
    expect(rows.map(({ log }) => JSON.parse(log))).toEqual([
      [
        { ...reserve, startedAt: "1", endedAt: "2", state: "done", detail: null },
        { ...authorize, startedAt: "2", endedAt: null, state: "started", detail: null },
        { ...reserve, direction: "backward", startedAt: "3", endedAt: "4", state: "failed", detail: '"Gone"' },
      ],
      [],
    ]);
  });

  it("leave sagas that were begun before they had owners to whoever takes them", async () => {
    const released = { "0001": { up: createSagas } };
    await db.migrate(released);
    const old = { id: "old", user_id: "ann", correlation_id: "c", input: "{}", results: "{}", deadline: 1, next_at: 1 };
    const state = { status: "active", direction: "forward", step: 0, attempt: 0, lease_until: 1, epoch: 1 } as const;
    await db.write((tx) =>
      tx.query
        .insertInto("sagas")
        .values({ ...old, ...state } as never)
        .execute(),
    );
    await db.migrate({ ...released, "0002": { up: addSagaOwner }, "0003": { up: addSagaVersion } });
    const taking = { now: 2, lease_until: 3, owner: "node-1", limit: 9 };
    const take = (...versions: number[]) => db.write((tx) => tx.all(journalOf(versions).takeDue, taking));
    expect(await take(2)).toEqual([]);
    expect(await take(2, 1)).toMatchObject([{ ...old, version: 1, owner: "node-1", epoch: 2 }]);
  });
});

const reserve = { step: "reserve", direction: "forward", position: 0 };
const authorize = { step: "authorize", direction: "forward", position: 1 };

/** Two sagas, of which one has begun. */
async function steps(db: Kysely<never>): Promise<void> {
  await sql`
    insert into sagas (id, user_id, correlation_id, status, direction, step, attempt, input, results, deadline, lease_until, epoch)
    values ('a', 'u', 'c', 'active', 'backward', 0, 0, '{}', '{}', 1, 1, 1), ('b', 'u', 'c', 'active', 'forward', 0, 0, '{}', '{}', 1, 1, 1)
  `.execute(db);
  await sql`
    insert into saga_steps (saga_id, position, direction, step, state, started_at, ended_at, detail)
    values ('a', 0, 'backward', 'reserve', 'failed', '3', '4', '"Gone"'), ('a', 1, 'forward', 'authorize', 'started', '2', null, null),
      ('a', 0, 'forward', 'reserve', 'done', '1', '2', null)
  `.execute(db);
}
