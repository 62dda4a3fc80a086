/** Staff's view of a service's sagas: the handlers of the actions that they add to its contract. */
import { sql } from "kysely";
import { timestamp } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
import type { Paging } from "#core/cursor.ts";
import { sharedError } from "#core/errors.ts";
import type { BlockHandlers } from "#core/implement.ts";
import type { Database } from "../database/database.ts";
import { pageById } from "../database/paging.ts";
import type { saga as contract } from "./saga.contract.ts";
import type { Saga } from "./saga.ts";
import { type Entry, type SagaState, stateOf } from "./state.ts";
import type { SagaTables } from "./tables.ts";

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

export const handlers = {
  /** Oldest first, because ids sort by the time of creation. */
  listSagas(this: Host, { params: { parked = false, ...paging } }: Ctx<Paging & { parked?: boolean }>) {
    const sagas = this.db.query
      .selectFrom("sagas")
      .selectAll()
      // A literal, because PostgreSQL does not use the partial index for a parameter.
      .$if(parked, (q) => q.where("status", "=", sql.lit("parked" as const)))
      .$if(!parked, (q) => q.where("next_at", "is not", null));
    return pageById(sagas, paging, (row) => toSaga(stateOf(row)), "asc");
  },

  async getSaga(this: Host, { params }: Ctx<{ id: string }>) {
    const saga = await this.saga.find(params.id);
    if (!saga) throw sharedError("NOT_FOUND");
    return { ...toSaga(saga), steps: saga.log.map(shown) };
  },
} satisfies BlockHandlers<typeof contract>;
