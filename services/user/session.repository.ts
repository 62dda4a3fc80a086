/** All SQL of sign-ins. One row is one family of refresh tokens: it knows only the token that is good now. */
import { now, timestamp } from "#core/clock.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { issueToken, readToken, type SessionRow } from "./session.model.ts";
import { config } from "./user.config.ts";
import type { Session } from "./user.contract.ts";
import type { Account } from "./user.model.ts";
import { type Db, get, type Tx, type UserTables } from "./user.repository.ts";

const sql = statements<UserTables>();

const insert = sql((q, p: SessionRow) =>
  q
    .insertInto("sessions")
    .values(columns(p, "id", "user_id", "token_hash", "created_at", "refreshed_at", "idle_until", "ends_at")),
);
const exchange = sql(
  (q, p: Pick<SessionRow, "id" | "token_hash" | "refreshed_at" | "idle_until"> & { next: string; now: number }) =>
    q
      .updateTable("sessions")
      .set({ token_hash: p.next, ...columns(p, "refreshed_at", "idle_until") })
      .where("id", "=", p.id)
      .where("token_hash", "=", p.token_hash)
      .where("idle_until", ">", p.now)
      .where("ends_at", ">", p.now),
);
const ownerOf = sql((q, p: { id: string }) => q.selectFrom("sessions").select("user_id").where("id", "=", p.id));
const byUser = sql((q, p: { user_id: string }) =>
  q.selectFrom("sessions").selectAll().where("user_id", "=", p.user_id).orderBy("id"),
);
const remove = sql((q, p: { id: string; user_id: string }) =>
  q.deleteFrom("sessions").where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const removeLive = sql((q, p: { id: string; now: number }) =>
  q.deleteFrom("sessions").where("id", "=", p.id).where("idle_until", ">", p.now).where("ends_at", ">", p.now),
);
const removeOthers = sql((q, p: { user_id: string; keep: string }) =>
  q.deleteFrom("sessions").where("user_id", "=", p.user_id).where("id", "!=", p.keep),
);
const removeEnded = sql((q, p: { user_id: string; now: number }) =>
  q
    .deleteFrom("sessions")
    .where("user_id", "=", p.user_id)
    .where((e) => e.or([e("idle_until", "<=", p.now), e("ends_at", "<=", p.now)])),
);

/** A session and the refresh token that it now accepts. */
export interface Issued {
  readonly session: string;
  readonly refreshToken: string;
}

/** Begins a session; the user's ended ones are dropped on the way. */
export async function begin(tx: Tx, userId: string): Promise<Issued> {
  const { tokenHash, ...issued } = issueToken();
  const time = now();
  await tx.run(removeEnded, { user_id: userId, now: time });
  await tx.run(insert, {
    id: issued.session,
    user_id: userId,
    token_hash: tokenHash,
    created_at: timestamp(time),
    refreshed_at: timestamp(time),
    idle_until: time + config.USER_SESSION_IDLE,
    ends_at: time + config.USER_SESSION_LIFETIME,
  });
  return issued;
}

/**
 * Exchanges a token for the next one, once. A token that is not the session's present one was used before, so it is in
 * two hands: the session ends for both (RFC 9700, section 4.14.2). That holds for two refreshes at once too, of which
 * one wins and the other ends what it won: a client must not refresh twice at the same time.
 */
export async function rotate(
  tx: Tx,
  refreshToken: string,
): Promise<(Issued & { account: Account }) | "reused" | "unknown"> {
  const { session: id, tokenHash } = readToken(refreshToken);
  const { tokenHash: next, ...issued } = issueToken(id);
  const time = now();
  const exchanged = await tx.run(exchange, {
    id,
    token_hash: tokenHash,
    next,
    refreshed_at: timestamp(time),
    idle_until: time + config.USER_SESSION_IDLE,
    now: time,
  });
  if (exchanged === 0) return (await tx.run(removeLive, { id, now: time })) === 0 ? "unknown" : "reused";
  const { user_id } = (await tx.one(ownerOf, { id }))!;
  return { ...issued, account: await get(tx, user_id) };
}

export async function end(tx: Tx, id: string, userId: string): Promise<void> {
  await tx.run(remove, { id, user_id: userId });
}

/** Ends all sessions of a user but the one to keep. */
export async function endOthers(tx: Tx, userId: string, keep = ""): Promise<void> {
  await tx.run(removeOthers, { user_id: userId, keep });
}

export async function list(db: Db, userId: string): Promise<Session[]> {
  const rows = await db.all(byUser, { user_id: userId });
  return rows.map(({ id, created_at, refreshed_at, idle_until, ends_at }) => ({
    id,
    createdAt: created_at,
    refreshedAt: refreshed_at,
    expiresAt: timestamp(Math.min(idle_until, ends_at)),
  }));
}
