/** What each saga has done stands in its own row. */
import type { Kysely } from "kysely";
import { addSagaLog } from "#mixins/saga/saga.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await addSagaLog(db);
}
