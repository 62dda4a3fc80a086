/** How often a secret may be guessed: some attempts at once, then one a minute (GCRA, ITU-T I.371). */
import { hash } from "node:crypto";
import { config } from "./user.config.ts";

/** The debt of a subject for wrong passwords. The row exists until the debt is paid off, at `due`. */
export interface AttemptRow {
  /** A digest, so that e-mail addresses without an account are not stored. */
  subject: string;
  /** Milliseconds since the epoch. */
  due_at: number;
}

/** A network from which an account was used. */
export interface KnownNetworkRow {
  /** A digest of the account and the network. */
  id: string;
  user_id: string;
  /** Milliseconds since the epoch. */
  seen_at: number;
}

/** Milliseconds that one wrong password adds to the debt. */
export const COST = 60_000;

/** Milliseconds until a subject with a debt until `due` may try again; 0 when it may try at once. */
export const wait = (due: number, now: number): number => Math.max(due - now - (config.USER_ATTEMPTS - 1) * COST, 0);

/** The digest of several values. It includes a kind, so that values of two kinds never have the same digest. */
export const digest = (kind: "account" | "network" | "session", ...parts: readonly string[]): string =>
  hash("sha256", JSON.stringify([kind, ...parts]), "base64url");
