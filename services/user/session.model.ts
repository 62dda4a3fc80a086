/**
 * Refresh tokens, `<session>.<generation>.<seal>`. Only this service can compute the seal, so a token with the right
 * seal was issued by it. It always computes the same seal, so a client that refreshes twice gets the same successor. No
 * part of a token is stored.
 */
import { isSeal, seal } from "./seal.model.ts";

export interface SessionRow {
  id: string;
  user_id: string;
  /** The generation of the token that is valid now. Each refresh increases it. */
  generation: number;
  /** Milliseconds since the epoch, when the token of this generation was first issued. */
  rotated_at: number;
  /** What it calls itself, and from where it signed in, roughly. */
  device: string | null;
  network: string | null;
  created_at: string;
  refreshed_at: string;
  /** Milliseconds since the epoch, when the session ends unless it is refreshed before. */
  idle_until: number;
  /** Milliseconds since the epoch, when the session ends in any case. */
  ends_at: number;
}

/** From what and from where a session begins. */
export type Origin = Pick<SessionRow, "device" | "network">;

export interface RefreshToken {
  readonly session: string;
  readonly generation: number;
}

const TOKEN = /^([0-9a-f-]{36})\.([1-9]\d{0,9})\.([\w-]{43})$/;

const PURPOSE = "madang refresh tokens";

export function writeToken({ session, generation }: RefreshToken): string {
  const text = `${session}.${generation}`;
  return `${text}.${seal(PURPOSE, text).toString("base64url")}`;
}

/** Answers null for a token that this service never issued. */
export function readToken(refreshToken: string): RefreshToken | null {
  const [, session = "", generation = "", given = ""] = TOKEN.exec(refreshToken) ?? [];
  const sealed = Buffer.from(given, "base64url");
  // Another spelling of the same bytes is another token.
  const isOurs = sealed.toString("base64url") === given && isSeal(PURPOSE, `${session}.${generation}`, sealed);
  return isOurs ? { session, generation: Number(generation) } : null;
}
