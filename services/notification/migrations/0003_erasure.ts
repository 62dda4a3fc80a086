/** What is personal goes when its person leaves. */
import type { Kysely } from "kysely";
import { createErasures } from "#mixins/erasure.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createErasures(db);
}
