/** How often a secret may be guessed: some attempts at once, then one a minute (the generic cell rate algorithm, ITU-T I.371). */
import { hash } from "node:crypto";
import { config } from "./user.config.ts";

/** What is charged for wrong passwords: a row until that is paid off, which is when it is due. */
export interface AttemptRow {
  /** A digest: e-mail addresses that nobody has here are not kept. */
  subject: string;
  /** Milliseconds since the epoch. */
  due_at: number;
}

/** A network that an account was used from. */
export interface KnownNetworkRow {
  /** A digest of both. */
  id: string;
  user_id: string;
  /** Milliseconds since the epoch. */
  seen_at: number;
}

/** Milliseconds that a wrong password costs. */
export const COST = 60_000;

/** Milliseconds until somebody who owes until `due` may try again; 0 for at once. */
export const wait = (due: number, now: number): number => Math.max(due - now - (config.USER_ATTEMPTS - 1) * COST, 0);

/** One text for what belongs together; of a kind, so that no two kinds meet. */
export const digest = (kind: "account" | "network" | "session", ...parts: readonly string[]): string =>
  hash("sha256", JSON.stringify([kind, ...parts]), "base64url");
