/** The tables of every building block, and one of its own: for services that exist only in specs. */
import type { Kysely } from "kysely";
import { createIdempotencyKeys } from "#mixins/idempotency/idempotency.mixin.ts";
import { createInbox } from "#mixins/inbox/inbox.mixin.ts";
import { addBusPosition, createOutbox } from "#mixins/outbox/outbox.mixin.ts";
import { addSagaLog, addSagaOwner, addSagaVersion, createSagas } from "#mixins/saga/saga.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createOutbox(db);
  await addBusPosition(db);
  await createInbox(db);
  await createIdempotencyKeys(db);
  await createSagas(db);
  await addSagaOwner(db);
  await addSagaLog(db);
  await addSagaVersion(db);
  await db.schema
    .createTable("notes")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("owner", "text", (column) => column.notNull())
    .addColumn("text", "text")
    .addColumn("stars", "integer", (column) => column.notNull().defaultTo(0))
    .execute();
}
