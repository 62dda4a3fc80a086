/** All SQL of chunks. Each write of an attempt says which attempt it is, so that one that lost its chunk changes nothing. */
import { sql as raw } from "kysely";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { clockOf } from "#mixins/database/clock.ts";
import { isAmong } from "#mixins/database/locking.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { type ContentTables, type Db, sql, type Tx } from "../content.tables.ts";

export type ChunkRow = ContentTables["chunks"];
export type Attempt = Pick<ChunkRow, "id" | "attempt">;
interface Now {
  readonly now: number;
}

/** Milliseconds for which a node may hold a chunk without renewing its lease. */
export const LEASE = 15_000;

/** The attempt was cancelled, or another node has the chunk. */
export class Lost extends Error {
  override message = "This attempt does not have the chunk any more.";
}

const insert = sql(
  (q, p: Pick<ChunkRow, "id" | "encoding_id" | "track" | "position" | "rank" | "seconds"> & Now & { delay: number }) =>
    q
      .insertInto("chunks")
      .values({
        ...columns(p, "id", "encoding_id", "track", "position", "rank", "seconds"),
        next_at: raw<number>`${clockOf(q, p)} + ${p.delay}`,
        attempt: 0,
        failures: 0,
      })
      .onConflict((one) => one.doNothing()),
);
const firstDue = sql((q, p: Now) =>
  q
    .selectFrom("chunks")
    .select((e) => [e.fn.min("next_at").as("at"), clockOf(q, p).as("clock")])
    .where("next_at", "is not", null),
);
const claim = sql((q, p: Now & { owner: string; limit: number; lease: number }) =>
  q
    .with("due", () =>
      q
        .selectFrom("chunks")
        .select("id")
        .where("next_at", "is not", null)
        .where("next_at", "<=", clockOf(q, p))
        .orderBy("rank")
        .orderBy("id")
        .limit(p.limit),
    )
    .updateTable("chunks")
    .set((e) => ({
      attempt: e("attempt", "+", 1),
      next_at: raw<number>`${clockOf(q, p)} + ${p.lease}`,
      owner: p.owner,
    }))
    .where(isAmong(q, "due"))
    .returningAll(),
);
const renew = sql((q, p: Attempt & Now & { lease: number }) =>
  q
    .updateTable("chunks")
    .set({ next_at: raw<number>`${clockOf(q, p)} + ${p.lease}` })
    .where("id", "=", p.id)
    .where("attempt", "=", p.attempt)
    .where("owner", "is not", null),
);
const finish = sql((q, p: Attempt & { result: string }) =>
  q
    .updateTable("chunks")
    .set({ result: p.result, next_at: null, owner: null, error: null })
    .where("id", "=", p.id)
    .where("attempt", "=", p.attempt)
    .where("owner", "is not", null),
);
const postpone = sql((q, p: Attempt & Now & { failures: number; error: string | null; pause: number }) =>
  q
    .updateTable("chunks")
    .set({
      owner: null,
      failures: p.failures,
      error: p.error,
      next_at: raw<number>`${clockOf(q, p)} + ${p.pause}`,
    })
    .where("id", "=", p.id)
    .where("attempt", "=", p.attempt)
    .where("owner", "is not", null),
);
const dropLeases = sql((q, p: Now & { owner: string | null }) =>
  q
    .updateTable("chunks")
    .set({ next_at: clockOf(q, p) })
    .where("next_at", "is not", null)
    .where("owner", "is not", null)
    .where((e) => e("owner", "=", raw<string>`coalesce(cast(${p.owner} as text), owner)`)),
);
const removeOpen = sql((q, p: { encoding_id: string }) =>
  q.deleteFrom("chunks").where("encoding_id", "=", p.encoding_id).where("next_at", "is not", null),
);
const ofEncoding = sql((q, p: { encoding_id: string }) =>
  q.selectFrom("chunks").selectAll().where("encoding_id", "=", p.encoding_id).orderBy("rank").orderBy("position"),
);
const countOpen = sql((q, p: { encoding_id: string }) =>
  q
    .selectFrom("chunks")
    .select((e) => e.fn.countAll<number>().as("open"))
    .where("encoding_id", "=", p.encoding_id)
    .where("next_at", "is not", null),
);

type New = Pick<ChunkRow, "encoding_id" | "track" | "position" | "rank" | "seconds">;

/** @param row with the milliseconds until it may begin */
export const add = ({ delay = 0, ...row }: New & { readonly delay?: number }): Write =>
  insert.with({ ...row, id: newId(), delay, now: now() });

/** When the first is due or a lease ends, in the time of this node. */
export async function next(db: Db): Promise<{ at: number | null }> {
  const time = now();
  const { at, clock } = (await db.one(firstDue, { now: time }))!;
  return { at: at === null ? null : time + Math.max(0, at - clock) };
}

/** Claims take turns, so that none is given to two. */
export function take(tx: Tx, owner: string, limit: number): Promise<ChunkRow[]> {
  tx.lock("chunks");
  return tx.all(claim, { now: now(), owner, limit, lease: LEASE });
}

/** Answers whether this attempt still has it. */
export const renewed = async (db: Db, { id, attempt }: Attempt): Promise<boolean> =>
  (await db.run(renew, { id, attempt, now: now(), lease: LEASE })) > 0;

/** Fails with Lost when this attempt does not have it any more. */
export const done = ({ id, attempt }: Attempt, result: object): Write =>
  required(finish.with({ id, attempt, result: JSON.stringify(result) }), () => new Lost());

/** It is tried again after so many milliseconds. */
export const later = (
  { id, attempt }: Attempt,
  { failures, error, pause }: { failures: number; error: string | null; pause: number },
): Write => postpone.with({ id, attempt, failures, error, pause, now: now() });

/** The leases of a node that is gone end now; all of them when it is null. */
export const drop = (db: Db, owner: string | null): Promise<number> => db.run(dropLeases, { owner, now: now() });

/** Nobody works on what is left of an encoding that has ended. */
export const giveUp = (encodingId: string): Write => removeOpen.with({ encoding_id: encodingId });

export const list = (db: Db, encodingId: string): Promise<ChunkRow[]> =>
  db.all(ofEncoding, { encoding_id: encodingId });

export const open = async (db: Db, encodingId: string): Promise<number> =>
  (await db.one(countOpen, { encoding_id: encodingId }))!.open;
