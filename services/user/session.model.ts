/** Refresh tokens, `<session>.<secret>`: the session's id finds its row, a hash of the secret is all that is stored. */
import { hash, randomBytes } from "node:crypto";
import { newId } from "#core/clock.ts";

export interface SessionRow {
  id: string;
  user_id: string;
  token_hash: string;
  created_at: string;
  refreshed_at: string;
  /** Milliseconds since the epoch: it ends then unless it is refreshed before. */
  idle_until: number;
  /** Milliseconds since the epoch: it ends then in any case. */
  ends_at: number;
}

const hashOf = (secret: string): string => hash("sha256", secret, "base64url");

/** The next token of a session: 256 random bits, of which the caller keeps the hash. */
export function issueToken(session: string = newId()): { session: string; refreshToken: string; tokenHash: string } {
  const secret = randomBytes(32).toString("base64url");
  return { session, refreshToken: `${session}.${secret}`, tokenHash: hashOf(secret) };
}

/** Whatever text it is: what is no token names no session. */
export function readToken(refreshToken: string): { session: string; tokenHash: string } {
  const [session = "", secret = ""] = refreshToken.split(".");
  return { session, tokenHash: hashOf(secret) };
}
