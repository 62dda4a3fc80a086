/** Asks the provider about what is unfinished, so that no crash, silence or lost webhook leaves a payment hanging. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import type { Database } from "#mixins/database/database.ts";
import { Worker } from "#mixins/queue/worker.ts";
import { config } from "./payment.config.ts";
import { nextCheck } from "./payment.model.ts";
import type { PaymentRow, RefundRow } from "./payment.projection.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables } from "./payment.repository.ts";
import type { Settlement } from "./payment.settlement.ts";
import * as refunds from "./refund.repository.ts";
import type { Refunds } from "./refund.settlement.ts";

/** Payments, and refunds, that are asked about at once. */
const BATCH = 50;
const DAY = 24 * 60 * 60 * 1000;
/** No provider sends the same news for longer. */
const WEBHOOK_AGE = 30 * DAY;

type Host = Service & { readonly db: Database<PaymentTables> };

export class Reconciliation {
  readonly #service: Host;
  readonly #settlement: Settlement;
  readonly #refunds: Refunds;
  readonly #sweep: Worker;
  readonly #forget: Worker;

  constructor(service: Host, settlement: Settlement, refundsOfService: Refunds) {
    this.#service = service;
    this.#settlement = settlement;
    this.#refunds = refundsOfService;
    this.#sweep = new Worker(service.logger, () => this.#lookAtDue(), { idle: 500 });
    this.#forget = new Worker(service.logger, () => this.#forgetWebhooks(), { idle: DAY });
  }

  start(): void {
    this.#sweep.wake();
    this.#forget.wake();
  }

  /** Looks for what is due now, not a little later. */
  wake(): void {
    this.#sweep.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#sweep.stop(), this.#forget.stop()]);
  }

  /** One that fails does not hold up the others. */
  async #lookAtDue(): Promise<boolean> {
    const { db, logger } = this.#service;
    const duePayments = await payments.listDue(db, BATCH);
    const dueRefunds = await refunds.listDue(db, BATCH);
    const looks = [...duePayments.map((row) => this.#payment(row)), ...dueRefunds.map((row) => this.#refund(row))];
    for (const look of await Promise.allSettled(looks)) {
      if (look.status === "rejected") logger.warn(`Not reconciled yet: ${(look.reason as Error).message}`);
    }
    return duePayments.length === BATCH || dueRefunds.length === BATCH;
  }

  async #payment(due: PaymentRow): Promise<unknown> {
    const check_at = nextCheck(due.updated_at, config.PAYMENT_RECONCILE_AFTER);
    if (!(await payments.takeDue(this.#service.db, due, check_at))) return null;
    const row = { ...due, check_at };
    const cause = workContext(this.#service);
    if (row.status === "processing") return this.#settlement.ask(cause, row);
    const ended = row.status === "cancelled" || row.status === "failed";
    return ended ? this.#settlement.release(cause, row, row.reason ?? "late") : this.#settlement.refresh(cause, row);
  }

  async #refund(row: RefundRow): Promise<unknown> {
    const next = nextCheck(row.created_at, config.PAYMENT_RECONCILE_AFTER);
    if (!(await refunds.takeDue(this.#service.db, row, next))) return null;
    return this.#refunds.end(workContext(this.#service), row.id);
  }

  async #forgetWebhooks(): Promise<boolean> {
    await payments.forgetWebhooks(this.#service.db, now() - WEBHOOK_AGE);
    return false;
  }
}
