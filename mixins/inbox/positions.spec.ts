/** @databases sqlite postgres */
import { Clock } from "../../test/support/fixtures/clock.ts";
import { openStorage, storage } from "../../test/support/systems/storage.ts";
import type { Database } from "../database/database.ts";
import { type InboxTable, migrations } from "./letters.ts";
import { InboxCursor } from "./positions.ts";

const onPostgres = storage() === "postgres" ? it : () => {};

describe("the cursor of an inbox", () => {
  let db: Database<InboxTable>;
  let clock: Clock;
  let ann: InboxCursor;
  let bob: InboxCursor;

  beforeEach(async () => {
    db = await openStorage<InboxTable>();
    await db.migrate(migrations);
    clock = new Clock();
    clock.stop();
    [ann, bob] = [new InboxCursor({ db }, "order"), new InboxCursor({ db }, "order")];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await db.close();
  });

  it("has no position before the first event, and then the last", async () => {
    expect(await ann.position()).toBeNull();
    expect(await ann.take()).toBeNull();
    expect(await ann.position()).toBeNull();
    await ann.save({ store: "s", seq: 7 });
    await ann.save({ store: "t", seq: 2 });
    expect(await ann.position()).toEqual({ store: "t", seq: 2 });
    await ann.leave();
    expect(await bob.take()).toEqual({ store: "t", seq: 2 });
  });

  it("is one for each source", async () => {
    await ann.take();
    await ann.save({ store: "s", seq: 7 });
    expect(await new InboxCursor({ db }, "payment").take()).toBeNull();
  });

  onPostgres("lets one node read, and another when that has not been heard of for ten seconds", async () => {
    await ann.take();
    expect(await bob.take()).toBeUndefined();
    clock.advance(4000);
    await ann.keep();
    clock.advance(9000);
    expect(await bob.take()).toBeUndefined();
    clock.advance(1000);
    expect(await bob.take()).toBeNull();
  });

  it("stores nothing for a node that has lost its turn", async () => {
    await ann.take();
    clock.advance(10_000);
    await bob.take();
    await bob.save({ store: "s", seq: 5 });
    await expect(ann.save({ store: "s", seq: 3 })).rejects.toThrow("Another node reads order now.");
    await expect(ann.keep()).rejects.toThrow("Another node reads order now.");
    await ann.leave();
    await bob.save({ store: "s", seq: 6 });
    expect(await bob.position()).toEqual({ store: "s", seq: 6 });
  });
});
