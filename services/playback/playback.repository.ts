/** All SQL of playback sessions. Leases are of the database's clock, for nodes compare them. */
import { sql as raw } from "kysely";
import { now } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { clockOf } from "#mixins/database/clock.ts";
import { pageById } from "#mixins/database/paging.ts";
import { integerAt, rowsIn, rowsText, textAt } from "#mixins/database/rows.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { Db, PlaybackTables, SessionRow as Row, Tx } from "./playback.tables.ts";

const sql = statements<PlaybackTables>();

interface Now {
  readonly now: number;
}

const insert = sql((q, p: Omit<Row, "lease_until"> & Now & { lease: number }) =>
  q.insertInto("playback_sessions").values({
    ...columns(p, "id", "user_id", "profile_id", "video_id", "title", "device_id", "device", "seat", "source", "plan"),
    ...columns(p, "region", "folder", "manifest", "height", "duration_ms", "next_id", "resume_ms", "sequence"),
    ...columns(p, "position_ms", "telemetry", "stalls", "failures", "edge_id", "started_at", "token_until", "check_at"),
    lease_until: raw<number>`${clockOf(q, p)} + ${p.lease}`,
  }),
);
const expireOwn = sql((q, p: Now & { user_id: string }) =>
  q
    .deleteFrom("playback_sessions")
    .where("user_id", "=", p.user_id)
    .where("lease_until", "<=", clockOf(q, p))
    .returningAll(),
);
/** On the same device, or the one that gives way. */
const replace = sql((q, p: { user_id: string; device_id: string; id: string }) =>
  q
    .deleteFrom("playback_sessions")
    .where("user_id", "=", p.user_id)
    .where((e) => e.or([e("device_id", "=", p.device_id), e("id", "=", p.id)]))
    .returningAll(),
);
const listOwn = sql((q, p: { user_id: string }) =>
  q.selectFrom("playback_sessions").selectAll().where("user_id", "=", p.user_id).orderBy("id"),
);
const findOwn = sql((q, p: { user_id: string; id: string }) =>
  q.selectFrom("playback_sessions").selectAll().where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const findAny = sql((q, p: { id: string }) => q.selectFrom("playback_sessions").selectAll().where("id", "=", p.id));
const removeOwn = sql((q, p: { user_id: string; id: string }) =>
  q.deleteFrom("playback_sessions").where("id", "=", p.id).where("user_id", "=", p.user_id).returningAll(),
);
const removeOne = sql((q, p: { id: string }) =>
  q.deleteFrom("playback_sessions").where("id", "=", p.id).returningAll(),
);
const removeLapsed = sql((q, p: Now & { id: string }) =>
  q.deleteFrom("playback_sessions").where("id", "=", p.id).where("lease_until", "<=", clockOf(q, p)).returningAll(),
);
const removeOfVideo = sql((q, p: { video_id: string }) =>
  q.deleteFrom("playback_sessions").where("video_id", "=", p.video_id).returningAll(),
);
const removeOfProfile = sql((q, p: { user_id: string; profile_id: string }) =>
  q
    .deleteFrom("playback_sessions")
    .where("user_id", "=", p.user_id)
    .where("profile_id", "=", p.profile_id)
    .returningAll(),
);
const removeOfUser = sql((q, p: { user_id: string }) =>
  q.deleteFrom("playback_sessions").where("user_id", "=", p.user_id).returningAll(),
);
const setCheck = sql((q, p: { id: string; check_at: number | null }) =>
  q.updateTable("playback_sessions").set({ check_at: p.check_at }).where("id", "=", p.id),
);
const checkOfUser = sql((q, p: { user_id: string; check_at: number }) =>
  q.updateTable("playback_sessions").set({ check_at: p.check_at }).where("user_id", "=", p.user_id),
);
const setEdge = sql((q, p: { id: string; edge_id: string }) =>
  q.updateTable("playback_sessions").set({ edge_id: p.edge_id }).where("id", "=", p.id),
);
const countByEdge = sql((q) =>
  q
    .selectFrom("playback_sessions")
    .select((e) => ["edge_id", e.fn.countAll<number>().as("sessions")])
    .where("edge_id", "is not", null)
    .groupBy("edge_id"),
);
const listAmong = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("playback_sessions", "playback_sessions.id", "given.key")
    .select("playback_sessions.id"),
);

/** Many heartbeats at once: the leases of the sessions that are there and belong to who says so. */
const renew = sql((q, p: Now & { lease: number; beats: string }) =>
  q
    .updateTable("playback_sessions")
    .from(rowsIn(p.beats))
    .set({ lease_until: raw<number>`${clockOf(q, p)} + ${p.lease}` })
    .where("playback_sessions.id", "=", textAt(0))
    .where((e) => e("user_id", "=", e.fn.coalesce(textAt(1), "user_id")))
    .returningAll(),
);
const setPositions = sql((q, p: { positions: string }) =>
  q
    .updateTable("playback_sessions")
    .from(rowsIn(p.positions))
    .set({
      sequence: integerAt(0),
      position_ms: integerAt(1),
      telemetry: integerAt(2),
      stalls: integerAt(3),
      failures: integerAt(4),
    })
    .whereRef("playback_sessions.id", "=", "given.key"),
);

const firstLapse = sql((q, p: Now) =>
  q.selectFrom("playback_sessions").select((e) => [e.fn.min("lease_until").as("at"), clockOf(q, p).as("clock")]),
);
const listLapsed = sql((q, p: Now & { limit: number }) =>
  q
    .selectFrom("playback_sessions")
    .selectAll()
    .where("lease_until", "<=", clockOf(q, p))
    .orderBy("lease_until")
    .limit(p.limit),
);

export const checkDue = dueIn<PlaybackTables>()("playback_sessions", "check_at");

/** What gives way to a session that starts, and what stays. */
export async function makeRoom(tx: Tx, user_id: string, device_id: string, replaces: string | undefined) {
  tx.lock(`playback:${user_id}`);
  const [lapsed, replaced, left] = await tx.ask(
    expireOwn.with({ user_id, now: now() }),
    replace.with({ user_id, device_id, id: replaces ?? "" }),
    listOwn.with({ user_id }),
  );
  return { lapsed: lapsed.rows, replaced: replaced.rows, left: left.rows };
}

export const start = (row: Omit<Row, "lease_until">, lease: number): Write =>
  insert.with({ ...row, lease, now: now() });

export const find = (db: Db | Tx, id: string, user_id: string): Promise<Row | undefined> =>
  db.one(findOwn, { id, user_id });

export const findWhosever = (db: Db, id: string): Promise<Row | undefined> => db.one(findAny, { id });

/** When the first lease ends, in the time of this node, though leases are of the database's clock. */
export async function nextLapse(db: Db): Promise<{ readonly at: number | null }> {
  const time = now();
  const { at, clock } = (await db.one(firstLapse, { now: time }))!;
  return { at: at === null ? null : time + Math.max(0, at - clock) };
}

export const lapsed = (db: Db, limit: number): Promise<Row[]> => db.all(listLapsed, { now: now(), limit });

export const list = <Item>(
  db: Db,
  user_id: string,
  paging: Paging,
  toItem: (row: Row) => Item,
): Promise<PageOf<Item>> =>
  pageById(db.query.selectFrom("playback_sessions").selectAll().where("user_id", "=", user_id), paging, toItem);

/** Of these, the ones that are there. */
export const present = async (db: Db, ids: readonly string[]): Promise<ReadonlySet<string>> =>
  new Set((await db.all(listAmong, { ids: rowsText(ids.map((id) => [id, 0])) })).map(({ id }) => id));

export const sessionsByEdge = (db: Db) => db.all(countByEdge, {});

/** Each removal answers what was there, since its end is told. */
export const remove = {
  own: (tx: Tx, id: string, user_id: string) => tx.all(removeOwn, { id, user_id }),
  one: (tx: Tx, id: string) => tx.all(removeOne, { id }),
  lapsed: (tx: Tx, id: string) => tx.all(removeLapsed, { id, now: now() }),
  ofVideo: (tx: Tx, video_id: string) => tx.all(removeOfVideo, { video_id }),
  ofProfile: (tx: Tx, user_id: string, profile_id: string) => tx.all(removeOfProfile, { user_id, profile_id }),
  ofUser: (tx: Tx, user_id: string) => tx.all(removeOfUser, { user_id }),
};

/** @param at when the rights of the session are looked at; null for never */
export const check = (id: string, at: number | null): Write => setCheck.with({ id, check_at: at });
export const checkAllOf = (user_id: string): Write => checkOfUser.with({ user_id, check_at: now() });
export const assign = (id: string, edge_id: string): Write => setEdge.with({ id, edge_id });

/** @param userId null for whosever it is */
interface Renewal {
  readonly id: string;
  readonly userId: string | null;
}

/**
 * In one order on all nodes, so that two of them with the same sessions wait for each other instead of both. Keys are
 * numbers: who names somebody else's session must not take the place of its owner.
 */
const inOrder = (beats: readonly Renewal[]) =>
  beats.toSorted((a, b) => (a.id < b.id ? -1 : 1)).map(({ id, userId }, index) => [index, [id, userId]] as const);

/** The sessions that go on, as they are now. Somebody else's are left as they are. */
export const renewAll = (tx: Tx, beats: readonly Renewal[], lease: number): Promise<Row[]> =>
  tx.all(renew, { now: now(), lease, beats: rowsText(inOrder(beats)) });

/** @param rows with what their players told */
export const moveAll = (rows: readonly Row[]): Write =>
  setPositions.with({
    positions: rowsText(
      rows.map(({ id, sequence, position_ms, telemetry, stalls, failures }) => [
        id,
        [sequence, position_ms, telemetry, stalls, failures],
      ]),
    ),
  });
