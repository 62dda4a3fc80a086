/** The conversation between our books and the provider. A lost or late answer must never cost anybody money. */
import { DAY, now } from "#core/clock.ts";
import { isError } from "#core/errors.ts";
import type { Money } from "#core/schema.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Cause } from "#mixins/outbox/outbox.mixin.ts";
import * as captures from "./capture.repository.ts";
import { differenceOf, isOf } from "./charge.model.ts";
import { config } from "./payment.config.ts";
import { payment } from "./payment.contract.ts";
import { isOpen, isStray, type Purpose } from "./payment.model.ts";
import { lookupOf, type PaymentRow } from "./payment.projection.ts";
import { type Charge, type PaymentProvider, ProviderRefusal } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";
import { type Transitions, unlessOvertaken } from "./payment.transition.ts";
import type { Refunds } from "./refund.settlement.ts";

interface Request {
  readonly orderId: string;
  readonly purpose: Purpose;
  readonly userId: string;
  readonly amount: Money;
  readonly token: string;
  /** Captured with the authorization. */
  readonly capture: boolean;
}

/** The provider has answered that it knows nothing of a charge of which it has told. */
function unheard(): never {
  throw payment.error("PROVIDER_UNAVAILABLE");
}

export class Settlement {
  readonly #db: Database<PaymentTables>;
  readonly #transitions: Transitions;
  readonly #provider: PaymentProvider;
  readonly #refunds: Refunds;

  constructor(db: Database<PaymentTables>, transitions: Transitions, provider: PaymentProvider, refunds: Refunds) {
    this.#db = db;
    this.#transitions = transitions;
    this.#provider = provider;
    this.#refunds = refunds;
  }

  /**
   * Stores the order's payment before the provider is asked, then asks the provider. When the provider does not answer,
   * the payment is `processing`. A decision that comes after an undecided answer is published as `payment.decided`.
   */
  async authorize(cause: Cause, { orderId, purpose, userId, amount, token, capture }: Request): Promise<PaymentRow> {
    const { row, made } = await payments.open(this.#db, {
      ...amount,
      charge_id: this.#provider.chargeIn?.(token) ?? null,
      order_id: orderId,
      purpose,
      user_id: userId,
      provider: this.#provider.name,
      token,
      at_once: capture ? 1 : 0,
      status: "processing",
      reason: null,
      check_at: now() + config.PAYMENT_RECONCILE_AFTER,
    });
    const asked = made ? this.#unlessSilent(row, () => this.#request(cause, row)) : this.ask(cause, row);
    return payments.awaited(this.#db, await asked);
  }

  /** Finds the state of a payment that may have been authorized. A request that never arrived is sent again. */
  ask(cause: Cause, row: PaymentRow): Promise<PaymentRow> {
    if (row.difference !== null) return this.#unlessSilent(row, () => this.refresh(cause, row));
    if (row.status !== "processing") return Promise.resolve(row);
    return this.#unlessSilent(row, async () => {
      // Of a token that pays once, only the answer to our own request says whether it has paid for this order.
      const charge = this.#provider.chargeIn ? null : await this.#provider.retrieve(lookupOf(row));
      return charge ? this.settle(cause, row, charge) : this.#request(cause, row);
    });
  }

  /** Captures all of the authorized amount. The payment stays `requires_capture` while the provider does not answer. */
  capture(cause: Cause, row: PaymentRow): Promise<PaymentRow> {
    if (row.difference !== null) return this.ask(cause, row);
    if (row.status !== "requires_capture") return Promise.resolve(row);
    const request = { key: `${row.id}:capture`, charge: row.charge_id!, reference: row.order_id };
    return this.#unlessSilent(row, () => this.#unlessRefused(cause, row, this.#provider.capture(request)));
  }

  /** @throws PROVIDER_UNAVAILABLE */
  confirm(cause: Cause, row: PaymentRow): Promise<PaymentRow> {
    if (row.difference !== null || row.status !== "requires_action") return Promise.resolve(row);
    const request = { key: `${row.id}:confirm`, charge: row.charge_id!, reference: row.order_id };
    return this.#unlessRefused(cause, row, this.#provider.confirm(request));
  }

  /**
   * Cancels the order's payment, or prevents one from beginning, and gives back what the provider holds or took.
   * @throws PROVIDER_UNAVAILABLE, MISMATCH; the payment is cancelled all the same, and reconciliation continues
   */
  async reverse(cause: Cause, orderId: string, reason: string): Promise<PaymentRow> {
    const cancel = async (tx: Tx) => {
      const opened = await payments.open(tx, payments.tombstone(orderId, this.#provider.name, reason));
      return this.#transitions.cancel(tx, cause, opened.row, reason);
    };
    const row = await unlessOvertaken(() => this.#db.write(cancel));
    return row.user_id === null ? row : this.release(cause, row, reason);
  }

  /** Gives back what the provider holds or took. @throws PROVIDER_UNAVAILABLE, MISMATCH when a person must do it */
  async release(cause: Cause, row: PaymentRow, reason: string): Promise<PaymentRow> {
    if (row.status === "succeeded") {
      const { difference } = row.difference === null ? row : await this.refresh(cause, row);
      if (difference !== null) throw payment.error("MISMATCH");
      await this.#refunds.rest(cause, row.id, reason);
    } else {
      const charge = await this.#void(row);
      if (!charge) return this.#watch(row);
      await this.#compare(cause, row, charge);
      const next = now() + config.PAYMENT_RECONCILE_AFTER;
      if (row.claimed > 0) {
        const end = captures.end(row.id, charge.captured >= row.claimed ? "succeeded" : "failed");
        await this.#db.write(async (tx) => tx.add(end));
      }
      await payments.setCaptured(this.#db, row.id, charge.id, charge.captured, next);
      await this.#refunds.rest(cause, row.id, reason);
      // Reconciliation may stop only now that nothing is left, because until here it must find a crash or a refused
      // refund.
      if (charge.captured > 0) await payments.checkAt(this.#db, row.id, null);
    }
    return (await payments.find(this.#db, row.id, null))!;
  }

  /** Stores a difference, or that it has ended. @throws MISMATCH */
  async #compare(cause: Cause, row: PaymentRow, charge: Charge): Promise<void> {
    const current = (await payments.find(this.#db, row.id, null))!;
    const difference = differenceOf(current, charge);
    if (difference) {
      await this.#db.write((tx) => this.#transitions.differ(tx, cause, current, difference));
      throw payment.error("MISMATCH");
    }
    if (current.difference !== null) await payments.clearDifference(this.#db, row.id);
  }

  /** Asks the provider for the state of the charge and applies it. @throws PROVIDER_UNAVAILABLE */
  async refresh(cause: Cause, row: PaymentRow): Promise<PaymentRow> {
    const charge = await this.#provider.retrieve(lookupOf(row));
    return charge ? this.settle(cause, row, charge) : row;
  }

  /**
   * Applies an answer of the provider, and gives back at once what came too late. When the answer contradicts the
   * payment, the provider is asked again and the second answer counts, because the first may have been garbled or
   * outdated.
   * @throws PROVIDER_UNAVAILABLE
   */
  async settle(cause: Cause, seen: PaymentRow, told: Charge): Promise<PaymentRow> {
    const isDoubtful = differenceOf(seen, told) !== null;
    let charge = told;
    const row = await unlessOvertaken(async (isAgain) => {
      const last = isAgain || isDoubtful ? (await payments.ofOrder(this.#db, seen.order_id))! : seen;
      // What the payment was found to be must not be older than what the provider is asked about it.
      if (last !== seen) charge = (await this.#provider.retrieve(lookupOf(last))) ?? unheard();
      return this.#db.write((tx) => this.#transitions.follow(tx, cause, last, charge));
    });
    const isToRelease = row.difference === null && isStray(row.status, charge);
    return isToRelease ? this.release(cause, row, row.reason ?? "late") : row;
  }

  async #request(cause: Cause, row: PaymentRow): Promise<PaymentRow> {
    const { order_id: reference, amount, currency, token, at_once } = row;
    // The key is the order's id, so that even a database that was restored from a backup asks with the same key.
    const request = { key: reference, reference, amount: { amount, currency }, token: token! };
    const capture = at_once === 1 ? { capture: true } : {};
    return this.#unlessRefused(cause, row, this.#provider.authorize({ ...request, ...capture }));
  }

  /** A request may still be on its way to the provider for a day at most. */
  async #watch(row: PaymentRow): Promise<PaymentRow> {
    if (Date.parse(row.created_at) < now() - DAY) await payments.checkAt(this.#db, row.id, null);
    return row;
  }

  async #void(row: PaymentRow): Promise<Charge | null> {
    const charge = await this.#provider.retrieve(lookupOf(row));
    // We never cancel a charge that belongs to another order.
    if (!charge || !isOpen(charge.status) || !isOf(row, charge)) return charge;
    const request = { key: `${row.id}:cancel`, charge: charge.id, reference: row.order_id };
    const cancelled = await this.#provider.cancel(request).catch((error: unknown) => {
      if (error instanceof ProviderRefusal) return null;
      throw error;
    });
    if (cancelled && differenceOf(row, cancelled) === null) return cancelled;
    // A faster capture is refunded; anything else is checked again later.
    const after = await this.#provider.retrieve(lookupOf(row));
    if (after && !isOpen(after.status)) return after;
    throw payment.error("PROVIDER_UNAVAILABLE");
  }

  /** Applies the provider's present state when it refuses because its books have changed meanwhile. */
  async #unlessRefused(cause: Cause, row: PaymentRow, answer: Promise<Charge>): Promise<PaymentRow> {
    const charge = await answer.catch((error: unknown) => {
      if (error instanceof ProviderRefusal) return null;
      throw error;
    });
    return charge ? this.settle(cause, row, charge) : this.refresh(cause, row);
  }

  /** Leaves the payment as it is when the provider does not answer, because the outcome is unknown. */
  async #unlessSilent(row: PaymentRow, work: () => Promise<PaymentRow>): Promise<PaymentRow> {
    try {
      return await work();
    } catch (error) {
      if (!isError(error, "PAYMENT_PROVIDER_UNAVAILABLE")) throw error;
      return (await payments.find(this.#db, row.id, null))!;
    }
  }
}
