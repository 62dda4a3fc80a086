/** Sagas name the node that runs them, so that another goes on as soon as it is gone. */
import type { Kysely } from "kysely";
import { addSagaOwner } from "#mixins/saga/saga.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await addSagaOwner(db);
}
