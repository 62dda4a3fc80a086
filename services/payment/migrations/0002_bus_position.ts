/** The outbox stores the position of the bus, so that a loss of events is detected. */
import type { Kysely } from "kysely";
import { addBusPosition } from "#mixins/outbox/outbox.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await addBusPosition(db);
}
