/** Removes the personal data of a deleted account's payments. The law requires amounts to be kept. */
import type { ExpressionBuilder } from "kysely";
import { statements } from "#mixins/database/statement.ts";
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import * as methods from "./method.repository.ts";
import type { Cashier } from "./payment.mixin.ts";
import { ownReasons, type PaymentStatus } from "./payment.model.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";
import * as removals from "./removal.repository.ts";

/** For payments in other states, the provider may still have to be asked with the token. */
const ended: PaymentStatus[] = ["succeeded", "failed", "cancelled"];

const sql = statements<PaymentTables>();

/** A person, or of a guest whose other orders are kept, the order. */
type OfUser = { user_id: string };

const isTheirs = (p: OfUser) => (e: ExpressionBuilder<PaymentTables, "payments">) =>
  e.or([e("user_id", "=", p.user_id), e("order_id", "=", p.user_id)]);
const removeMethods = sql((q, p: OfUser) => q.deleteFrom("payment_methods").where("user_id", "=", p.user_id));
const eraseEnded = sql((q, p: OfUser) =>
  q
    .updateTable("payments")
    .set({ token: null, action_url: null })
    .where(isTheirs(p))
    .where("status", "in", ended)
    .where((e) => e.or([e("token", "is not", null), e("action_url", "is not", null)])),
);
/** Staff may have written a person's name in a reason. */
const eraseReasons = sql((q, p: OfUser) =>
  q
    .updateTable("refunds")
    .set({ reason: "-" })
    .where("payment_id", "in", (e) => e.selectFrom("payments").select("id").where(isTheirs(p)))
    .where("reason", "not in", ["-", ...ownReasons]),
);
/** So may they have in a note about a difference. */
const eraseNotes = sql((q, p: OfUser) =>
  q
    .updateTable("report_differences")
    .set({ note: "-" })
    .where("payment_id", "in", (e) => e.selectFrom("payments").select("id").where(isTheirs(p)))
    .where("note", "is not", null),
);
const anyOpen = sql((q, p: OfUser) =>
  q.selectFrom("payments").select("id").where(isTheirs(p)).where("status", "not in", ended).limit(1),
);

/** A payment without a final state keeps the provider's token until it has one: `kept`. */
export async function forget(
  this: { readonly idempotency: Idempotency; readonly cashier: Pick<Cashier, "removals"> },
  tx: Tx,
  { userId }: Leaving,
): Promise<"all" | "kept"> {
  const { removals: queue } = this.cashier;
  for (const method of await methods.allOf(tx, userId)) tx.add(removals.add(method, () => queue.wake()));
  tx.add(removeMethods.with({ user_id: userId }));
  tx.add(...this.idempotency.forget(userId));
  tx.add(eraseEnded.with({ user_id: userId }));
  tx.add(eraseReasons.with({ user_id: userId }));
  tx.add(eraseNotes.with({ user_id: userId }));
  return (await tx.one(anyOpen, { user_id: userId })) ? "kept" : "all";
}
