/** The saga's journal: every row that a restart needs to go on where the process died. */
import type { Kysely } from "kysely";
import { columns, statements } from "../database/statement.ts";

export type Status = "active" | "waiting" | "completed" | "compensated" | "parked";

export interface SagaTables {
  sagas: {
    id: string;
    user_id: string;
    correlation_id: string;
    status: Status;
    direction: "forward" | "backward";
    /** Index of the step at hand. */
    step: number;
    attempt: number;
    input: string;
    results: string;
    reason: string | null;
    /** Milliseconds since the epoch: until then a step before the pivot may be tried. */
    deadline: number;
    /** Not before this time, milliseconds since the epoch; null when it has ended or is parked. */
    next_at: number | null;
    /** Nobody else may take the saga until then, milliseconds since the epoch. */
    lease_until: number;
    /** Raised at every change of owner: writes of an older epoch are refused. */
    epoch: number;
  };
  saga_steps: {
    saga_id: string;
    position: number;
    direction: "forward" | "backward";
    step: string;
    state: "started" | "done" | "refused" | "failed" | "waiting";
    started_at: string;
    ended_at: string | null;
    detail: string | null;
  };
}

export type SagaRow = SagaTables["sagas"];
export type StepRow = SagaTables["saga_steps"];

/** Call it in a migration of the service. */
export async function createSagas(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("sagas")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("correlation_id", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("direction", "text", (column) => column.notNull())
    .addColumn("step", "integer", (column) => column.notNull())
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("results", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("deadline", "bigint", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addColumn("epoch", "integer", (column) => column.notNull())
    .execute();
  // Only unfinished sagas are in it, so it stays small however many orders there are.
  await db.schema
    .createIndex("sagas_unfinished")
    .on("sagas")
    .column("next_at")
    .where("next_at" as never, "is not", null)
    .execute();
  await db.schema
    .createTable("saga_steps")
    .addColumn("saga_id", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("direction", "text", (column) => column.notNull())
    .addColumn("step", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text")
    .addColumn("detail", "text")
    .addPrimaryKeyConstraint("saga_steps_pk", ["saga_id", "direction", "position"])
    .execute();
}

const sql = statements<SagaTables>();

export const insertSaga = sql((q, p: SagaRow) =>
  q
    .insertInto("sagas")
    .values(
      columns(
        p,
        "id",
        "user_id",
        "correlation_id",
        "status",
        "direction",
        "step",
        "attempt",
        "input",
        "results",
        "reason",
        "deadline",
        "next_at",
        "lease_until",
        "epoch",
      ),
    ),
);

export const findSaga = sql((q, p: { id: string }) => q.selectFrom("sagas").selectAll().where("id", "=", p.id));

export const dueSagas = sql((q, p: { now: number; limit: number }) =>
  q
    .selectFrom("sagas")
    .selectAll()
    .where("next_at", "<=", p.now)
    .where("lease_until", "<=", p.now)
    .orderBy("next_at")
    .limit(p.limit),
);

/** Answers the saga as it stands now; nothing when it is not due any more, or another owner was quicker. */
export const takeSaga = sql((q, p: { id: string; epoch: number; now: number; lease_until: number }) =>
  q
    .updateTable("sagas")
    .set((e) => ({ status: "active" as const, epoch: e("epoch", "+", 1), lease_until: p.lease_until }))
    .where("id", "=", p.id)
    .where("epoch", "=", p.epoch)
    .where("next_at", "<=", p.now)
    .where("lease_until", "<=", p.now)
    .returningAll(),
);

/** Refused (0 rows) when another owner took the saga since. */
export const moveSaga = sql((q, p: Omit<SagaRow, "user_id" | "correlation_id" | "input" | "deadline">) =>
  q
    .updateTable("sagas")
    .set({
      status: p.status,
      direction: p.direction,
      step: p.step,
      attempt: p.attempt,
      results: p.results,
      reason: p.reason,
      next_at: p.next_at,
      lease_until: p.lease_until,
    })
    .where("id", "=", p.id)
    .where("epoch", "=", p.epoch),
);

/** Gives it a new direction, whoever owns it; the owner's next write is refused. */
export const redirectSaga = sql((q, p: Pick<SagaRow, "id" | "direction" | "reason" | "next_at">) =>
  q
    .updateTable("sagas")
    .set((e) => ({
      direction: p.direction,
      reason: p.reason,
      next_at: p.next_at,
      status: "active" as const,
      attempt: 0,
      lease_until: 0,
      epoch: e("epoch", "+", 1),
    }))
    .where("id", "=", p.id),
);

export const wakeSaga = sql((q, p: { id: string; next_at: number }) =>
  q
    .updateTable("sagas")
    .set({ next_at: p.next_at, lease_until: 0 })
    .where("id", "=", p.id)
    .where("status", "=", "waiting"),
);

export const closeSaga = sql((q, p: Pick<SagaRow, "id" | "status">) =>
  q
    .updateTable("sagas")
    .set((e) => ({ status: p.status, next_at: null, epoch: e("epoch", "+", 1) }))
    .where("id", "=", p.id)
    .where("status", "=", "parked"),
);

/** Its owner lets go of it as it stands. */
export const releaseSaga = sql((q, p: Pick<SagaRow, "id" | "epoch">) =>
  q.updateTable("sagas").set({ lease_until: 0 }).where("id", "=", p.id).where("epoch", "=", p.epoch),
);

export const dropLeases = sql((q) => q.updateTable("sagas").set({ lease_until: 0 }).where("next_at", "is not", null));

export const startStep = sql((q, p: Omit<StepRow, "ended_at" | "detail" | "state">) =>
  q
    .insertInto("saga_steps")
    .values({ ...columns(p, "saga_id", "position", "direction", "step", "started_at"), state: "started" } as never)
    .onConflict((one) => one.columns(["saga_id", "direction", "position"]).doUpdateSet({ state: "started" })),
);

export const endStep = sql(
  (q, p: Pick<StepRow, "saga_id" | "direction" | "position" | "state" | "ended_at" | "detail">) =>
    q
      .updateTable("saga_steps")
      .set({ state: p.state, ended_at: p.ended_at, detail: p.detail })
      .where("saga_id", "=", p.saga_id)
      .where("direction", "=", p.direction)
      .where("position", "=", p.position),
);

export const listSteps = sql((q, p: { id: string }) =>
  q
    .selectFrom("saga_steps")
    .selectAll()
    .where("saga_id", "=", p.id)
    .orderBy("started_at")
    .orderBy("direction", "desc")
    .orderBy("position"),
);
