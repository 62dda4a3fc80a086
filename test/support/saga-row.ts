/** A row of the journal as specs need it. */
import type { SagaRow } from "#mixins/saga/tables.ts";

/** A saga that an outage left behind. */
export const dueSaga = (id: string): SagaRow => ({
  id,
  user_id: "ann",
  correlation_id: "c",
  version: 1,
  status: "active",
  direction: "forward",
  step: 0,
  attempt: 0,
  input: "{}",
  results: "{}",
  log: "[]",
  reason: null,
  deadline: 1e15,
  next_at: 1,
  lease_until: 0,
  owner: null,
  epoch: 1,
});
