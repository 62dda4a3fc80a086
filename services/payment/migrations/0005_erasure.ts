/** What is personal goes when its person leaves, which the service is told by an event. */
import type { Kysely } from "kysely";
import { createErasures } from "#mixins/erasure/erasure.mixin.ts";
import { createInbox } from "#mixins/inbox/inbox.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createInbox(db);
  await createErasures(db);
}
