/**
 * Makes names searchable without case and accents. Accounts that a node of the release before creates are found by
 * e-mail address only.
 */
import type { Kysely } from "kysely";
import { folded } from "#core/folding.ts";
import { fill } from "#mixins/database/migrate.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("users").addColumn("name_key", "text").execute();
  const named = { table: "users", column: "name_key", from: ["name"] } as const;
  await fill(db, named, ({ name }) => (name ? folded(name) : null));
}
