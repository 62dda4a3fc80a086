/** Two gateways, one Redis, one quota. */
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { type Server, startRedis } from "../../scripts/cluster/servers.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { patientRedis } from "../../test/support/systems/redis.ts";
import { Limiter } from "./limiter.ts";
import { SharedLimiter } from "./shared-limiter.ts";

let server: Server;
const brokers: ServiceBroker[] = [];
const clients: Redis[] = [];
let one: SharedLimiter;
let other: SharedLimiter;

async function gateway(): Promise<SharedLimiter> {
  const broker = await startBroker([], { nodeID: `api.here-${brokers.length}` });
  brokers.push(broker);
  const redis = await patientRedis(broker, server.url);
  clients.push(redis);
  return new SharedLimiter(redis);
}

beforeAll(async () => {
  server = await startRedis({ folder: join(process.env.DATA_DIR!, "redis") });
  one = await gateway();
  other = await gateway();
});
afterAll(async () => {
  for (const broker of brokers) await broker.stop();
  await server.stop();
});
beforeEach(() => clients[0]!.flushall());

describe("the shared limiter", () => {
  it("grants one quota to two gateways that ask at once", async () => {
    const began = performance.now();
    const takes = Array.from({ length: 100 }, (_, index) => (index % 2 ? one : other).take([{ key: "a", limit: 30 }]));
    const grants = (await Promise.all(takes)).map((answer) => answer![0]!);
    const granted = grants.filter(({ allowed }) => allowed).length;
    expect(granted).toBeGreaterThanOrEqual(30);
    // One comes back every two seconds.
    expect(granted).toBeLessThanOrEqual(30 + Math.floor((performance.now() - began) / 2000));
    expect(grants.filter(({ allowed }) => !allowed).every(({ seconds }) => seconds >= 1 && seconds <= 2)).toBe(true);
  });

  it("answers what a limiter of one process does", async () => {
    // Redis's clock is its own, so what it answers lies between what two limiters do that ask before and after it.
    const [most, least] = [new Limiter(3), new Limiter(3)];
    for (let count = 0; count < 5; count += 1) {
      const before = Date.now();
      const [grant] = (await one.take([{ key: "b", limit: 3 }]))!;
      const after = Date.now() + 1;
      const longest = most.take("b", count === 0 ? after : before);
      const shortest = least.take("b", count === 0 ? before : after);
      expect(grant).toEqual({ ...longest, seconds: expect.any(Number) });
      expect(grant!.seconds).toBeLessThanOrEqual(longest.seconds);
      expect(grant!.seconds).toBeGreaterThanOrEqual(shortest.seconds);
    }
  });

  it("charges several quotas at once, or none of them", async () => {
    const take = (limiter: SharedLimiter) =>
      limiter.take([
        { key: "address:x", limit: 4 },
        { key: "route:r:x", limit: 2 },
      ]);
    const answers = [await take(one), await take(other), await take(one), await take(other)];
    expect(answers.map((answer) => answer!.map(({ allowed }) => allowed))).toEqual([
      [true, true],
      [true, true],
      [true, false],
      [true, false],
    ]);
    expect((await one.take([{ key: "address:x", limit: 4 }]))![0]!.remaining).toBe(1);
  });

  it("lets a request through as soon as there is room, and keeps nothing that is settled", async () => {
    const quota = [{ key: "c", limit: 600 }];
    await eventually(async () => {
      const answers = await Promise.all(Array.from({ length: 600 }, () => one.take(quota)));
      return answers.some((answer) => !answer![0]!.allowed);
    });
    await eventually(async () => (await other.take(quota))![0]!.allowed);
    await one.take([{ key: "d", limit: 6000 }]);
    await eventually(async () => (await clients[0]!.exists("madang:rate:d")) === 0);
  });

  it("makes nobody wait for longer than a window after the clock was set back", async () => {
    await clients[0]!.set("madang:rate:e", String((Date.now() + 3_600_000) * 1000));
    expect((await one.take([{ key: "e", limit: 60 }]))![0]).toMatchObject({ allowed: false, seconds: 1 });
  });

  it("answers nothing while Redis is away", async () => {
    await server.stop();
    await eventually(() => !one.isReady);
    expect(await one.take([{ key: "f", limit: 1 }])).toBeNull();
    await server.restart();
    await eventually(() => one.isReady);
    expect(await one.take([{ key: "f", limit: 1 }])).toEqual([{ allowed: true, remaining: 0, seconds: 60 }]);
  });
});
