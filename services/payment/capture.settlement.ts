/**
 * The whole course of a capture in parts: it is claimed of the authorization in our books, and then asked of the provider with
 * a key of its own. Where the provider does not answer, payment.reconciliation.ts asks again.
 */
import { isError, sharedError } from "#core/errors.ts";
import type { Output } from "#core/contract.ts";
import type { Money } from "#core/schema.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Cause } from "#mixins/outbox/outbox.mixin.ts";
import * as captures from "./capture.repository.ts";
import { payment } from "./payment.contract.ts";
import { EXPIRED, isUndecided } from "./payment.model.ts";
import { type CaptureRow, partsOf, type PaymentRow, standing } from "./payment.projection.ts";
import { type PaymentProvider, ProviderRefusal } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";
import type { Settlement } from "./payment.settlement.ts";

interface Part {
  /** The id of the payment, for a payment that is captured once. */
  readonly id: string;
  readonly amount?: Money | undefined;
  readonly final?: boolean | undefined;
}

export class Captures {
  readonly #db: Database<PaymentTables>;
  readonly #provider: PaymentProvider;
  readonly #settlement: Settlement;

  constructor(db: Database<PaymentTables>, provider: PaymentProvider, settlement: Settlement) {
    this.#db = db;
    this.#provider = provider;
    this.#settlement = settlement;
  }

  /**
   * Captures a part of the authorized amount, or continues the capture of this id.
   * @throws CAPTURE_EXCEEDED, CAPTURE_MISMATCH, CAPTURE_ONCE, CAPTURE_REFUSED, CURRENCY_MISMATCH, NOT_AUTHORIZED,
   * PROVIDER_UNAVAILABLE while another capture of the payment is open, and what `standing` throws
   */
  async part(cause: Cause, { id, order_id }: PaymentRow, part: Part): Promise<Output<"payment.capture">> {
    const open = await this.#begin(order_id, part);
    if (!open) {
      // The other one is brought to its end, so that its amount is known.
      const other = await captures.pendingOf(this.#db, id);
      if (other) await this.end(cause, other.id);
    }
    const capture = open ?? (await this.#begin(order_id, part));
    if (!capture) throw payment.error("PROVIDER_UNAVAILABLE");
    return this.#outcome(await this.end(cause, capture.id));
  }

  /** Asks the provider, with the capture's own key. When the provider does not answer, the capture stays `pending`. */
  async end(cause: Cause, id: string): Promise<CaptureRow> {
    const capture = (await captures.find(this.#db, id))!;
    if (capture.status !== "pending") return capture;
    const row = (await payments.find(this.#db, capture.payment_id, null))!;
    if (row.status !== "requires_capture" || row.difference !== null) {
      await this.#settlement.ask(cause, row);
      return capture;
    }
    const { amount, is_final } = capture;
    const request = { key: id, charge: row.charge_id!, reference: row.order_id, amount, final: is_final === 1 };
    try {
      await this.#settlement.settle(cause, row, await this.#provider.capture(request));
    } catch (error) {
      if (error instanceof ProviderRefusal) await this.#refused(cause, row);
      else if (!isError(error, "PAYMENT_PROVIDER_UNAVAILABLE")) throw error;
    }
    return (await captures.find(this.#db, id))!;
  }

  /** A refusal counts when the provider's books say as well that nothing was captured. */
  async #refused(cause: Cause, seen: PaymentRow): Promise<void> {
    const row = await this.#settlement.refresh(cause, seen);
    if (row.status !== "requires_capture" || row.difference !== null || row.captured !== seen.captured) return;
    await this.#db.write(async (tx) => tx.add(...captures.refuse(row.id)));
  }

  /** Claims the amount; answers undefined while another capture of the payment is open. */
  #begin(orderId: string, { id, amount: asked, final }: Part): Promise<CaptureRow | undefined> {
    return this.#db.write(async (tx: Tx) => {
      const row = (await payments.ofOrder(tx, orderId))!;
      if (asked && asked.currency !== row.currency)
        throw payment.error("CURRENCY_MISMATCH", { currency: row.currency });
      const known = await captures.find(tx, id);
      if (known) {
        if (known.payment_id === row.id && (!asked || asked.amount === known.amount)) return known;
        throw payment.error("CAPTURE_MISMATCH");
      }
      const left = capturable(row);
      const amount = asked?.amount ?? left;
      if (amount === 0 && (final !== true || row.captured === 0))
        throw sharedError("VALIDATION_FAILED", { errors: [{ pointer: "/amount", detail: "must be more than 0" }] });
      if (amount > left) throw payment.error("CAPTURE_EXCEEDED", { capturable: partsOf(row).capturable });
      const isFinal = final === true || amount === left;
      if (!isFinal && row.multicapture === 0) throw payment.error("CAPTURE_ONCE");
      return captures.open(tx, row, { id, amount, is_final: isFinal ? 1 : 0 });
    });
  }

  /** @throws CAPTURE_REFUSED, and what `capturable` throws */
  async #outcome(capture: CaptureRow): Promise<Output<"payment.capture">> {
    const row = (await payments.find(this.#db, capture.payment_id, null))!;
    if (capture.status !== "succeeded") {
      capturable(row);
      if (capture.status === "failed") throw payment.error("CAPTURE_REFUSED");
    }
    const status = capture.status === "succeeded" ? "succeeded" : "processing";
    return { paymentId: row.id, status, ...partsOf(row) };
  }
}

/** What is authorized and not captured. @throws NOT_AUTHORIZED, CAPTURE_EXCEEDED, and what `standing` throws */
function capturable(row: PaymentRow): number {
  const { status, amount, captured, reason } = standing(row);
  if (isUndecided(status)) throw payment.error("NOT_AUTHORIZED");
  if (status === "requires_capture") return amount - captured;
  if (reason === EXPIRED) throw payment.error("AUTHORIZATION_EXPIRED");
  throw payment.error("CAPTURE_EXCEEDED", { capturable: { amount: 0, currency: row.currency } });
}
