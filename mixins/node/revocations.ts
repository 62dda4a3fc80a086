/**
 * This node's list of sessions and rights that ended before the access tokens that carry them. Tokens live for fifteen
 * minutes, and so does each entry.
 */
import { now } from "#core/clock.ts";
import type { Caller } from "#core/context.ts";
import { perBroker } from "./per-broker.ts";

/** What a node asks of the user service: what ended before its token, and a token for an API key. */
export const LIST_REVOCATIONS = "user.listRevocations";
export const EXCHANGE_API_KEY = "user.authorizeApiKey";
/** The actions that every node calls, whatever services it runs. */
export const nodeUses: readonly string[] = [LIST_REVOCATIONS, EXCHANGE_API_KEY];

export interface Revocation {
  /** The id of a session, of a person, or of an API key. */
  readonly id: string;
  /** The roles that the person still has; null when the session has ended or the account was deleted. */
  readonly roles: readonly string[] | null;
  /** What the person may do as staff from now on. Nodes of the release before leave it out. */
  readonly permissions?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly revokedAt: number;
  /** Milliseconds since the epoch: every token that it concerns has expired by then. */
  readonly until: number;
}

/** The number of entries from which on expired ones are removed. */
const SWEPT_FROM = 1000;

export class Revocations {
  readonly #entries = new Map<string, Revocation>();
  #sweepAt = SWEPT_FROM;

  /**
   * Known entries may come again, and in any order.
   * @returns true when one of them was not known
   */
  learn(revocations: readonly Revocation[]): boolean {
    let isNew = false;
    for (const one of revocations) {
      const known = this.#entries.get(one.id);
      if (known && known.revokedAt > one.revokedAt) continue;
      this.#entries.set(one.id, one);
      isNew ||= known?.revokedAt !== one.revokedAt;
    }
    if (this.#entries.size >= this.#sweepAt) this.#sweep();
    return isNew;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The caller with the remaining rights; null when the session has ended or the account was deleted. */
  standing(caller: Caller): Caller | null {
    if (this.#entries.size === 0) return caller;
    const person = this.#entries.get(caller.id ?? "");
    if (this.#entries.has(caller.session ?? "") || person?.roles === null) return null;
    if (!person?.roles) return caller;
    const { roles: left, permissions } = person;
    return {
      ...caller,
      roles: caller.roles.filter((role) => left.includes(role)),
      ...(permissions && { permissions }),
    };
  }

  /** It runs again when the list has doubled. */
  #sweep(): void {
    for (const { id, until } of this.#entries.values()) if (until <= now()) this.#entries.delete(id);
    this.#sweepAt = Math.max(SWEPT_FROM, this.#entries.size * 2);
  }
}

export const revocationsOf = perBroker(() => new Revocations());
