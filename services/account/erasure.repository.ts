/** Removes the personal data of a deleted account. Invoices stay without names, as the law requires of sales. */
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import { workContext } from "#core/context.ts";
import * as accounts from "./account.repository.ts";
import type { Host } from "./account.saga.ts";
import type { Effect, PayInvoice } from "./invoice.settlement.ts";
import type { Tx } from "./account.tables.ts";
import * as invoices from "./invoice.repository.ts";
import * as profiles from "./profile.repository.ts";
import { end, LEFT } from "./subscription.placement.ts";
import * as subscriptions from "./subscription.repository.ts";
import * as titles from "./title.repository.ts";

/** Attempts in one transaction. */
const BATCH = 100;

/** A subscription ends. While its payment is still being undone, the saga keeps the payment method: `kept`. */
export async function forget(this: Host, tx: Tx, { userId }: Leaving): Promise<"all" | "more" | "kept"> {
  accounts.lock(tx, userId);
  const subscribed = await subscriptions.find(tx, userId);
  if (subscribed && subscribed.row.status !== "cancelled")
    await end.call(this, workContext(this, userId), tx, userId, LEFT);
  tx.add(profiles.removeAllOf(userId), accounts.removeOf(userId), subscriptions.eraseMethodsOf(userId));
  tx.add(titles.removeAllOf(userId), ...invoices.eraseOf(userId), ...this.idempotency.forget(userId));
  const attempts = await invoices.attemptsOf(tx, userId, BATCH);
  const ended = attempts.filter(({ status }) => status !== "open");
  for (const { id } of ended) {
    await this.saga.redact(tx, id, withoutMethod);
    tx.add(invoices.attemptErased(id));
  }
  if (attempts.length > ended.length || (await titles.isHeld(tx, userId))) return "kept";
  return attempts.length === BATCH ? "more" : "all";
}

/** The payment method stands in the input itself and in both states in which the payment leaves the subscription. */
const withoutMethod = (input: PayInvoice): PayInvoice => ({
  ...input,
  paymentMethod: "-",
  paid: unpayable(input.paid),
  failed: unpayable(input.failed),
});

const unpayable = ({ subscription, ...effect }: Effect): Effect =>
  subscription
    ? { ...effect, subscription: { ...subscription, row: { ...subscription.row, payment_method: null } } }
    : effect;
