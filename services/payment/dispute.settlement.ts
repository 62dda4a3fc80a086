/** Keeps what we know of a dispute equal to what the provider says of it. */
import { timestamp } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { isUndecidedDispute, lostIn, type ProviderDispute } from "./dispute.model.ts";
import * as disputes from "./dispute.repository.ts";
import type { Alarms } from "./payment.alarms.ts";
import { ofPurpose } from "./payment.model.ts";
import type { DisputeRow, PaymentRow } from "./payment.projection.ts";
import type { PaymentProvider } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables, Tx } from "./payment.repository.ts";

export class Disputes {
  readonly #db: Database<PaymentTables>;
  readonly #outbox: Outbox;
  readonly #provider: PaymentProvider;
  readonly #alarms: Alarms;

  constructor(db: Database<PaymentTables>, outbox: Outbox, provider: PaymentProvider, alarms: Alarms) {
    this.#db = db;
    this.#outbox = outbox;
    this.#provider = provider;
    this.#alarms = alarms;
  }

  /** Asks the provider for the state of a dispute and applies it. @throws PROVIDER_UNAVAILABLE */
  async ask(cause: Cause, row: DisputeRow): Promise<void> {
    const told = (await this.#provider.dispute?.(row.provider_id)) ?? null;
    const payment = told && (await payments.ofOrder(this.#db, told.reference));
    // The provider's account may serve other systems too.
    if (!told || !payment || payment.charge_id !== told.charge) {
      await disputes.forget(this.#db, row.id);
      return;
    }
    const wrong = contradiction(row, payment, told);
    if (wrong) this.#alarms.unsound("dispute", wrong);
    else await this.#db.write((tx) => this.#apply(tx, cause, row, payment, told));
  }

  async #apply(tx: Tx, cause: Cause, row: DisputeRow, payment: PaymentRow, told: ProviderDispute): Promise<void> {
    const { amount, currency, status, reason } = told;
    const next: DisputeRow = {
      ...row,
      payment_id: payment.id,
      amount,
      currency,
      status,
      reason,
      due_at: told.dueAt,
      check_at: isUndecidedDispute(status) ? disputes.tomorrow() : null,
      updated_at: timestamp(),
    };
    const isKnown = row.payment_id !== null && row.status === status && row.amount === amount;
    if (!(await disputes.move(tx, row, isKnown ? { ...next, updated_at: row.updated_at } : next)) || isKnown) return;
    const change = lostIn(status, amount) - lostIn(row.status, row.amount);
    if (change !== 0) tx.add(disputes.book(payment.id, change));
    const { id: paymentId, order_id: orderId, user_id } = payment;
    tx.add(
      this.#outbox.event(cause, "payment.disputed", `payment:${paymentId}`, {
        disputeId: row.id,
        paymentId,
        orderId,
        ...ofPurpose(payment.purpose),
        userId: user_id!,
        amount: { amount, currency },
        status,
        ...(reason === null ? {} : { reason }),
        ...(told.dueAt === null ? {} : { dueAt: told.dueAt }),
      }),
    );
    tx.afterCommit(() => this.#alarms.disputed(payment, next));
  }
}

/** What a dispute cannot be, in words without its values; undefined when it can be. */
function contradiction(row: DisputeRow, payment: PaymentRow, told: ProviderDispute): string | undefined {
  if (told.id !== row.provider_id) return "it is another dispute";
  if (told.currency !== payment.currency) return "it has another currency than its payment";
  return told.amount > payment.captured ? "it is about more than was captured" : undefined;
}
