/** The directory of nodes in Redis: what each wrote, and when, by the clock of Redis alone. */
import { Redis } from "ioredis";
import type { Directory } from "./directory.ts";

const TIMES = "madang:nodes";
const LINES = "madang:nodes:lines";

/** Milliseconds that a line stays. Long after its node counts as gone. */
const LINGER = 60_000;

/** One question a heartbeat. */
const EXCHANGE = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
for _, node in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])) do
  redis.call('ZREM', KEYS[1], node)
  redis.call('HDEL', KEYS[2], node)
end
return redis.call('HGETALL', KEYS[2])`;

export class RedisDirectory implements Directory {
  readonly #redis: Redis;

  constructor(url: string, patience: number) {
    this.#redis = new Redis(url, {
      commandTimeout: patience,
      connectTimeout: patience,
      retryStrategy: () => patience,
      // What waits for a connection fails with the attempt to connect.
      maxRetriesPerRequest: 0,
      autoResendUnfulfilledCommands: false,
      disableClientInfo: true,
    });
    // The failure of an exchange tells it.
    this.#redis.on("error", () => {});
  }

  async exchange(node: string, line: string): Promise<ReadonlyMap<string, string>> {
    try {
      const told = (await this.#redis.eval(EXCHANGE, 2, TIMES, LINES, node, line, LINGER)) as string[];
      return new Map(Array.from({ length: told.length / 2 }, (_, at) => [told[2 * at]!, told[2 * at + 1]!]));
    } catch (error) {
      // A frozen server closes nothing.
      if ((error as Error).message === "Command timed out") this.#redis.disconnect(true);
      throw error;
    }
  }

  async remove(node: string): Promise<void> {
    await this.#redis.multi().zrem(TIMES, node).hdel(LINES, node).exec();
  }

  close(): void {
    this.#redis.disconnect();
  }
}
