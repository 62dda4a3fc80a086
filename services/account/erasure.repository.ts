/** Removes the personal data of a deleted account. */
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import * as accounts from "./account.repository.ts";
import type { Tx } from "./account.tables.ts";
import { cancelled } from "./account.transition.ts";
import * as profiles from "./profile.repository.ts";
import * as subscriptions from "./subscription.repository.ts";

/** The subscription ends. Its record stays without the payment method, as the law requires of sales. */
export async function forget(
  this: { readonly idempotency: Idempotency },
  tx: Tx,
  { userId }: Leaving,
): Promise<"all" | "kept"> {
  accounts.lock(tx, userId);
  const subscribed = await subscriptions.find(tx, userId);
  if (subscribed && subscribed.row.status !== "cancelled") {
    const { now } = await accounts.find(tx, userId);
    tx.add(subscriptions.replace(subscribed.row, cancelled(subscribed.row, "account_deleted", now)));
  }
  tx.add(profiles.removeAllOf(userId), accounts.removeOf(userId), subscriptions.eraseMethodsOf(userId));
  tx.add(...this.idempotency.forget(userId));
  return "all";
}
