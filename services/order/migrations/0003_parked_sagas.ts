/** Sagas that need a person are found without looking at those that have ended. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createIndex("sagas_parked")
    .on("sagas")
    .column("id")
    .where(sql<boolean>`status = 'parked'`)
    .execute();
}
