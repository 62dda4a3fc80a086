/** Marks printed passwords, which may only be used to set a new one. Nodes of the release before create none. */
import { type Kysely, sql } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("users")
    .addColumn("password_once", "integer", (column) =>
      column
        .notNull()
        .defaultTo(0)
        .check(sql`password_once in (0, 1)`),
    )
    .execute();
}
