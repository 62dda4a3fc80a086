/** Who is let in: rate limits per address, person and route, told as draft-ietf-httpapi-ratelimit-headers-10 wants. */
import type { ServiceBroker } from "moleculer";
import { now } from "#core/clock.ts";
import { sharedError } from "#core/errors.ts";
import { redisOf } from "#mixins/redis/redis.ts";
import { clientAddress } from "./address.ts";
import { config } from "./api.config.ts";
import type { Exchange } from "./exchange.ts";
import { type Grant, Limiter } from "./limiter.ts";
import { SharedLimiter } from "./shared-limiter.ts";

interface Policy {
  readonly name: string;
  /** Whose requests count together in all gateways. */
  readonly scope: string;
  readonly limiter: Limiter;
  /** The RateLimit-Policy item: quota and window in seconds. */
  readonly item: string;
}

/** What a request was counted against in this gateway. */
interface Claim {
  readonly policy: Policy;
  readonly key: string;
  /** Where its RateLimit item stands among the headers of the answer. */
  readonly at: number;
}

const policy = (name: string, limit: number, scope = name): Policy => ({
  name,
  scope,
  limiter: new Limiter(limit),
  item: `"${name}";q=${limit};w=60`,
});

const told = ({ name }: Policy, { remaining, seconds }: Grant): string => `"${name}";r=${remaining};t=${seconds}`;

export class Admission {
  readonly #address = policy("address", config.RATE_LIMIT_ADDRESS);
  readonly #probe = policy("probe", config.RATE_LIMIT_ADDRESS);
  readonly #user = policy("user", config.RATE_LIMIT_USER);
  readonly #routes = new Map<string, Policy>();
  readonly #shared: SharedLimiter | null;

  constructor(broker: ServiceBroker) {
    const redis = config.RATE_LIMIT ? redisOf(broker) : null;
    this.#shared = redis && new SharedLimiter(redis);
  }

  /**
   * Counts a request in this gateway against its address, and against its route where that has a limit of its own: who
   * is refused here already is refused without asking Redis.
   * @throws RATE_LIMITED
   */
  address(exchange: Exchange, limit: number | undefined): Claim[] {
    if (!config.RATE_LIMIT) return [];
    const address = clientAddress(exchange.req, config.TRUST_PROXY);
    const claims = [this.#take(exchange, this.#address, address)];
    if (limit !== undefined) claims.push(this.#take(exchange, this.#route(exchange.route, limit), address));
    return claims;
  }

  /** Counts a request that reaches no action as one of its address. @throws RATE_LIMITED */
  stray(exchange: Exchange): Promise<void> | undefined {
    return this.admit(exchange, this.address(exchange, undefined), null);
  }

  /** Counts a request of a system route, in this gateway alone. @throws RATE_LIMITED */
  probe(exchange: Exchange): void {
    if (config.RATE_LIMIT) this.#take(exchange, this.#probe, clientAddress(exchange.req, config.TRUST_PROXY));
  }

  /**
   * Counts the same request against the person, and all of it in the quotas of all gateways. Nothing to wait for
   * without Redis.
   * @throws RATE_LIMITED
   */
  admit(exchange: Exchange, claims: Claim[], user: string | null): Promise<void> | undefined {
    if (!config.RATE_LIMIT) return undefined;
    if (user !== null) claims.push(this.#take(exchange, this.#user, user));
    return this.#shared?.isReady ? this.#share(this.#shared, exchange, claims) : undefined;
  }

  async #share(shared: SharedLimiter, { headers }: Exchange, claims: readonly Claim[]): Promise<void> {
    const grants = await shared.take(
      claims.map(({ policy: { scope, limiter }, key }) => ({ key: `${scope}:${key}`, limit: limiter.limit })),
    );
    if (!grants) return;
    claims.forEach(({ policy: one, at }, index) => (headers[at] = told(one, grants[index]!)));
    const waits = grants.filter(({ allowed }) => !allowed).map(({ seconds }) => seconds);
    if (waits.length > 0) throw sharedError("RATE_LIMITED", { retryAfter: Math.max(...waits) });
  }

  #route(name: string, limit: number): Policy {
    let found = this.#routes.get(name);
    if (found?.limiter.limit !== limit) this.#routes.set(name, (found = policy("route", limit, `route:${name}`)));
    return found;
  }

  #take({ headers }: Exchange, one: Policy, key: string): Claim {
    const grant = one.limiter.take(key, now());
    // Several lines of one field are one list (RFC 9110 section 5.2).
    const length = headers.push("RateLimit-Policy", one.item, "RateLimit", told(one, grant));
    if (!grant.allowed) throw sharedError("RATE_LIMITED", { retryAfter: grant.seconds });
    return { policy: one, key, at: length - 1 };
  }
}
