/** @databases sqlite postgres */
import { sharedError } from "#core/errors.ts";
import type { Database } from "../database/database.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  due,
  insert,
  LEASE,
  parcelMigrations,
  ParcelNode,
  type ParcelOptions,
  type ParcelTables,
  rows,
  setNext,
} from "../../test/support/systems/parcel-queue.ts";
import { openStorage } from "../../test/support/systems/storage.ts";

/** Milliseconds, by a clock that stands still. */
const FALLBACK = 5000;
const NEVER = 2 ** 30;

describe("Queue", () => {
  let db: Database<ParcelTables>;
  let clock: Clock;
  let nodes: ParcelNode[];
  const warnings: string[] = [];

  const newNode = (options: Partial<ParcelOptions> = {}): ParcelNode => {
    const node = new ParcelNode(db, (text) => void warnings.push(text), options);
    nodes.push(node);
    return node;
  };
  const add = (...ids: readonly string[]) => Promise.all(ids.map((id) => db.run(insert, { id, next_at: Date.now() })));
  const allSent = () => eventually(async () => (await db.all(rows, {})).every(({ next_at }) => next_at === null));
  /** Resolves when the node has looked since, and sleeps. */
  const looked = async (node: ParcelNode, since: number) => {
    await eventually(() => node.answered > since);
    await new Promise(setImmediate);
  };

  beforeEach(async () => {
    db = await openStorage<ParcelTables>();
    await db.migrate(parcelMigrations);
    clock = new Clock();
    clock.stop();
    // Real time must not do what is the clock's to do.
    const real = setTimeout;
    jest
      .spyOn(globalThis, "setTimeout")
      .mockImplementation(((act: () => void, pause: number) => real(act, pause < 1000 ? pause : NEVER)) as never);
    nodes = [];
    warnings.length = 0;
  });
  afterEach(async () => {
    await Promise.all(nodes.map(({ queue }) => queue.stop()));
    jest.restoreAllMocks();
    await db.close();
  });

  it("works off what is due, in as many turns as it takes", async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `p${index + 10}`);
    await add(...ids);
    const node = newNode();
    await node.queue.start();
    await allSent();
    expect(node.given.toSorted()).toEqual(ids);
  });

  it("gives each row to one node, however many look at once", async () => {
    await add(...Array.from({ length: 60 }, (_, index) => `p${index}`));
    const several = Array.from({ length: 4 }, () => newNode({ limit: 3 }));
    await Promise.all(several.map(({ queue }) => queue.start()));
    await eventually(async () => {
      clock.advance(100);
      return (await db.all(rows, {})).every(({ next_at }) => next_at === null);
    });
    expect(several.flatMap(({ given }) => given)).toHaveLength(60);
  });

  it("leaves what another node has claimed to it until the lease ends, and takes it then", async () => {
    await add("p1");
    const [first, second] = [newNode(), newNode()];
    first.send = () => new Promise(() => {});
    await first.queue.start();
    await first.isGiven(1);
    await second.queue.start();
    await looked(second, 0);
    const looks = second.looks;
    clock.advance(LEASE - 1);
    await looked(second, looks);
    expect(second.given).toEqual([]);
    clock.advance(1);
    await second.isGiven(1);
    await allSent();
    nodes = [second];
  });

  it("sleeps until the next row is due, and looks then, not before", async () => {
    await db.run(insert, { id: "p1", next_at: Date.now() + 3000 });
    const node = newNode();
    await node.queue.start();
    await looked(node, 0);
    clock.advance(2999);
    await new Promise(setImmediate);
    expect(node.looks).toBe(1);
    clock.advance(1);
    await allSent();
  });

  it("finds by itself, after a while, what nobody told it of", async () => {
    const node = newNode();
    await node.queue.start();
    await looked(node, 0);
    await add("p1");
    clock.advance(FALLBACK - 1);
    await new Promise(setImmediate);
    expect(node.looks).toBe(1);
    clock.advance(1);
    await allSent();
  });

  it("looks by itself as soon as a row may be due that nobody tells it of", async () => {
    const node = newNode({ soonest: 1000 });
    await node.queue.start();
    await looked(node, 0);
    clock.advance(999);
    await new Promise(setImmediate);
    expect(node.looks).toBe(1);
    clock.advance(1);
    await looked(node, 1);
  });

  it("looks at once when it is woken, and when a node is gone", async () => {
    const node = newNode();
    await node.queue.start();
    await looked(node, 0);
    await add("p1");
    node.queue.wake();
    await allSent();
    const { looks } = node;
    await looked(node, looks - 1);
    await add("p2");
    node.localBus.emit("$node.disconnected", { node: { id: "another" } });
    await allSent();
    expect(node.given).toEqual(["p1", "p2"]);
  });

  it("looks when a reported row is due, also when its last look came just before the row was stored", async () => {
    const node = newNode();
    await node.queue.start();
    await looked(node, 0);
    await db.run(insert, { id: "p1", next_at: Date.now() + 1000 });
    node.queue.wake(Date.now() + 1000);
    clock.advance(999);
    await new Promise(setImmediate);
    expect(node.looks).toBe(1);
    clock.advance(1);
    await allSent();
  });

  it("works on so many at once as it may", async () => {
    await add("p1", "p2", "p3", "p4", "p5");
    const node = newNode({ atOnce: 2 });
    let running = 0;
    let most = 0;
    node.send = async () => {
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
    };
    await node.queue.start();
    await allSent();
    expect(most).toBe(2);
  });

  it("begins rows at an even pace", async () => {
    await add("p1", "p2", "p3");
    const node = newNode({ atOnce: 2, rate: 0.1 });
    await node.queue.start();
    await node.isGiven(1);
    for (const count of [2, 3]) {
      clock.advance(9999);
      await new Promise(setImmediate);
      expect(node.given).toHaveLength(count - 1);
      clock.advance(1);
      await node.isGiven(count);
      // A lane that is free waits for the next turn.
      await eventually(async () => (await db.all(rows, {})).filter(({ next_at }) => next_at === null).length === count);
      await new Promise(setImmediate);
    }
  });

  it("claims nothing while it has no room, and goes on when it is woken", async () => {
    await add("p1", "p2");
    let room = 0;
    const node = newNode({ limit: () => room });
    await node.queue.start();
    await looked(node, 0);
    expect(node.given).toEqual([]);
    room = 1;
    node.queue.wake();
    await allSent();
  });

  it("lets one that fails hold up no other, and says so", async () => {
    await add("bad", "good");
    const node = newNode();
    node.send = async ({ id }) => {
      if (id === "bad") throw new Error("bad is not sent.");
    };
    await node.queue.start();
    await eventually(() => warnings.length > 0);
    expect(warnings).toEqual(["bad is not sent."]);
    expect(await db.all(rows, {})).toEqual([
      { id: "bad", next_at: Date.now() + LEASE },
      { id: "good", next_at: null },
    ]);
  });

  it("pauses when all fail, so that a row that stays due is not tried without end", async () => {
    await add("bad");
    const node = newNode({ claim: (limit) => db.all(due.list, { now: Date.now(), limit }) });
    node.send = async () => {
      throw new Error("No.");
    };
    await node.queue.start();
    await eventually(() => warnings.length > 0);
    expect(warnings).toEqual(["No. Trying again in 50 ms."]);
    expect(node.given).toEqual(["bad"]);
    await eventually(() => warnings.length > 1);
    expect(warnings[1]).toBe("No. Trying again in 100 ms.");
  });

  it("looks again soon when others were faster", async () => {
    await add("p1");
    let claims = 0;
    const node = newNode({ claim: async () => ((claims += 1) > 2 ? db.all(rows, {}) : []) });
    await node.queue.start();
    await looked(node, 0);
    expect(claims).toBe(1);
    clock.advance(49);
    await new Promise(setImmediate);
    expect(claims).toBe(1);
    await eventually(() => (clock.advance(1), node.given.length > 0));
    expect(claims).toBe(3);
  });

  it("ends what is begun when it is stopped, and gives back the rest", async () => {
    await add("p1", "p2", "p3");
    const node = newNode({ atOnce: 1, giveBack: ({ id }) => db.run(setNext, { id, next_at: Date.now() }) });
    const { promise, resolve } = Promise.withResolvers<void>();
    node.send = () => promise;
    await node.queue.start();
    await node.isGiven(1);
    const stopping = node.queue.stop();
    resolve();
    await stopping;
    const [begun] = node.given;
    expect(node.given).toHaveLength(1);
    expect(await db.all(rows, {})).toEqual(
      ["p1", "p2", "p3"].map((id) => ({ id, next_at: id === begun ? null : Date.now() })),
    );
    node.localBus.emit("$node.disconnected", { node: { id: "another" } });
    clock.advance(FALLBACK);
    await new Promise(setImmediate);
    expect(node.given).toEqual([begun]);
  });

  it("ends the leases that this process held before it died, though storage is late", async () => {
    await db.run(insert, { id: "p1", next_at: Date.now() + LEASE });
    let attempts = 0;
    const node = newNode({
      release: async () => {
        if ((attempts += 1) === 1) throw sharedError("STORAGE_UNAVAILABLE");
        await db.run(setNext, { id: "p1", next_at: Date.now() });
      },
    });
    await node.queue.start();
    await allSent();
    expect(attempts).toBe(2);
  });
});
