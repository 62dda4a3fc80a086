/** Nodes that read each other's heartbeats in Redis, with real servers that are killed, frozen and wiped. */
import { Redis } from "ioredis";
import { startRedis } from "../../scripts/cluster/servers.ts";
import { directoryConformance } from "../support/systems/directory-conformance.ts";

describe("nodes with a directory in Redis", () =>
  directoryConformance({
    kind: "redis",
    start: (folder) => startRedis({ folder }),
    forget: async (url) => {
      const redis = new Redis(url);
      await redis.flushall();
      redis.disconnect();
    },
  }));
