/** Sessions know their device and, roughly, their network; and devices are known as networks are. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("sessions").addColumn("device", "text").execute();
  await db.schema.alterTable("sessions").addColumn("network", "text").execute();
  await db.schema
    .alterTable("known_networks")
    .addColumn("kind", "text", (column) => column.notNull().defaultTo("network"))
    .execute();
}
