/** What a webhook of the provider does: each is received once, and makes the payment of its charge due for a question. */
import type { Ctx } from "#core/context.ts";
import type { Input, Output } from "#core/contract.ts";
import type { Database } from "#mixins/database/database.ts";
import { readNews } from "./charge.model.ts";
import * as disputes from "./dispute.repository.ts";
import * as keys from "./key.repository.ts";
import { payment } from "./payment.contract.ts";
import type { Cashier } from "./payment.mixin.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";
import * as webhooks from "./webhook.repository.ts";

interface Host {
  readonly db: Database<PaymentTables>;
  readonly cashier: Cashier;
}

/**
 * Webhooks may be garbled, late or out of order, so their content is not believed: the provider is asked for the
 * charge's state.
 * @throws NOT_FOUND for another provider, SIGNATURE_INVALID, MALFORMED_JSON, VALIDATION_FAILED
 */
export async function receiveWebhook(
  this: Host,
  { params }: Ctx<Input<"payment.receiveWebhook">>,
): Promise<Output<"payment.receiveWebhook">> {
  const { provider, reconciliation } = this.cashier;
  if (params.provider !== provider.name) throw payment.error("NOT_FOUND");
  const news = readNews(provider.parseWebhook(params));
  const receive = async (tx: Tx) => {
    // Whoever sends what is not signed may only have the provider asked about a charge that we know.
    if ("chargeId" in news!) {
      if (await keys.checkNow(tx, news.chargeId)) tx.afterCommit(() => reconciliation.wake());
      return;
    }
    if (!(await webhooks.receive(tx, provider.name, news!.id))) return;
    if ("dispute" in news!)
      tx.add({ ...disputes.hear(provider.name, news.dispute), afterCommit: () => reconciliation.wake() });
    else if (await payments.checkNow(tx, news!.charge.reference)) tx.afterCommit(() => reconciliation.wake());
  };
  if (news) await this.db.write(receive);
  return { received: true };
}
