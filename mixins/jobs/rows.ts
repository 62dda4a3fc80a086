/** All SQL of jobs. Each write of an attempt says which attempt it is, so that one that lost its job changes nothing. */
import { type ExpressionBuilder, type Kysely, sql as raw } from "kysely";
import { clockOf } from "../database/clock.ts";
import { isAmong } from "../database/locking.ts";
import { columns, statements } from "../database/statement.ts";
import type { JobRow, JobState, JobTables } from "./tables.ts";

const sql = statements<JobTables>();

/** In the order in which jobs of a kind begin. */
export const priorities = { high: 1, normal: 2, low: 3 } as const;
export type Priority = keyof typeof priorities;
const ranks = Object.values(priorities);

/** This process's time, for a database that has no clock of its own. */
interface Now {
  readonly now: number;
}
type Attempt = Pick<JobRow, "id" | "attempt"> & Now;

export interface NewJob extends Pick<JobRow, "id" | "kind" | "key" | "user_id" | "input" | "priority">, Now {
  /** When it may begin, in milliseconds since the epoch; null for `delay` milliseconds from now. */
  readonly at: number | null;
  readonly delay: number;
}

/** Changes nothing when its id or its key is taken. */
export const insert = sql((q, p: NewJob) =>
  q
    .insertInto("jobs")
    .values({
      ...columns(p, "id", "kind", "key", "user_id", "input", "priority"),
      state: "waiting",
      next_at: raw<number>`coalesce(${p.at}, ${clockOf(q, p)} + ${p.delay})`,
      attempt: 0,
      failures: 0,
      revision: 1,
      created_at: clockOf(q, p),
    })
    .onConflict((one) => one.doNothing()),
);

export const clock = sql((q, p: Now) => q.selectNoFrom(clockOf(q, p).as("clock")));

export const find = sql((q, p: { id: string }) => q.selectFrom("jobs").selectAll().where("id", "=", p.id));

type OfKinds = ExpressionBuilder<JobTables, "job_kinds">;
const ofKind = (e: OfKinds) => e.selectFrom("jobs").whereRef("jobs.kind", "=", "job_kinds.kind");
const held = (e: OfKinds) => ofKind(e).where("owner", "is not", null);
const firstOf = (e: OfKinds, rank: number) =>
  ofKind(e)
    .select("next_at")
    .where("priority", "=", raw.lit(rank))
    .where("next_at", "is not", null)
    .orderBy("next_at")
    .limit(1);

/** Of every kind: whether its jobs may begin, when the first of them may, and how many run. */
export const standing = sql((q, p: Now) =>
  q.selectFrom("job_kinds").select((e) => [
    "kind" as const,
    "paused" as const,
    "ready_at" as const,
    clockOf(q, p).as("clock"),
    firstOf(e, ranks[0]!).as("high"),
    firstOf(e, ranks[1]!).as("normal"),
    firstOf(e, ranks[2]!).as("low"),
    held(e)
      .select((one) => one.fn.countAll<number>().as("count"))
      .where("next_at", ">", clockOf(q, p))
      .$asScalar()
      .$notNull()
      .as("running"),
    held(e)
      .select((one) => one.fn.min("next_at").as("at"))
      .as("lease_until"),
  ]),
);

const due = (q: Kysely<JobTables>, p: Taking, rank: number) =>
  q
    .selectFrom((from) =>
      from
        .selectFrom("jobs")
        .select(["id", "priority", "next_at"])
        .where("kind", "=", p.kind)
        .where("priority", "=", raw.lit(rank))
        .where("next_at", "<=", p.now)
        .orderBy("next_at")
        .limit(p.limit)
        .as("ranked"),
    )
    .selectAll();

interface Taking extends Now {
  readonly kind: string;
  readonly lease_until: number;
  readonly owner: string;
  readonly limit: number;
}

/**
 * Claims due jobs of a kind, and those whose lease has ended, which counts as a failure. The transaction holds the lock of
 * claims, so no other claim runs at the same time. An index answers for each priority by itself.
 */
export const take = sql((q, p: Taking) => {
  const [high, ...others] = ranks.map((rank) => due(q, p, rank));
  const all = others.reduce((before, one) => before.unionAll(one), high!);
  return q
    .with("due", () =>
      q.selectFrom(all.as("ranked")).select("id").orderBy("priority").orderBy("next_at").limit(p.limit),
    )
    .updateTable("jobs")
    .set((e) => ({
      state: "running" as const,
      attempt: e("attempt", "+", 1),
      failures: e
        .case()
        .when("state", "=", raw.lit("running" as const))
        .then(e("failures", "+", 1))
        .else(e.ref("failures"))
        .end(),
      next_at: p.lease_until,
      owner: p.owner,
      started_at: p.now,
      revision: e("revision", "+", 1),
    }))
    .where(isAmong(q, "due"))
    .where("next_at", "<=", p.now)
    .returningAll();
});

/** The job, while this attempt still has it. */
const mine = (q: Kysely<JobTables>, p: Attempt) =>
  q
    .updateTable("jobs")
    .set((e) => ({ revision: e("revision", "+", 1) }))
    .where("id", "=", p.id)
    .where("attempt", "=", p.attempt)
    .where("state", "=", "running");

const leaseEnd = (q: Kysely<JobTables>, p: Now & { readonly lease: number }) =>
  raw<number>`${clockOf(q, p)} + ${p.lease}`;
const released = { next_at: null, owner: null };

/** Not shown live, so the revision stays. */
export const renew = sql((q, p: Attempt & { lease: number }) =>
  q
    .updateTable("jobs")
    .set({ next_at: leaseEnd(q, p) })
    .where("id", "=", p.id)
    .where("attempt", "=", p.attempt)
    .where("state", "=", "running"),
);
export const saveProgress = sql((q, p: Attempt & { progress: string; lease: number }) =>
  mine(q, p).set({ progress: p.progress, next_at: leaseEnd(q, p) }),
);
export const finish = sql((q, p: Attempt & { result: string | null }) =>
  mine(q, p).set({ ...released, state: "done", result: p.result, error: null, ended_at: clockOf(q, p) }),
);
export const postpone = sql((q, p: Attempt & { failures: number; error: string; pause: number }) =>
  mine(q, p).set({
    ...columns(p, "failures", "error"),
    state: "waiting",
    owner: null,
    next_at: raw<number>`${clockOf(q, p)} + ${p.pause}`,
  }),
);
export const bury = sql((q, p: Attempt & { failures: number; error: string }) =>
  mine(q, p).set({ ...columns(p, "failures", "error"), ...released, state: "dead", ended_at: clockOf(q, p) }),
);
/** For a node that stops: the next attempt begins at once, elsewhere. */
export const giveBack = sql((q, p: Attempt) =>
  mine(q, p).set({ state: "waiting", owner: null, next_at: clockOf(q, p) }),
);

/** The attempt that runs the job can store nothing after this. */
export const cancel = sql((q, p: { id: string } & Now) =>
  q
    .updateTable("jobs")
    .set((e) => ({ ...released, state: "cancelled", ended_at: clockOf(q, p), revision: e("revision", "+", 1) }))
    .where("id", "=", p.id)
    .where("state", "in", ["waiting", "running", "dead"]),
);
export const retry = sql((q, p: { id: string } & Now) =>
  q
    .updateTable("jobs")
    .set((e) => ({
      state: "waiting",
      failures: 0,
      next_at: clockOf(q, p),
      ended_at: null,
      revision: e("revision", "+", 1),
    }))
    .where("id", "=", p.id)
    .where("state", "=", "dead"),
);
/** The leases of a node that is gone end now; all of them when `owner` is null. */
export const dropLeases = sql((q, p: { owner: string | null } & Now) =>
  q
    .updateTable("jobs")
    .set({ next_at: clockOf(q, p) })
    .where("owner", "is not", null)
    .where((e) => e("owner", "=", raw<string>`coalesce(cast(${p.owner} as text), owner)`)),
);
export const removeOfPerson = sql((q, p: { user_id: string }) => q.deleteFrom("jobs").where("user_id", "=", p.user_id));
export const removeOld = sql((q, p: { kind: string; state: JobState; keep: number; limit: number } & Now) =>
  q.deleteFrom("jobs").where("id", "in", (e) =>
    e
      .selectFrom("jobs")
      .select("id")
      .where("kind", "=", p.kind)
      .where("state", "=", p.state)
      .where("ended_at", "<=", raw<number>`${clockOf(q, p)} - ${p.keep}`)
      .orderBy("ended_at")
      .limit(p.limit),
  ),
);

export const insertKind = sql((q, p: { kind: string }) =>
  q
    .insertInto("job_kinds")
    .values({ kind: p.kind, paused: 0, ready_at: 0 })
    .onConflict((one) => one.doNothing()),
);
export const setReady = sql((q, p: { kind: string; ready_at: number }) =>
  q.updateTable("job_kinds").set({ ready_at: p.ready_at }).where("kind", "=", p.kind),
);
export const setPaused = sql((q, p: { kind: string; paused: number }) =>
  q.updateTable("job_kinds").set({ paused: p.paused }).where("kind", "=", p.kind),
);
export const count = sql((q, p: { kind: string } & Now) => {
  const rows = q
    .selectFrom("jobs")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("kind", "=", p.kind);
  return q.selectNoFrom([
    rows.where("state", "=", "waiting").where("next_at", "<=", clockOf(q, p)).as("due"),
    rows.where("owner", "is not", null).as("running"),
    rows.where("state", "=", "dead").where("ended_at", "is not", null).as("dead"),
  ]);
});
