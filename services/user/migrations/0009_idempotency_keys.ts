/** Requests of this service may carry an `Idempotency-Key`. */
import type { Kysely } from "kysely";
import { createIdempotencyKeys } from "#mixins/idempotency/idempotency.mixin.ts";

export async function up(db: Kysely<never>): Promise<void> {
  await createIdempotencyKeys(db);
}
