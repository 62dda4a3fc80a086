/** All SQL of sessions. A row is one family of refresh tokens, and holds which of them is valid now. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { ACCESS_TOKEN_TTL } from "#mixins/node/tokens.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { type Origin, readToken, type RefreshToken, type SessionRow, writeToken } from "./session.model.ts";
import type { Revocation } from "./revocation.contract.ts";
import { revoke } from "./revocation.repository.ts";
import { config } from "./user.config.ts";
import type { Session } from "./session.contract.ts";
import type { Account } from "./user.model.ts";
import { type Db, get, type Tx, type UserTables } from "./user.repository.ts";

const sql = statements<UserTables>();

const insert = sql((q, p: SessionRow) =>
  q
    .insertInto("sessions")
    .values(
      columns(
        p,
        ...(["id", "user_id", "generation", "rotated_at", "device", "network"] as const),
        ...(["created_at", "refreshed_at", "idle_until", "ends_at"] as const),
      ),
    ),
);
const exchange = sql(
  (q, p: Pick<SessionRow, "id" | "generation" | "refreshed_at" | "idle_until"> & { next: number; now: number }) =>
    q
      .updateTable("sessions")
      .set({ generation: p.next, rotated_at: p.now, ...columns(p, "refreshed_at", "idle_until") })
      .where("id", "=", p.id)
      .where("generation", "=", p.generation)
      .where("idle_until", ">", p.now)
      .where("ends_at", ">", p.now),
);
const live = sql((q, p: { id: string; now: number }) =>
  q
    .selectFrom("sessions")
    .selectAll()
    .where("id", "=", p.id)
    .where("idle_until", ">", p.now)
    .where("ends_at", ">", p.now),
);
const byUser = sql((q, p: { user_id: string; now: number }) =>
  q
    .selectFrom("sessions")
    .selectAll()
    .where("user_id", "=", p.user_id)
    .where("idle_until", ">", p.now)
    .where("ends_at", ">", p.now)
    .orderBy("id"),
);
const removeOne = sql((q, p: { id: string; user_id: string }) =>
  q.deleteFrom("sessions").where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const removeOthers = sql((q, p: { user_id: string; keep: string }) =>
  q.deleteFrom("sessions").where("user_id", "=", p.user_id).where("id", "!=", p.keep).returning(["id", "rotated_at"]),
);
const removeEnded = sql((q, p: { user_id: string; now: number }) =>
  q
    .deleteFrom("sessions")
    .where("user_id", "=", p.user_id)
    .where((e) => e.or([e("idle_until", "<=", p.now), e("ends_at", "<=", p.now)])),
);

/** A session and its valid refresh token. */
export interface Issued {
  readonly session: string;
  readonly refreshToken: string;
}

/** Begins a session, and removes the user's expired ones. */
export async function begin(tx: Tx, userId: string, origin: Origin): Promise<Issued> {
  const first: RefreshToken = { session: newId(), generation: 1 };
  const time = now();
  tx.add(removeEnded.with({ user_id: userId, now: time }));
  tx.add(
    insert.with({
      id: first.session,
      user_id: userId,
      generation: first.generation,
      rotated_at: time,
      ...origin,
      created_at: timestamp(time),
      refreshed_at: timestamp(time),
      idle_until: time + config.USER_SESSION_IDLE,
      ends_at: time + config.USER_SESSION_LIFETIME,
    }),
  );
  return { session: first.session, refreshToken: writeToken(first) };
}

type Rotation = (Issued & { account: Account }) | { readonly reused: Revocation[] } | "unknown";

/**
 * Exchanges a token for its successor. A repeated request within the leeway gets the same successor, because two tabs
 * may refresh at once, or an answer may be lost. A later use of an old token means that two parties have it, so the
 * session ends for both (RFC 9700, section 4.14.2). A token that this service never issued ends nothing.
 */
export async function rotate(tx: Tx, refreshToken: string): Promise<Rotation> {
  const token = readToken(refreshToken);
  if (!token) return "unknown";
  const { session: id, generation } = token;
  const next: RefreshToken = { session: id, generation: generation + 1 };
  const time = now();
  const idle_until = time + config.USER_SESSION_IDLE;
  tx.add(
    exchange.with({
      id,
      generation,
      next: next.generation,
      refreshed_at: timestamp(time),
      idle_until,
      now: time,
    }),
  );
  const session = await tx.one(live, { id, now: time });
  // A token of a future generation was issued before the database was restored from a backup.
  if (!session || session.generation < next.generation) return "unknown";
  if (session.generation > next.generation || time - session.rotated_at > config.USER_REFRESH_LEEWAY) {
    return { reused: await end(tx, id, session.user_id) };
  }
  return { session: id, refreshToken: writeToken(next), account: await get(tx, session.user_id) };
}

/** False when this person has no such session. */
export const remove = async (tx: Tx, id: string, userId: string): Promise<boolean> =>
  (await tx.run(removeOne, { id, user_id: userId })) === 1;

/** Ends a session and its access tokens. */
export async function end(tx: Tx, id: string, userId: string): Promise<Revocation[]> {
  tx.add(removeOne.with({ id, user_id: userId }));
  return revoke(tx, [id]);
}

/** Ends all sessions of a user except the one to keep, and their access tokens. */
export async function endOthers(tx: Tx, userId: string, keep = ""): Promise<Revocation[]> {
  const ended = await tx.all(removeOthers, { user_id: userId, keep });
  // Sessions that were last refreshed before then have no valid access token any more.
  const since = now() - ACCESS_TOKEN_TTL * 1000 - config.USER_REFRESH_LEEWAY;
  return revoke(
    tx,
    ended.filter(({ rotated_at }) => rotated_at >= since).map(({ id }) => id),
  );
}

/** @param current the session that asks */
export async function list(db: Db, userId: string, current: string | undefined): Promise<Session[]> {
  const rows = await db.all(byUser, { user_id: userId, now: now() });
  return rows.map(({ id, device, network, created_at, refreshed_at, idle_until, ends_at }) => ({
    id,
    device,
    network,
    createdAt: created_at,
    refreshedAt: refreshed_at,
    expiresAt: timestamp(Math.min(idle_until, ends_at)),
    isCurrent: id === current,
  }));
}
