/** What was removed with an account is no longer in the files either, also when the process dies in between. */
import type { Kysely } from "kysely";
import { createErasures } from "#mixins/erasure/erasure.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createErasures(db);
}
