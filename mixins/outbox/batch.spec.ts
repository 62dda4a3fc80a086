/**
 * A batch is small enough for the bus to take it within its time, and large enough to hold a single event of any size.
 * @databases sqlite postgres
 */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Envelope } from "#core/envelope.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import type { Bus } from "../bus/bus.ts";
import type { Database } from "../database/database.ts";
import { Relay } from "./relay.ts";
import { insert, migrations, type OutboxTable } from "./rows.ts";

const MEGABYTE = 1_000_000;

describe("a batch of the relay", () => {
  let db: Database<OutboxTable>;
  let published: Envelope[][];

  const add = (id: string, bytes: number) =>
    db.run(insert, {
      id,
      type: "notebook.written",
      version: 1,
      time: timestamp(),
      source: "notebook",
      subject: `note:${id}`,
      correlation_id: id,
      causation_id: id,
      data: JSON.stringify("x".repeat(bytes - 2)),
    });
  const publishAll = async () => {
    const bus: Bus = {
      patience: 60_000,
      prepare: async () => true,
      publish: async (events) => (published.push([...events]), null),
      subscribe: () => ({ begin() {}, end: async () => {} }),
    };
    const relay = new Relay(db, bus, "notebook", () => {});
    while (await relay.step());
  };

  beforeEach(async () => {
    db = await openStorage<OutboxTable>();
    await db.migrate(migrations);
    published = [];
  });
  afterEach(() => db.close());

  it.each([
    ["four megabytes", Array.from({ length: 9 }, () => MEGABYTE), [4, 4, 1]],
    ["a single event that is larger", [1000, 5 * MEGABYTE, 1000], [1, 1, 1]],
  ])("holds %s at most, in the order of the events", async (_, sizes, batches) => {
    const ids = sizes.map(() => newId());
    for (const [index, id] of ids.entries()) await add(id, sizes[index]!);
    await publishAll();
    expect(published.map(({ length }) => length)).toEqual(batches);
    expect(published.flat().map(({ id }) => id)).toEqual(ids);
  });

  it("is marked row by row, since numbers between its rows may be missing, or still to be committed", async () => {
    const [first, between, last] = [newId(), newId(), newId()];
    for (const id of [first, between, last]) await add(id, 1000);
    await db.write(({ query }) => query.deleteFrom("outbox").where("id", "=", between).execute());
    await publishAll();
    expect(published.flat().map(({ id }) => id)).toEqual([first, last]);
  });
});
