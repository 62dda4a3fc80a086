/**
 * The whole course of a refund, from its entry in our books to its completion at the provider. Where the provider does
 * not answer, payment.reconciliation.ts ends it later, at the times of `nextCheck`.
 */
import { now } from "#core/clock.ts";
import { isError } from "#core/errors.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { differenceOf, differingIn } from "./charge.model.ts";
import { config } from "./payment.config.ts";
import { payment } from "./payment.contract.ts";
import { ofPurpose, toldReason } from "./payment.model.ts";
import { lookupOf, type PaymentRow, type RefundRow } from "./payment.projection.ts";
import { type Charge, type PaymentProvider, ProviderRefusal } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";
import type { Transitions } from "./payment.transition.ts";
import * as refunds from "./refund.repository.ts";

export class Refunds {
  readonly #db: Database<PaymentTables>;
  readonly #outbox: Outbox;
  readonly #transitions: Transitions;
  readonly #provider: PaymentProvider;

  constructor(db: Database<PaymentTables>, outbox: Outbox, transitions: Transitions, provider: PaymentProvider) {
    this.#db = db;
    this.#outbox = outbox;
    this.#transitions = transitions;
    this.#provider = provider;
  }

  /**
   * Subtracts the amount from the payment, in `tx`. `end` then asks the provider.
   * @param amount minor units
   * @param id of the refund, where its caller gives it one
   * @throws REFUND_EXCEEDED
   */
  async begin(tx: Tx, row: PaymentRow, amount: number, reason: string, id?: string): Promise<RefundRow> {
    const check_at = now() + config.PAYMENT_RECONCILE_AFTER;
    const refund = await refunds.open(tx, row, { amount, reason, check_at }, id);
    if (refund) return refund;
    throw payment.error("REFUND_EXCEEDED", {
      refundable: { amount: Math.max(row.captured - row.refunded - row.lost, 0), currency: row.currency },
    });
  }

  /** Asks the provider, with the refund's own key. When the provider does not answer, the refund stays `pending`. */
  async end(cause: Cause, id: string): Promise<RefundRow> {
    const refund = (await refunds.find(this.#db, id))!;
    if (refund.status !== "pending") return refund;
    const row = (await payments.find(this.#db, refund.payment_id, null))!;
    const before = await refunds.sumBeside(this.#db, refund);
    try {
      const ofCharge = { charge: row.charge_id!, reference: row.order_id };
      const charge = await this.#provider.refund({ key: refund.id, ...ofCharge, amount: refund.amount });
      if (await this.#isRefunded(cause, row, charge, before + refund.amount))
        await this.#db.write((tx) => this.#succeed(tx, cause, row, refund));
    } catch (error) {
      if (error instanceof ProviderRefusal) await this.#db.write((tx) => refunds.end(tx, refund, "failed"));
      else if (!isError(error, "PAYMENT_PROVIDER_UNAVAILABLE")) throw error;
    }
    return (await refunds.find(this.#db, id))!;
  }

  /**
   * Refunds the remaining amount of a payment, and completes the refunds that are under way.
   * @throws PROVIDER_UNAVAILABLE when not all of it is refunded yet, MISMATCH when a person must look into it
   */
  async rest(cause: Cause, paymentId: string, reason: string): Promise<void> {
    await this.#db.write(async (tx) => {
      const row = (await payments.find(tx, paymentId, null))!;
      const left = row.captured - row.refunded - row.lost;
      const check_at = now() + config.PAYMENT_RECONCILE_AFTER;
      // Another node may have begun the same refund meanwhile; then nothing is left to open here.
      if (left > 0) await refunds.open(tx, row, { amount: left, reason, check_at });
    });
    for (const { id } of await refunds.pendingOf(this.#db, paymentId)) {
      const { status } = await this.end(cause, id);
      if (status === "succeeded") continue;
      const { difference } = (await payments.find(this.#db, paymentId, null))!;
      throw payment.error(difference === null ? "PROVIDER_UNAVAILABLE" : "MISMATCH");
    }
  }

  /**
   * False when the provider, asked again, still reports another refunded amount than ours. The difference is stored and
   * reported.
   * @param least the amount that must have been refunded by now, in minor units
   */
  async #isRefunded(cause: Cause, seen: PaymentRow, told: Charge, least: number): Promise<boolean> {
    const contradiction = async (charge: Charge) => {
      const row = (await payments.find(this.#db, seen.id, null))!;
      const difference = differenceOf(row, charge);
      return difference ?? (charge.refunded < least ? differingIn(charge, ["refunded"]) : null);
    };
    if (!(await contradiction(told))) return true;
    const charge = await this.#provider.retrieve(lookupOf(seen));
    if (!charge) throw payment.error("PROVIDER_UNAVAILABLE");
    const difference = await contradiction(charge);
    if (!difference) return true;
    await this.#db.write((tx) => this.#transitions.differ(tx, cause, seen, difference));
    return false;
  }

  async #succeed(tx: Tx, cause: Cause, row: PaymentRow, refund: RefundRow): Promise<void> {
    if (!(await refunds.end(tx, refund, "succeeded"))) return;
    const refunded = {
      paymentId: row.id,
      orderId: row.order_id,
      ...ofPurpose(row.purpose),
      userId: row.user_id!,
      refundId: refund.id,
      amount: { amount: refund.amount, currency: refund.currency },
      captured: { amount: row.captured, currency: refund.currency },
      reason: toldReason(refund.reason),
    };
    tx.add(this.#outbox.event(cause, "payment.refunded", `payment:${row.id}`, refunded));
  }
}
