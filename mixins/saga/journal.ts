/** The SQL of the saga's journal: the owner and the state of each saga. */
import { sql as fragment, type Kysely, type QueryCreator, type RawBuilder } from "kysely";
import { isAmong, skipLocked } from "../database/locking.ts";
import { columns, statements } from "../database/statement.ts";
import type { SagaRow, SagaTables } from "./tables.ts";

const sql = statements<SagaTables>();

/** More than all nodes together run at once. Like the order, the limit makes PostgreSQL use the index. */
const MOST_RUNNING = 5000;

export const insertSaga = sql((q, p: SagaRow) =>
  q
    .insertInto("sagas")
    .values(
      columns(
        p,
        "id",
        "user_id",
        "correlation_id",
        "version",
        "status",
        "direction",
        "step",
        "attempt",
        "input",
        "results",
        "log",
        "reason",
        "deadline",
        "next_at",
        "lease_until",
        "owner",
        "epoch",
      ),
    ),
);

export const findSaga = sql((q, p: { id: string }) => q.selectFrom("sagas").selectAll().where("id", "=", p.id));

interface Taking {
  readonly now: number;
  readonly lease_until: number;
  readonly owner: string;
  readonly limit: number;
}

/**
 * The questions of a node that knows these versions; sagas of other versions are for nodes of another release. The
 * versions are part of the SQL, so that PostgreSQL uses the index of due sagas.
 */
export function journalOf(versions: readonly number[]) {
  const isKnown = fragment<boolean>`version in (${fragment.join(versions.map((version) => fragment.lit(version)))})`;
  /** The order makes PostgreSQL use the index, whatever its statistics are. */
  const due = (q: QueryCreator<SagaTables>, now: number, limit: number) =>
    q
      .selectFrom("sagas")
      .select("id")
      .where("next_at", "<=", now)
      .where("lease_until", "<=", now)
      .where(isKnown)
      .orderBy("next_at")
      .limit(limit);
  return {
    /**
     * When the first saga may be claimed. `free` is about sagas that are due: now if nobody holds one, or when the
     * first lease ends. `later` is the time of the next one that becomes due.
     */
    nextDue: sql((q, p: { now: number }) => {
      const unfinished = q.selectFrom("sagas").where(isKnown).orderBy("next_at");
      const past = unfinished.select("lease_until").where("next_at", "<=", p.now).limit(MOST_RUNNING);
      const later = unfinished.select("next_at").where("next_at", ">", p.now).limit(1);
      const free = q.selectFrom(past.as("past")).select((e) => e.fn.min("past.lease_until").as("free"));
      return q.selectNoFrom([free.as("free"), later.as("later")]);
    }),
    /**
     * Claims the sagas that are due longest, and answers their present state. Nodes that claim at the same time get
     * different ones.
     */
    takeDue: sql((q, p: Taking) =>
      q
        .with("due", (w) => skipLocked(q, due(w, p.now, p.limit)))
        .updateTable("sagas")
        .set((e) => ({
          status: "active" as const,
          epoch: e("epoch", "+", 1),
          lease_until: p.lease_until,
          owner: p.owner,
        }))
        .where(isAmong(q, "due"))
        .returningAll(),
    ),
    /** The number of sagas that are under way or parked and wait for a node that knows their version. */
    countUnknown: sql((q) => unfinished(q, fragment<boolean>`not ${isKnown}`)),
  };
}

/** The numbers of sagas that are under way and that are parked, each from its partial index. */
function unfinished(q: Kysely<SagaTables>, isMeant: RawBuilder<boolean>) {
  const meant = q
    .selectFrom("sagas")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where(isMeant);
  return q.selectNoFrom((e) =>
    e(
      meant.where("next_at", "is not", null),
      "+",
      meant.where("status", "=", fragment.lit("parked" as const)).where("next_at", "is", null),
    ).as("count"),
  );
}

export const countUnfinished = sql((q, p: { version: number }) =>
  unfinished(q, fragment<boolean>`version = ${p.version}`),
);

/** Changes no row when another owner has taken the saga over. */
export const moveSaga = sql((q, p: Omit<SagaRow, "user_id" | "correlation_id" | "version" | "input" | "deadline">) =>
  q
    .updateTable("sagas")
    .set({
      status: p.status,
      direction: p.direction,
      step: p.step,
      attempt: p.attempt,
      results: p.results,
      log: p.log,
      reason: p.reason,
      next_at: p.next_at,
      lease_until: p.lease_until,
      owner: p.owner,
    })
    .where("id", "=", p.id)
    .where("epoch", "=", p.epoch),
);

/** For a step that takes long. Like `moveSaga`, it changes no row when another owner has taken the saga over. */
export const renewLease = sql((q, p: Pick<SagaRow, "id" | "epoch" | "lease_until" | "owner">) =>
  q
    .updateTable("sagas")
    .set({ lease_until: p.lease_until })
    .where("id", "=", p.id)
    .where("epoch", "=", p.epoch)
    .where("owner", "=", p.owner),
);

/**
 * Makes a saga run backwards, also when a node owns it; that node's next write is then refused. Changes nothing when it is
 * undone or being undone already.
 */
export const turnSaga = sql((q, p: Pick<SagaRow, "id" | "reason" | "next_at">) =>
  q
    .updateTable("sagas")
    .set((e) => ({
      direction: "backward" as const,
      reason: p.reason,
      next_at: p.next_at,
      status: "active" as const,
      attempt: 0,
      lease_until: 0,
      owner: null,
      epoch: e("epoch", "+", 1),
    }))
    .where("id", "=", p.id)
    .where("direction", "=", "forward")
    .where("status", "!=", "compensated"),
);

export const retrySaga = sql((q, p: Pick<SagaRow, "id" | "next_at">) =>
  q
    .updateTable("sagas")
    .set((e) => ({ next_at: p.next_at, status: "active" as const, attempt: 0, epoch: e("epoch", "+", 1) }))
    .where("id", "=", p.id)
    .where("status", "=", "parked"),
);

export const wakeSaga = sql((q, p: { id: string; next_at: number }) =>
  q
    .updateTable("sagas")
    .set({ next_at: p.next_at, lease_until: 0 })
    .where("id", "=", p.id)
    .where("status", "=", "waiting"),
);

export const closeSaga = sql((q, p: Pick<SagaRow, "id" | "status" | "direction" | "step">) =>
  q
    .updateTable("sagas")
    .set((e) => ({
      status: p.status,
      direction: p.direction,
      step: p.step,
      next_at: null,
      epoch: e("epoch", "+", 1),
    }))
    .where("id", "=", p.id)
    .where("status", "=", "parked"),
);

export const setInput = sql((q, p: Pick<SagaRow, "id" | "input">) =>
  q.updateTable("sagas").set({ input: p.input }).where("id", "=", p.id),
);

export const setUser = sql((q, p: Pick<SagaRow, "id" | "user_id">) =>
  q.updateTable("sagas").set({ user_id: p.user_id }).where("id", "=", p.id),
);

/** Its owner releases it in its present state. */
export const releaseSaga = sql((q, p: Pick<SagaRow, "id" | "epoch">) =>
  q.updateTable("sagas").set({ lease_until: 0, owner: null }).where("id", "=", p.id).where("epoch", "=", p.epoch),
);

export const dropLeases = sql((q) =>
  q.updateTable("sagas").set({ lease_until: 0, owner: null }).where("next_at", "is not", null),
);

/** Releases all sagas of a node and answers their number. */
export const dropLeasesOf = sql((q, p: { owner: string }) =>
  q
    .updateTable("sagas")
    .set({ lease_until: 0, owner: null })
    .where("next_at", "is not", null)
    .where("owner", "=", p.owner),
);

/** The inputs of a person's sagas that are under way, without parked ones. */
export const unfinishedOf = sql((q, p: { user_id: string }) =>
  q.selectFrom("sagas").select(["id", "input"]).where("next_at", "is not", null).where("user_id", "=", p.user_id),
);
