/** Personal data is removed when an event reports that the account was deleted. */
import type { Kysely } from "kysely";
import { createErasures } from "#mixins/erasure/erasure.mixin.ts";
import { createInbox } from "#mixins/inbox/inbox.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createInbox(db);
  await createErasures(db);
}
