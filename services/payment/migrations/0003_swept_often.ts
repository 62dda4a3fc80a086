/** Tables of queues are vacuumed often, so that finding the next row stays quick. */
import type { Kysely } from "kysely";
import { sweepOften } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await sweepOften(db, "payments", "refunds");
}
