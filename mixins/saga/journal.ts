/** The SQL of the saga's journal: who holds which saga, and where it stands. */
import { sql as fragment, type Kysely, type QueryCreator, type RawBuilder } from "kysely";
import { isAmong, skipLocked } from "../database/locking.ts";
import { columns, statements } from "../database/statement.ts";
import type { SagaRow, SagaTables } from "./tables.ts";

const sql = statements<SagaTables>();

/** More sagas than all nodes together run at once. The limit makes sure of the index, as the order does. */
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
 * What a node asks that knows these versions; sagas of others are for nodes of another release. The versions are part of the
 * SQL, so that PostgreSQL goes by the index of what is due.
 */
export function journalOf(versions: readonly number[]) {
  const isKnown = fragment<boolean>`version in (${fragment.join(versions.map((version) => fragment.lit(version)))})`;
  /** The order makes sure of the index, whatever the server knows about the table. */
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
     * When the first may be taken. Of those whose time has come that is `free`, when nobody has them or the lease ends of who
     * does; `later` is the time of the next one.
     */
    nextDue: sql((q, p: { now: number }) => {
      const unfinished = q.selectFrom("sagas").where(isKnown).orderBy("next_at");
      const past = unfinished.select("lease_until").where("next_at", "<=", p.now).limit(MOST_RUNNING);
      const later = unfinished.select("next_at").where("next_at", ">", p.now).limit(1);
      const free = q.selectFrom(past.as("past")).select((e) => e.fn.min("past.lease_until").as("free"));
      return q.selectNoFrom([free.as("free"), later.as("later")]);
    }),
    /** Takes those that are due longest, and answers them as they stand now: of several nodes each takes others. */
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
    /** How many have not ended or need a person, and wait for a node that knows their version. */
    countUnknown: sql((q) => unfinished(q, fragment<boolean>`not ${isKnown}`)),
  };
}

/** How many have not ended, or need a person; each by its partial index. */
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

/** Refused (0 rows) when another owner took the saga since. */
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

/** For a step that takes long; refused (0 rows) as `moveSaga`. */
export const renewLease = sql((q, p: Pick<SagaRow, "id" | "epoch" | "lease_until" | "owner">) =>
  q
    .updateTable("sagas")
    .set({ lease_until: p.lease_until })
    .where("id", "=", p.id)
    .where("epoch", "=", p.epoch)
    .where("owner", "=", p.owner),
);

/** Turns it round, whoever owns it; the owner's next write is refused. Nothing when it is undone, or being undone. */
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

/** Its owner lets go of it as it stands. */
export const releaseSaga = sql((q, p: Pick<SagaRow, "id" | "epoch">) =>
  q.updateTable("sagas").set({ lease_until: 0, owner: null }).where("id", "=", p.id).where("epoch", "=", p.epoch),
);

export const dropLeases = sql((q) =>
  q.updateTable("sagas").set({ lease_until: 0, owner: null }).where("next_at", "is not", null),
);

/** Answers how many sagas the node held. */
export const dropLeasesOf = sql((q, p: { owner: string }) =>
  q
    .updateTable("sagas")
    .set({ lease_until: 0, owner: null })
    .where("next_at", "is not", null)
    .where("owner", "=", p.owner),
);

/** What somebody's sagas that have not ended were begun with, parked ones left out. */
export const unfinishedOf = sql((q, p: { user_id: string }) =>
  q.selectFrom("sagas").select(["id", "input"]).where("next_at", "is not", null).where("user_id", "=", p.user_id),
);
