/**
 * Two nodes that remember what they read, over one Redis and one database.
 * @databases postgres: only nodes that share a database share a cache
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { PostgresDatabase } from "../database/postgres/database.ts";
import { statements } from "#mixins/database/statement.ts";
import { type Server, startRedis } from "../../scripts/cluster/servers.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { Proxy } from "../../test/support/faults/proxy.ts";
import { patient } from "../../test/support/systems/redis.ts";
import { emptyDatabase } from "../../test/support/systems/storage.ts";
import { SharedMemory } from "./cache.ts";
import { redisOf } from "./redis.ts";

interface Tables {
  notes: { id: string; number: number };
}

const sql = statements<Tables>();
const find = sql((q, p: { id: string }) => q.selectFrom("notes").select("number").where("id", "=", p.id));
const edit = sql((q, p: Tables["notes"]) => q.updateTable("notes").set({ number: p.number }).where("id", "=", p.id));

let server: Server;
let proxy: Proxy;
let databaseUrl: string;
const brokers: ServiceBroker[] = [];
let number = 0;

class Node {
  readonly db: PostgresDatabase<Tables>;
  readonly redis: Redis;
  /** Answers from memory. */
  recalled = 0;
  reads = 0;

  constructor(broker: ServiceBroker, url: string) {
    this.redis = redisOf(broker, url)!;
    // Where nothing stands between, Redis is never slow.
    if (url === server.url) patient(this.redis);
    const cache = new SharedMemory(this.redis, "notes");
    this.db = new PostgresDatabase<Tables>({ url: databaseUrl, name: broker.nodeID, size: 4, timeout: 60_000, cache });
  }

  readonly isReady = (): boolean => this.redis.status === "ready";

  /** @param pause milliseconds between the read and its being remembered */
  async read(id: string, pause = 0): Promise<number> {
    let isRead = false;
    const answer = await this.db.recall(id, async () => {
      isRead = true;
      const { number: value } = (await this.db.one(find, { id }))!;
      if (pause > 0) await sleep(pause);
      return { value, until: null };
    });
    if (isRead) this.reads += 1;
    else this.recalled += 1;
    return answer;
  }

  async write(id: string): Promise<number> {
    const value = (number += 1);
    await this.db.write((tx) => tx.run(edit, { id, number: value }));
    return value;
  }
}

async function node(url: string): Promise<Node> {
  const broker = await startBroker([], { nodeID: `notes.here-${brokers.length}` });
  brokers.push(broker);
  const made = new Node(broker, url);
  await eventually(made.isReady);
  return made;
}

let ann: Node;
let bob: Node;

beforeAll(async () => {
  server = await startRedis({ folder: join(process.env.DATA_DIR!, "redis") });
  proxy = await Proxy.before(server.port);
  databaseUrl = await emptyDatabase();
  ann = await node(proxy.urlOf(server.url));
  bob = await node(server.url);
  await ann.db.write(async ({ query }) => {
    await query.schema.createTable("notes").addColumn("id", "text").addColumn("number", "integer").execute();
    const notes = ["a", "b", "c"].map((id) => ({ id, number: 0 }));
    await query.insertInto("notes").values(notes).execute();
  });
});

let clock: Clock;
beforeEach(() => {
  clock = new Clock();
});
afterEach(() => jest.restoreAllMocks());

afterAll(async () => {
  for (const { db } of [ann, bob]) await db.close();
  for (const broker of brokers) await broker.stop();
  await proxy.close();
  await server.stop();
});

/** Resolves when the node has just answered without reading. */
const remembered = (who: Node, id: string): Promise<boolean> =>
  eventually(async () => {
    const { reads } = who;
    await who.read(id);
    return who.reads === reads;
  });

describe("what nodes remember together", () => {
  it("is read once while nothing changes", async () => {
    clock.stop();
    await remembered(bob, "a");
    bob.reads = 0;
    await Promise.all(Array.from({ length: 10 }, () => bob.read("a")));
    expect(bob.reads).toBe(0);
  });

  it("is read again after a change on any node", async () => {
    await remembered(bob, "a");
    const value = await ann.write("a");
    expect([await bob.read("a"), await ann.read("a")]).toEqual([value, value]);
  });

  it("is never older than a write that was answered, even when Redis is killed and comes back empty", async () => {
    const answered: Record<string, number> = { a: 0, b: 0, c: 0 };
    const stale: string[] = [];
    const end = new AbortController();
    const writer = async (who: Node, id: string) => {
      while (!end.signal.aborted) {
        answered[id] = await who.write(id);
        await sleep(Math.random() < 0.5 ? Math.random() * 5 : Math.random() * 80);
      }
    };
    const reader = async (who: Node) => {
      while (!end.signal.aborted) {
        const id = "abc"[Math.floor(Math.random() * 3)]!;
        const least = answered[id]!;
        const value = await who.read(id, Math.random() < 0.3 ? Math.random() * 3 : 0);
        if (value < least) stale.push(`${id}: ${value} after ${least}`);
        await sleep(0);
      }
    };
    /** Resolves when both have remembered as much again. */
    const goesOn = async () => {
      const until = [ann, bob].map((who) => ({ who, count: who.recalled + 200 }));
      await eventually(() => until.every(({ who, count }) => who.recalled >= count));
    };
    // A node that gives up a command could not tell Redis of its write. That is the subject of another spec.
    const asBefore = patient(ann.redis);
    const readers = Array.from({ length: 8 }, (_, index) => reader(index % 2 ? ann : bob));
    const running = [writer(ann, "a"), writer(bob, "b"), writer(ann, "c"), ...readers];
    await goesOn();
    server.kill("SIGKILL");
    // However long a busy machine needs, both come back before what Redis says is trusted, and have told what they owe.
    const time = jest.spyOn(performance, "now").mockReturnValue(performance.now());
    await server.restart();
    await eventually(() => ann.isReady() && bob.isReady());
    await Promise.all([ann.read("a"), bob.read("a")]);
    time.mockRestore();
    await goesOn();
    end.abort();
    await Promise.all(running);
    asBefore();
    expect(stale).toEqual([]);
  });

  it("is read from the database while Redis is away", async () => {
    await server.stop();
    const value = await ann.write("a");
    expect([await ann.read("a"), await bob.read("a")]).toEqual([value, value]);
    await server.restart();
    await eventually(() => ann.isReady() && bob.isReady());
  });

  it("is not used after Redis was away until other nodes have had time to come back to it too", async () => {
    proxy.blackHole();
    server.kill("SIGKILL");
    // By the clock that counts this time, none passes.
    const stopped = performance.now();
    const time = jest.spyOn(performance, "now").mockReturnValue(stopped);
    await server.restart();
    await eventually(bob.isReady);
    await bob.read("a");
    await bob.read("a");
    const value = await ann.write("a");
    expect(await bob.read("a")).toBe(value);
    time.mockRestore();
    proxy.heal();
    await eventually(ann.isReady);
  });

  it("is forgotten within a second when the node that wrote could not tell", async () => {
    clock.stop();
    await remembered(bob, "b");
    proxy.blackHole();
    const value = await ann.write("b");
    clock.advance(999);
    expect(await bob.read("b")).toBeLessThan(value);
    clock.advance(1);
    expect(await bob.read("b")).toBe(value);
    expect(await ann.read("b")).toBe(value);
    await eventually(() => !ann.isReady());
    proxy.heal();
    await eventually(ann.isReady);
  });

  it("is forgotten as soon as that node can tell", async () => {
    // What is remembered does not grow old meanwhile.
    clock.stop();
    await remembered(bob, "c");
    proxy.blackHole();
    const value = await ann.write("c");
    expect(await bob.read("c")).toBeLessThan(value);
    proxy.heal();
    await eventually(async () => (await bob.read("c")) === value);
  });
});
