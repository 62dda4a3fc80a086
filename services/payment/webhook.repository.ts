/** The ids of webhooks that were received, so that each takes effect once. */
import { now } from "#core/clock.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";

const sql = statements<PaymentTables>();

const insertWebhook = sql((q, p: PaymentTables["webhook_events"]) =>
  q
    .insertInto("webhook_events")
    .values(columns(p, "provider", "id", "received_at"))
    .onConflict((conflict) => conflict.columns(["provider", "id"]).doNothing()),
);
const removeWebhooks = sql((q, p: { before: number }) =>
  q.deleteFrom("webhook_events").where("received_at", "<", p.before),
);

/** Answers false when this webhook was received before. */
export const receive = async (tx: Tx, provider: string, id: string): Promise<boolean> =>
  (await tx.run(insertWebhook, { provider, id, received_at: now() })) > 0;

/** @param before milliseconds since the epoch */
export const forget = (before: number): Write => removeWebhooks.with({ before });
