/** A payment key of Toss Payments stands for one payment of one customer, so it pays for one order only. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await sql`create unique index payments_key on payments (charge_id) where provider = 'toss'`.execute(db);
}
