/** The outbox remembers how far the bus was, so that a bus which lost something is found out. */
import type { Kysely } from "kysely";
import { addBusPosition } from "#mixins/outbox/outbox.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await addBusPosition(db);
}
