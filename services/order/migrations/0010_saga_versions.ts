/** Each saga names the version of its definition, so that nodes of two releases can share the table. */
import type { Kysely } from "kysely";
import { addSagaVersion } from "#mixins/saga/saga.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await addSagaVersion(db);
}
