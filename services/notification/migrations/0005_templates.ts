/** Versions of templates that staff wrote, which of them is in use, and which one a message was sent with. */
import type { Kysely } from "kysely";

export async function up(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("template_versions")
    .addColumn("name", "text", (column) => column.notNull())
    .addColumn("version", "integer", (column) => column.notNull())
    .addColumn("content", "text", (column) => column.notNull())
    .addColumn("note", "text")
    .addColumn("author", "text")
    .addColumn("created_at", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("template_versions_pk", ["name", "version"])
    .execute();
  await db.schema
    .createTable("active_templates")
    .addColumn("name", "text", (column) => column.primaryKey())
    .addColumn("version", "integer", (column) => column.notNull())
    .addForeignKeyConstraint("active_templates_version", ["name", "version"], "template_versions", ["name", "version"])
    .execute();
  await db.schema.alterTable("deliveries").addColumn("template_version", "integer").execute();
}
