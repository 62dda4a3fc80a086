/** A Redis of the spec's own that keeps its streams on the disk, as one that carries events must. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { startRedis } from "../../../scripts/cluster/servers.ts";
import type { BusServer } from "./bus-conformance.ts";

export async function startRedisBus() {
  const folder = join(process.env.DATA_DIR!, "redis");
  const server = await startRedis({ folder, isDurable: true });

  /** Answers what an administrator is answered. */
  async function ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(server.url);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  return Object.assign(server, {
    ask,
    async wipe() {
      await server.stop();
      rmSync(join(folder, "appendonlydir"), { recursive: true, force: true });
      await server.restart();
    },
    clear: () => ask(async (redis) => void (await redis.flushall())),
    fill: (isFull: boolean) => ask(async (redis) => void (await redis.config("SET", "maxmemory", isFull ? 1 : 0))),
  }) satisfies BusServer;
}
