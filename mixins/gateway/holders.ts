/** How many live streams each person holds open: at this gateway, and at all of them where they share a Redis. */
import type { Redis } from "ioredis";
import { newId } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";

interface Limits {
  /** Streams that one person may hold. */
  readonly most: number;
  /** Milliseconds for which a stream counts that is not renewed: those of a gateway that crashed are free again then. */
  readonly lifetime: number;
}

export interface Hold {
  /** Call it well within the lifetime. */
  renew(): void;
  release(): void;
}

/** Adds or renews one stream unless there are enough others. Redis's own clock counts: those of the gateways differ. */
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

  /** @throws RATE_LIMITED when the holder has as many as allowed */
  async hold(holder: string): Promise<Hold> {
    const { most, lifetime } = this.#limits;
    const own = this.#own.get(holder) ?? 0;
    if (own >= most) throw sharedError("RATE_LIMITED", { retryAfter: 5 });
    this.#own.set(holder, own + 1);
    const key = `madang:streams:${holder}`;
    const id = newId();
    const forget = () => this.#forget(holder);
    // While Redis is away, or too slow to answer, this gateway's own count is what there is.
    const isAllowed = (await this.#redis?.holdStream(key, id, most, lifetime).catch(() => 1)) ?? 1;
    if (!isAllowed) {
      forget();
      throw sharedError("RATE_LIMITED", { retryAfter: 5 });
    }
    return {
      // One that is open already is not refused: Redis may have lost it, or counted others meanwhile.
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
