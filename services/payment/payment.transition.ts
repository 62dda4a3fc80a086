/** Every change of a payment's state. It follows the transition table, in one transaction with its event. */
import { now, timestamp } from "#core/clock.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { config } from "./payment.config.ts";
import { type Difference, differenceOf } from "./charge.model.ts";
import * as captures from "./capture.repository.ts";
import { canBecome, EXPIRED, follow, isFinal, isStray, isUndecided, nextCheck, ofPurpose } from "./payment.model.ts";
import type { PaymentRow } from "./payment.projection.ts";
import type { Charge } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { Tx } from "./payment.repository.ts";

const events = {
  requires_capture: "payment.authorized",
  succeeded: "payment.captured",
  failed: "payment.failed",
  cancelled: "payment.cancelled",
} as const;

type Told = (typeof events)[keyof typeof events] | "payment.decided" | "payment.expired";

/** The events of a move. What a release leaves behind was told as it was captured. */
function toldOf(from: PaymentRow, { status, captured, reason }: PaymentRow): readonly Told[] {
  if (isUndecided(status)) return [];
  const isTold = status === "succeeded" || status === from.status ? captured > from.captured : true;
  const event = captured > from.captured && !isFinal(status) ? "payment.captured" : events[status];
  return [
    ...(isTold ? [event] : []),
    ...(isUndecided(from.status) && from.awaited === 1 ? (["payment.decided"] as const) : []),
    ...(reason === EXPIRED ? (["payment.expired"] as const) : []),
  ];
}

/** Another request has changed the payment since it was read. */
class Overtaken extends Error {}

/** Runs a transaction that changes a payment, and runs it again whenever another request was faster. */
export async function unlessOvertaken<R>(work: (isAgain: boolean) => Promise<R>): Promise<R> {
  for (let isAgain = false; ; isAgain = true) {
    try {
      return await work(isAgain);
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
}

type Alarm = (row: PaymentRow, difference: Difference) => void;

/** Each method is a part of the transaction `tx`, which `unlessOvertaken` must run. */
export class Transitions {
  readonly #outbox: Outbox;
  readonly #alarm: Alarm;

  /** @param alarm is called once for each difference between the provider's books and ours */
  constructor(outbox: Outbox, alarm: Alarm) {
    this.#outbox = outbox;
    this.#alarm = alarm;
  }

  /**
   * The payment after an answer of the provider. A payment that came too late is due at once. A contradicting answer is
   * stored and reported, and not applied.
   * @param row the payment as it was last read; when it has changed since, its present state counts
   */
  async follow(tx: Tx, cause: Cause, row: PaymentRow, charge: Charge): Promise<PaymentRow> {
    const difference = differenceOf(row, charge);
    if (difference) return this.#contradicted(tx, cause, row, difference);
    const status = follow(row.status, charge.status);
    const isTaking = status === "requires_capture" && row.status === status && charge.captured > row.captured;
    if (status === row.status && !isTaking) {
      const current = (await payments.ofOrder(tx, row.order_id))!;
      if (current.status !== row.status) return this.follow(tx, cause, current, charge);
      if (current.difference !== null) await payments.clearDifference(tx, row.id);
      if (isStray(status, charge)) await payments.checkAt(tx, row.id, now());
      else if (status === "succeeded" && current.check_at !== null) await payments.checkAt(tx, row.id, null);
      return { ...current, difference: null };
    }
    const next: PaymentRow = {
      ...row,
      status,
      captured: charge.captured,
      claimed: charge.captured,
      multicapture: charge.multicapture ? 1 : 0,
      charge_id: charge.id,
      action_url: charge.actionUrl,
      reason: charge.reason,
      difference: null,
      check_at: isFinal(status) ? null : row.check_at,
      updated_at: timestamp(),
    };
    const capture = row.claimed > 0 ? await captures.pendingOf(tx, row.id) : undefined;
    tx.add(...this.#move(cause, row, next, capture?.id));
    if (row.claimed > 0) tx.add(captures.end(row.id, charge.captured >= row.claimed ? "succeeded" : "failed"));
    return next;
  }

  /** An answer that contradicts the payment as it was read says nothing about one that has changed since. */
  async #contradicted(tx: Tx, cause: Cause, row: PaymentRow, difference: Difference): Promise<PaymentRow> {
    const { status, captured, claimed } = (await payments.ofOrder(tx, row.order_id))!;
    if (status !== row.status || captured !== row.captured || claimed !== row.claimed) throw new Overtaken();
    return this.differ(tx, cause, row, difference);
  }

  /** Stores that the provider contradicts our books, for a person, and asks it again at intervals. */
  async differ(tx: Tx, cause: Cause, row: PaymentRow, difference: Difference): Promise<PaymentRow> {
    const next = { ...row, difference: JSON.stringify(difference) };
    const check_at = nextCheck(row.updated_at, config.PAYMENT_RECONCILE_AFTER);
    if (!(await payments.setDifference(tx, row.id, difference, check_at))) return next;
    tx.afterCommit(() => this.#alarm(row, difference));
    tx.add(this.#event(cause, "payment.mismatched", { ...row, reason: difference.fields.join() }));
    return next;
  }

  /** Cancels a payment that is not final. The provider is asked about it until it holds no money. */
  async cancel(tx: Tx, cause: Cause, row: PaymentRow, reason: string): Promise<PaymentRow> {
    if (!canBecome(row.status, "cancelled")) return row;
    const check_at = now() + config.PAYMENT_RECONCILE_AFTER;
    const next: PaymentRow = { ...row, status: "cancelled", reason, check_at, updated_at: timestamp() };
    tx.add(...this.#move(cause, row, next));
    return next;
  }

  #move(cause: Cause, from: PaymentRow, to: PaymentRow, captureId?: string): readonly Write[] {
    const move = payments.move(from, to, () => new Overtaken());
    const told = toldOf(from, to);
    const amount = to.captured > from.captured ? to.captured - from.captured : to.amount;
    return [move, ...told.map((type) => this.#event(cause, type, { ...to, amount }, captureId))];
  }

  #event(
    cause: Cause,
    type: Told | "payment.mismatched",
    { id, order_id, purpose, user_id, reason, ...row }: PaymentRow,
    captureId?: string,
  ): Write {
    return this.#outbox.event(cause, type, `payment:${id}`, {
      paymentId: id,
      orderId: order_id,
      ...ofPurpose(purpose),
      userId: user_id!,
      amount: { amount: row.amount, currency: row.currency },
      ...(reason === null ? {} : { reason }),
      ...(type === "payment.captured" && {
        captured: { amount: row.captured, currency: row.currency },
        ...(captureId !== undefined && { captureId }),
      }),
    });
  }
}
