/** Erases the data of a deleted account from the database files too, even when the process dies in between. */
import type { Kysely } from "kysely";
import { createErasures } from "#mixins/erasure/erasure.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createErasures(db);
}
