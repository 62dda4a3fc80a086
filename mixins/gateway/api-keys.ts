/**
 * Exchanges API keys for short access tokens, which all nodes verify as they verify those of people. A key itself goes no
 * further than the user service, and this node remembers nothing but its hash.
 */
import type { ServiceBroker } from "moleculer";
import { digestOfApiKey, idOfApiKey } from "#core/api-key.ts";
import { now } from "#core/clock.ts";
import type { Output } from "#core/contract.ts";
import { sharedError } from "#core/errors.ts";
import { perBroker } from "../node/per-broker.ts";
import { requireReachable } from "../node/reachable.ts";
import { EXCHANGE_API_KEY } from "../node/revocations.ts";
import { Tokens } from "../node/tokens.ts";
import { topology } from "../node/topology.ts";

/** Milliseconds before its end from which on a token is replaced, so that it does not expire on its way. */
const EARLY = 30_000;
const REMEMBERED = 10_000;

interface Exchanged {
  readonly token: Promise<string>;
  /** Milliseconds since the epoch. */
  until: number;
}

export class ApiKeys {
  readonly #broker: ServiceBroker;
  readonly #tokens = new Tokens();
  /** By the hash of the key. */
  readonly #exchanged = new Map<string, Exchanged>();

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  /**
   * An access token for a key.
   * @throws API_KEY_INVALID; SERVICE_NOT_AVAILABLE while the user service is away
   */
  async tokenOf(key: string): Promise<string> {
    if (idOfApiKey(key) === null) throw sharedError("API_KEY_INVALID");
    const digest = digestOfApiKey(key);
    const known = this.#exchanged.get(digest);
    if (known && known.until > now()) return known.token;
    return this.#exchange(key, digest).token;
  }

  /** The key has been revoked, as far as its last token tells: the next use asks the user service. */
  forget(key: string): void {
    this.#exchanged.delete(digestOfApiKey(key));
  }

  /** All who ask at the same time wait for one answer. */
  #exchange(apiKey: string, digest: string): Exchanged {
    if (this.#exchanged.size >= REMEMBERED) this.#exchanged.delete(this.#exchanged.keys().next().value!);
    const answer = this.#ask(apiKey);
    const entry: Exchanged = { token: answer.then(({ accessToken }) => accessToken), until: Infinity };
    this.#exchanged.set(digest, entry);
    answer.then(
      ({ expiresIn }) => (entry.until = now() + expiresIn * 1000 - EARLY),
      () => this.#exchanged.get(digest) === entry && this.#exchanged.delete(digest),
    );
    return entry;
  }

  /** The node asks for itself, as it asks for revocations. */
  async #ask(apiKey: string): Promise<Output<"user.authorizeApiKey">> {
    requireReachable(this.#broker, EXCHANGE_API_KEY);
    const token = this.#tokens.signed(topology.role, null) ?? (await this.#tokens.sign(topology.role, null));
    return this.#broker.call(EXCHANGE_API_KEY, { apiKey }, { headers: { "x-service-token": token } });
  }
}

export const apiKeysOf = perBroker((broker) => new ApiKeys(broker));
