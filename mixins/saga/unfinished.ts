/** Staff's view of a service's sagas: spread the actions into its contract, the handlers into its service. */
import { sql } from "kysely";
import Type from "typebox";
import { timestamp } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
import { action } from "#core/contract.ts";
import { decodeCursor, page, type Paging, positions } from "#core/cursor.ts";
import { sharedError } from "#core/errors.ts";
import { ById, Id, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import type { Database } from "../database/database.ts";
import type { Saga } from "./saga.mixin.ts";
import { type Entry, type SagaState, stateOf } from "./state.ts";
import type { SagaTables } from "./tables.ts";

const statuses = ["active", "waiting", "completed", "compensated", "parked"] as const;
const directions = ["forward", "backward"] as const;
const Direction = Type.Enum(directions);

const summary = {
  id: Id,
  /** Of the definition whose steps it takes. */
  version: Type.Integer(),
  status: Type.Enum(statuses),
  direction: Direction,
  /** Index of the step at hand. */
  step: Type.Integer(),
  /** Failures in a row, or pauses of a step that waits. */
  attempt: Type.Integer(),
  reason: Type.Union([Type.String(), Type.Null()]),
  /** When it is tried again; null when it is parked or has ended. */
  nextAt: Type.Union([Timestamp, Type.Null()]),
  /** The node that runs it. */
  owner: Type.Union([Type.String(), Type.Null()]),
};

const Step = Type.Object(
  {
    step: Type.String(),
    direction: Direction,
    state: Type.String(),
    startedAt: Timestamp,
    endedAt: Type.Union([Timestamp, Type.Null()]),
    detail: Type.Union([Type.String(), Type.Null()]),
  },
  { title: "SagaStep" },
);

export const sagaActions = <const Name extends string>(service: Name) => ({
  listSagas: action({
    summary: `Sagas of the ${service} service that have not ended, or those that need a person`,
    rest: `GET /sagas/${service}`,
    auth: "staff",
    operator: true,
    input: Strict({ ...paging, parked: Type.Optional(Type.Boolean()) }),
    output: Page(Type.Object(summary)),
  }),
  getSaga: action({
    summary: "A saga with every step that it began",
    rest: `GET /sagas/${service}/:id`,
    auth: "staff",
    operator: true,
    input: ById,
    output: Type.Object({ ...summary, steps: Type.Array(Step) }),
    errors: ["NOT_FOUND"],
  }),
});

interface Host {
  readonly db: Database<SagaTables>;
  readonly saga: Saga<never>;
}

const toSaga = ({ id, version, status, direction, step, attempt, reason, next_at, owner }: SagaState) => ({
  id,
  version,
  status,
  direction,
  step,
  attempt,
  reason: reason && reason.code,
  nextAt: next_at === null ? null : timestamp(next_at),
  owner,
});

const shown = ({ step, direction, state, startedAt, endedAt, detail }: Entry) => ({
  step,
  direction,
  state,
  startedAt,
  endedAt,
  detail,
});

export const sagaHandlers = {
  /** Oldest first: their ids sort by when they were made. */
  async listSagas(this: Host, { params }: Ctx<Paging & { parked?: boolean }>) {
    const { limit = 20, cursor, parked = false } = params;
    const after = decodeCursor(cursor, positions.id);
    const rows = await this.db.query
      .selectFrom("sagas")
      .selectAll()
      // Written out: its partial index is not used for a parameter.
      .$if(parked, (q) => q.where("status", "=", sql.lit("parked" as const)))
      .$if(!parked, (q) => q.where("next_at", "is not", null))
      .$if(after !== null, (q) => q.where("id", ">", after![0]))
      .orderBy("id")
      .limit(limit + 1)
      .execute();
    return page(
      rows,
      limit,
      (row) => toSaga(stateOf(row)),
      ({ id }) => [id],
    );
  },

  async getSaga(this: Host, { params }: Ctx<{ id: string }>) {
    const saga = await this.saga.find(params.id);
    if (!saga) throw sharedError("NOT_FOUND");
    return { ...toSaga(saga), steps: saga.log.map(shown) };
  },
};
