/** An outbox and an inbox, for a benchmark of events. */
import type { Kysely } from "kysely";
import { createInbox } from "#mixins/inbox/inbox.mixin.ts";
import { addBusPosition, createOutbox } from "#mixins/outbox/outbox.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createOutbox(db);
  await addBusPosition(db);
  await createInbox(db);
}
