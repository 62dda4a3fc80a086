/** Asks the provider about unfinished payments and refunds, whatever crash, silence or lost webhook left them. */
import type { Service } from "moleculer";
import { workContext } from "#core/context.ts";
import type { Cause } from "#mixins/outbox/outbox.mixin.ts";
import type { Database } from "#mixins/database/database.ts";
import { Queue } from "#mixins/queue/queue.ts";
import { pendingOf } from "./capture.repository.ts";
import type { Captures } from "./capture.settlement.ts";
import * as disputes from "./dispute.repository.ts";
import type { Disputes } from "./dispute.settlement.ts";
import { config } from "./payment.config.ts";
import type { DisputeRow, PaymentRow, RefundRow } from "./payment.projection.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables } from "./payment.repository.ts";
import type { Settlement } from "./payment.settlement.ts";
import * as refunds from "./refund.repository.ts";
import type { Refunds } from "./refund.settlement.ts";

/** The most payments, and refunds, that are checked at once. */
const BATCH = 50;

/** What else has to be brought to an end. */
interface Others {
  readonly refunds: Refunds;
  readonly captures: Captures;
  readonly disputes: Disputes;
}

type Host = Service & { readonly db: Database<PaymentTables> };

export class Reconciliation {
  readonly #service: Host;
  readonly #settlement: Settlement;
  readonly #captures: Captures;
  readonly #payments: Queue<PaymentRow>;
  readonly #refunds: Queue<RefundRow>;
  readonly #disputes: Queue<DisputeRow>;

  constructor(service: Host, settlement: Settlement, { refunds: ofRefunds, captures, disputes: ofDisputes }: Others) {
    const { db } = service;
    this.#service = service;
    this.#settlement = settlement;
    this.#captures = captures;
    this.#payments = new Queue(service, {
      next: () => db.one(payments.due.next, {}),
      claim: (limit) => payments.claim(db, limit),
      work: (row) => this.#ask(row),
      limit: BATCH,
      soonest: config.PAYMENT_RECONCILE_AFTER,
    });
    this.#refunds = new Queue(service, {
      next: () => db.one(refunds.due.next, {}),
      claim: (limit) => refunds.claim(db, limit),
      work: ({ id }) => ofRefunds.end(workContext(service), id),
      limit: BATCH,
      soonest: config.PAYMENT_RECONCILE_AFTER,
    });
    this.#disputes = new Queue(service, {
      next: () => db.one(disputes.due.next, {}),
      claim: (limit) => disputes.claim(db, limit),
      work: (row) => ofDisputes.ask(workContext(service), row),
      limit: BATCH,
    });
  }

  async start(): Promise<void> {
    await Promise.all([this.#payments.start(), this.#refunds.start(), this.#disputes.start()]);
  }

  /** Reports that a payment, or a dispute, is due now. */
  wake(): void {
    this.#payments.wake();
    this.#disputes.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#payments.stop(), this.#refunds.stop(), this.#disputes.stop()]);
  }

  #ask(row: PaymentRow): Promise<unknown> {
    const cause = workContext(this.#service);
    if (row.status === "processing") return this.#settlement.ask(cause, row);
    const ended = row.status === "cancelled" || row.status === "failed";
    return ended ? this.#settlement.release(cause, row, row.reason ?? "late") : this.#refresh(cause, row);
  }

  /** A capture whose request may never have arrived is asked for again. */
  async #refresh(cause: Cause, seen: PaymentRow): Promise<void> {
    const { status, id } = await this.#settlement.refresh(cause, seen);
    const open = status === "requires_capture" ? await pendingOf(this.#service.db, id) : undefined;
    if (open) await this.#captures.end(cause, open.id);
  }
}
