/** Rate limits per address, person and action, in this gateway and in all gateways together. */
import type { ServiceBroker } from "moleculer";
import { now } from "#core/clock.ts";
import type { Caller } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { redisOf } from "../redis/redis.ts";
import { perBroker } from "../node/per-broker.ts";
import { config } from "./gateway.config.ts";
import { type Grant, Limiter } from "./limiter.ts";
import { SharedLimiter } from "./shared-limiter.ts";

interface Policy {
  readonly name: string;
  /** The kinds of limits that all gateways count together. */
  readonly scope: string;
  readonly limiter: Limiter;
}

interface Claim {
  readonly policy: Policy;
  readonly key: string;
  grant: Grant;
}

/** A limit that applies to a request, and the rest of it. The gateway adds it to every answer. */
export interface Quota extends Grant {
  readonly name: string;
  /** Requests a minute. */
  readonly limit: number;
}

/** A request, as far as its limits need it. */
export class Count {
  readonly address: string;
  readonly claims: Claim[] = [];

  constructor(address: string) {
    this.address = address;
  }

  get quotas(): readonly Quota[] {
    return this.claims.map(({ policy: { name, limiter }, grant }) => ({ name, limit: limiter.limit, ...grant }));
  }
}

/** A limit of one action, lower than those of the gateway. */
export interface OwnLimit {
  /** The action's full name, so that all gateways count the same; empty where a request reaches none. */
  readonly of: string;
  /** Requests a minute from one address. */
  readonly limit: number | undefined;
}

const policy = (name: string, limit: number, scope = name): Policy => ({ name, scope, limiter: new Limiter(limit) });

export class Admission {
  readonly #address = policy("address", config.RATE_LIMIT_ADDRESS);
  readonly #probe = policy("probe", config.RATE_LIMIT_ADDRESS);
  readonly #user = policy("user", config.RATE_LIMIT_USER);
  readonly #key = policy("key", config.RATE_LIMIT_KEY);
  readonly #actions = new Map<string, Policy>();
  readonly #shared: SharedLimiter | null;

  constructor(broker: ServiceBroker) {
    const redis = config.RATE_LIMIT ? redisOf(broker) : null;
    this.#shared = redis && new SharedLimiter(redis);
  }

  /**
   * Counts a request in this gateway against its address, and against its action where that has a limit of its own. A
   * request that is refused here needs no question to Redis.
   * @throws RATE_LIMITED
   */
  address(count: Count, { of, limit }: OwnLimit): void {
    if (!config.RATE_LIMIT) return;
    this.#take(count, this.#address, count.address);
    if (limit !== undefined) this.#take(count, this.#action(of, limit), count.address);
  }

  /** Counts a request that the gateway answers by itself, in this gateway alone. @throws RATE_LIMITED */
  probe(count: Count): void {
    if (config.RATE_LIMIT) this.#take(count, this.#probe, count.address);
  }

  /**
   * Counts the same request against the person or the API key, and in the limits that all gateways share. Without Redis, nothing has
   * to be awaited.
   * @throws RATE_LIMITED
   */
  admit(count: Count, caller: Pick<Caller, "id" | "isKey"> | null): Promise<void> | undefined {
    if (!config.RATE_LIMIT) return undefined;
    if (caller?.id) this.#take(count, caller.isKey ? this.#key : this.#user, caller.id);
    return this.#shared?.isReady ? this.#share(this.#shared, count) : undefined;
  }

  async #share(shared: SharedLimiter, { claims }: Count): Promise<void> {
    const grants = await shared.take(
      claims.map(({ policy: { scope, limiter }, key }) => ({ key: `${scope}:${key}`, limit: limiter.limit })),
    );
    if (!grants) return;
    claims.forEach((claim, index) => (claim.grant = grants[index]!));
    const waits = grants.filter(({ allowed }) => !allowed).map(({ seconds }) => seconds);
    if (waits.length > 0) throw sharedError("RATE_LIMITED", { retryAfter: Math.max(...waits) });
  }

  #action(name: string, limit: number): Policy {
    let found = this.#actions.get(name);
    if (found?.limiter.limit !== limit) this.#actions.set(name, (found = policy("route", limit, `route:${name}`)));
    return found;
  }

  #take({ claims }: Count, one: Policy, key: string): void {
    const grant = one.limiter.take(key, now());
    claims.push({ policy: one, key, grant });
    if (!grant.allowed) throw sharedError("RATE_LIMITED", { retryAfter: grant.seconds });
  }
}

/** All gateways of a node share one, so a client that one of them refuses is refused by the others too. */
export const admissionOf = perBroker((broker) => new Admission(broker));
