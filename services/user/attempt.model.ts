/** How often a secret may be guessed: some attempts at once, then one a minute (GCRA, ITU-T I.371). */
import { hash } from "node:crypto";
import { HOUR } from "#core/clock.ts";
import { config } from "./user.config.ts";

/** The debt of a subject for wrong passwords. The row exists until the debt is paid off, at `due`. */
export interface AttemptRow {
  /** A digest, so that e-mail addresses without an account are not stored. */
  subject: string;
  /** Milliseconds since the epoch. */
  due_at: number;
}

/** A network from which an account was used, or a kind of device. */
export interface KnownNetworkRow {
  /** A digest of the account and the network or the device. */
  id: string;
  kind: "network" | "device";
  user_id: string;
  /** Milliseconds since the epoch. */
  seen_at: number;
}

const MINUTE = HOUR / 60;

/** How much a subject may do. */
export interface Allowance {
  /** So many at once. */
  readonly burst: number;
  /** Then one in as many milliseconds. */
  readonly cost: number;
}

export const allowances = {
  passwords: { burst: config.USER_ATTEMPTS, cost: MINUTE },
  /** Messages that confirm an address, by account. */
  verifications: { burst: 3, cost: 10 * MINUTE },
  /** Messages with which a password is reset, by address, and by the network that asks for them. */
  resets: { burst: 3, cost: 10 * MINUTE },
  /** Codes of a second factor, by account. Three of a million are right at a time. */
  codes: { burst: 5, cost: 5 * MINUTE },
  resetsOfNetwork: { burst: 30, cost: MINUTE },
} as const satisfies Record<string, Allowance>;

/** The latest debt with which a subject may go on. */
export const most = ({ burst, cost }: Allowance, now: number): number => now + (burst - 1) * cost;

/** Milliseconds until a subject with a debt until `due` may try again; 0 when it may try at once. */
export const wait = (due: number, now: number, allowance: Allowance = allowances.passwords): number =>
  Math.max(due - most(allowance, now), 0);

type Kind = "device" | "account" | "network" | "session" | keyof typeof allowances;

/** The digest of several values. It includes a kind, so that values of two kinds never have the same digest. */
export const digest = (kind: Kind, ...parts: readonly string[]): string =>
  hash("sha256", JSON.stringify([kind, ...parts]), "base64url");
