/** The connection over a Redis that is killed, frozen and restarted. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { dependenciesOf } from "../node/dependencies.ts";
import { type Server, startRedis } from "../../scripts/cluster/servers.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { endsWithin } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { patient } from "../../test/support/systems/redis.ts";
import { redisOf } from "./redis.ts";

let server: Server;
let broker: ServiceBroker;
let redis: Redis;

const status = () => dependenciesOf(broker).find(({ name }) => name === "redis")?.status;
const isReady = () => status() === "ok";

beforeAll(async () => {
  server = await startRedis({ folder: join(process.env.DATA_DIR!, "redis") });
});
afterAll(() => server.stop());

beforeEach(async () => {
  broker = await startBroker([], { nodeID: "api.here-1" });
  redis = redisOf(broker, server.url)!;
  await eventually(isReady);
});
afterEach(() => broker.stop());

describe("the connection to Redis", () => {
  it("is one per node, and bears its name", async () => {
    expect(redisOf(broker, server.url)).toBe(redis);
    expect(await redis.client("GETNAME")).toBe("api.here-1/redis");
  });

  it("is not there without an address", () => {
    expect(redisOf(broker, null)).toBeNull();
  });

  it("fails at once while Redis is away, and is back when it is", async () => {
    await server.stop();
    await eventually(() => status() === "away");
    expect(await endsWithin(20, redis.get("a"))).toBe(true);
    await expect(redis.get("a")).rejects.toThrow("Stream isn't writeable");
    await server.restart();
    await eventually(isReady);
    expect(await redis.set("a", "1")).toBe("OK");
  });

  it("fails what is under way when Redis is killed", async () => {
    // So that nothing else ends the command.
    patient(redis);
    server.kill("SIGSTOP");
    const pending = redis.get("a");
    server.kill("SIGKILL");
    await expect(pending).rejects.toThrow("max retries");
    await server.restart();
    await eventually(isReady);
  });

  it("makes few commands wait for a frozen Redis, and none for long", async () => {
    server.kill("SIGSTOP");
    try {
      const waits: boolean[] = [];
      while (status() !== "away") {
        waits.push(await endsWithin(200, redis.get("a")));
        await sleep(5);
      }
      expect(waits.every(Boolean)).toBe(true);
      expect(waits.length).toBeLessThan(6);
      const later = await Promise.all(Array.from({ length: 20 }, () => endsWithin(20, redis.get("a"))));
      expect(later.every(Boolean)).toBe(true);
    } finally {
      server.kill("SIGCONT");
    }
    await eventually(isReady);
    expect(await redis.ping()).toBe("PONG");
  });

  it("ends with its broker, which is no reason to call Redis away", async () => {
    // A busy machine may just have lost it, and a connection that waits to be made again has no end.
    patient(redis);
    await eventually(() => redis.status === "ready");
    await broker.stop();
    await eventually(() => redis.status === "end");
    expect(status()).toBe("ok");
  });
});
