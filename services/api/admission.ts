/** Who is let in: rate limits per address, person and route, told as draft-ietf-httpapi-ratelimit-headers-10 wants. */
import { now } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { config } from "./api.config.ts";
import type { Exchange } from "./exchange.ts";
import { clientAddress, Limiter } from "./limiter.ts";

interface Policy {
  readonly name: string;
  readonly limiter: Limiter;
  /** The RateLimit-Policy item: quota and window in seconds. */
  readonly item: string;
}

const policy = (name: string, limit: number): Policy => ({
  name,
  limiter: new Limiter(limit),
  item: `"${name}";q=${limit};w=60`,
});

export class Admission {
  readonly #address = policy("address", config.RATE_LIMIT_ADDRESS);
  readonly #user = policy("user", config.RATE_LIMIT_USER);
  readonly #routes = new Map<string, Policy>();

  /**
   * Counts a request against its address, and against its route where that has a limit of its own.
   * @throws RATE_LIMITED
   */
  address(exchange: Exchange, limit: number | undefined): void {
    if (!config.RATE_LIMIT) return;
    const address = clientAddress(exchange.req, config.TRUST_PROXY);
    this.#take(exchange, this.#address, address);
    if (limit !== undefined) this.#take(exchange, this.#route(exchange.route, limit), address);
  }

  /** @throws RATE_LIMITED */
  user(exchange: Exchange, id: string): void {
    if (config.RATE_LIMIT) this.#take(exchange, this.#user, id);
  }

  #route(name: string, limit: number): Policy {
    let found = this.#routes.get(name);
    if (found?.limiter.limit !== limit) this.#routes.set(name, (found = policy("route", limit)));
    return found;
  }

  #take({ headers }: Exchange, { name, limiter, item }: Policy, key: string): void {
    const { allowed, remaining, seconds } = limiter.take(key, now());
    // Several lines of one field are one list (RFC 9110 section 5.2).
    headers.push("RateLimit-Policy", item, "RateLimit", `"${name}";r=${remaining};t=${seconds}`);
    if (!allowed) throw sharedError("RATE_LIMITED", { retryAfter: seconds });
  }
}
