/** What is worked off stays quick to look through, however much there is. */
import type { Kysely } from "kysely";
import { sweepOften } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await sweepOften(db, "reservations");
}
