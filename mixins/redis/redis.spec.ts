/** The connection over a Redis that is killed, frozen and restarted. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { dependenciesOf } from "#core/dependencies.ts";
import { type Server, startRedis } from "../../scripts/cluster/servers.ts";
import { startBroker } from "../../test/support/broker.ts";
import { eventually } from "../../test/support/notebook.ts";
import { redisOf } from "./redis.ts";

let server: Server;
let broker: ServiceBroker;
let redis: Redis;

const status = () => dependenciesOf(broker).find(({ name }) => name === "redis")?.status;
const isReady = () => status() === "ok";

/** Milliseconds until the command is answered or fails. */
async function elapsed(command: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await command.catch(() => {});
  return performance.now() - began;
}

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
    expect(await elapsed(redis.get("a"))).toBeLessThan(20);
    await expect(redis.get("a")).rejects.toThrow();
    await server.restart();
    await eventually(isReady);
    expect(await redis.set("a", "1")).toBe("OK");
  });

  it("fails what is under way when Redis is killed", async () => {
    server.kill("SIGSTOP");
    const pending = redis.get("a");
    server.kill("SIGKILL");
    expect(await elapsed(pending)).toBeLessThan(150);
    await expect(pending).rejects.toThrow();
    await server.restart();
    await eventually(isReady);
  });

  it("makes few commands wait for a frozen Redis, and none for long", async () => {
    server.kill("SIGSTOP");
    try {
      const waits: number[] = [];
      while (status() !== "away") {
        waits.push(await elapsed(redis.get("a")));
        await sleep(5);
      }
      expect(Math.max(...waits)).toBeLessThan(200);
      expect(waits.length).toBeLessThan(6);
      const later = await Promise.all(Array.from({ length: 20 }, () => elapsed(redis.get("a"))));
      expect(Math.max(...later)).toBeLessThan(20);
    } finally {
      server.kill("SIGCONT");
    }
    await eventually(isReady);
    expect(await redis.ping()).toBe("PONG");
  });

  it("ends with its broker, which is no reason to call Redis away", async () => {
    await broker.stop();
    await eventually(() => redis.status === "end");
    expect(status()).toBe("ok");
  });
});
