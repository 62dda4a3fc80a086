/** One limit for all gateways: the limiter's algorithm as a script that Redis runs atomically. */
import type { Redis } from "ioredis";
import { type Grant, grantOf, WINDOW } from "./limiter.ts";

interface Quota {
  readonly key: string;
  /** Requests a minute. */
  readonly limit: number;
}

/** Charges all keys, or none when one is at its limit. Redis's clock counts, because those of gateways differ. */
const script = `
local time = redis.call("TIME")
local now = time[1] * 1000000 + time[2]
local window = tonumber(ARGV[#KEYS + 1])
local known = redis.call("MGET", unpack(KEYS))
local debts = {}
local allowed = true
for i = 1, #KEYS do
  -- A clock that was set back makes nobody wait for longer than a window.
  debts[i] = math.min(math.max(tonumber(known[i] or 0) - now, 0), window) + ARGV[i]
  allowed = allowed and debts[i] <= window
end
if allowed then
  for i, key in ipairs(KEYS) do
    redis.call("SET", key, string.format("%.0f", now + debts[i]), "PX", math.ceil(debts[i] / 1000))
  end
end
return debts
`;

/** In a millisecond. */
const MICROSECONDS = 1000;

type Scripted = Redis & { takeQuotas(keys: number, ...parameters: (string | number)[]): Promise<number[]> };

export class SharedLimiter {
  readonly #redis: Scripted;

  constructor(redis: Redis) {
    redis.defineCommand("takeQuotas", { lua: script });
    this.#redis = redis as Scripted;
  }

  get isReady(): boolean {
    return this.#redis.status === "ready";
  }

  /** One grant per limit, in one round trip; null when Redis does not answer in time. */
  async take(quotas: readonly Quota[]): Promise<readonly Grant[] | null> {
    const keys = quotas.map(({ key }) => `madang:rate:${key}`);
    const costs = quotas.map(({ limit }) => Math.floor((WINDOW * MICROSECONDS) / limit));
    try {
      const debts = await this.#redis.takeQuotas(keys.length, ...keys, ...costs, WINDOW * MICROSECONDS);
      return debts.map((debt, index) => grantOf(debt / MICROSECONDS, costs[index]! / MICROSECONDS));
    } catch {
      return null;
    }
  }
}
