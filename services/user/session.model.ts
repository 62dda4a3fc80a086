/**
 * Refresh tokens, `<session>.<generation>.<seal>`. Only this service can make a seal, so whatever bears one was once
 * handed out; and it makes the same one again, so that a client that asks twice gets one successor. Nothing of a token is
 * stored.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { tokenPrivateKey } from "#mixins/node/keys.ts";

export interface SessionRow {
  id: string;
  user_id: string;
  /** Of the token that is good now; each refresh raises it. */
  generation: number;
  /** Milliseconds since the epoch: when the token of this generation was first handed out. */
  rotated_at: number;
  created_at: string;
  refreshed_at: string;
  /** Milliseconds since the epoch: it ends then unless it is refreshed before. */
  idle_until: number;
  /** Milliseconds since the epoch: it ends then in any case. */
  ends_at: number;
}

export interface RefreshToken {
  readonly session: string;
  readonly generation: number;
}

const TOKEN = /^([0-9a-f-]{36})\.([1-9]\d{0,9})\.([\w-]{43})$/;

let key: Buffer | undefined;

/** All nodes of the service have the key that signs access tokens; this one follows from it (RFC 5869). */
const sealKey = (): Buffer =>
  (key ??= Buffer.from(hkdfSync("sha256", tokenPrivateKey().d!, "", "madang refresh tokens", 32)));

const seal = (text: string): string => createHmac("sha256", sealKey()).update(text).digest("base64url");

export function writeToken({ session, generation }: RefreshToken): string {
  const text = `${session}.${generation}`;
  return `${text}.${seal(text)}`;
}

/** Null for what this service never handed out. */
export function readToken(refreshToken: string): RefreshToken | null {
  const [, session = "", generation = "", given = ""] = TOKEN.exec(refreshToken) ?? [];
  const isOurs = given !== "" && timingSafeEqual(Buffer.from(given), Buffer.from(seal(`${session}.${generation}`)));
  return isOurs ? { session, generation: Number(generation) } : null;
}
