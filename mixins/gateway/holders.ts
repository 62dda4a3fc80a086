/** Counts the open live streams of each person, at this gateway and, with Redis, at all gateways. */
import type { Redis } from "ioredis";
import { newId } from "#core/id.ts";
import { sharedError } from "#core/errors.ts";

interface Limits {
  /** The most streams of one person. */
  readonly most: number;
  /** Milliseconds that a stream counts without being renewed, so that those of a crashed gateway are freed. */
  readonly lifetime: number;
}

export interface Hold {
  /** Renews the stream. Call it well within the lifetime. */
  renew(): void;
  release(): void;
}

/** Adds or renews a stream unless the person has enough others, by Redis's clock, since those of gateways differ. */
const script = `
local time = redis.call("TIME")
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call("ZREMRANGEBYSCORE", KEYS[1], "-inf", now)
if redis.call("ZCARD", KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call("ZADD", KEYS[1], now + ARGV[3], ARGV[1])
redis.call("PEXPIRE", KEYS[1], ARGV[3])
return 1
`;

type Scripted = Redis & { holdStream(key: string, id: string, most: number, lifetime: number): Promise<0 | 1> };

export class Holders {
  readonly #redis: Scripted | null;
  readonly #limits: Limits;
  readonly #own = new Map<string, number>();

  constructor(redis: Redis | null, limits: Limits) {
    redis?.defineCommand("holdStream", { lua: script, numberOfKeys: 1 });
    this.#redis = redis as Scripted | null;
    this.#limits = limits;
  }

  /** @throws RATE_LIMITED when the holder has the most streams already */
  async hold(holder: string): Promise<Hold> {
    const { most, lifetime } = this.#limits;
    const own = this.#own.get(holder) ?? 0;
    if (own >= most) throw sharedError("RATE_LIMITED", { retryAfter: 5 });
    this.#own.set(holder, own + 1);
    const key = `madang:streams:${holder}`;
    const id = newId();
    const forget = () => this.#forget(holder);
    // While Redis is away or slow, only this gateway's own count is available.
    const isAllowed = (await this.#redis?.holdStream(key, id, most, lifetime).catch(() => 1)) ?? 1;
    if (!isAllowed) {
      forget();
      throw sharedError("RATE_LIMITED", { retryAfter: 5 });
    }
    return {
      // An open stream is not refused, because Redis may have lost it, or counted others meanwhile.
      renew: () => void this.#redis?.holdStream(key, id, Number.MAX_SAFE_INTEGER, lifetime).catch(() => {}),
      release: () => {
        void this.#redis?.zrem(key, id).catch(() => {});
        forget();
      },
    };
  }

  #forget(holder: string): void {
    const held = this.#own.get(holder)! - 1;
    if (held > 0) this.#own.set(holder, held);
    else this.#own.delete(holder);
  }
}
