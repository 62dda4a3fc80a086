/** What Toss Payments says of a payment, as charges of ours (docs.tosspayments.com/reference, version 2022-11-16). */
import { HOUR } from "#core/clock.ts";
import type { Money } from "#core/schema.ts";
import type { ChargeStatus } from "../payment.model.ts";
import type { Movement } from "../report.model.ts";
import type { Charge } from "../payment.provider.ts";

/** The fields of the Payment object that are read. */
export interface TossPayment {
  readonly paymentKey: string;
  readonly orderId: string;
  readonly status: string;
  readonly currency: string;
  readonly totalAmount: number;
  /** What was not cancelled. */
  readonly balanceAmount: number;
  /** Null until the customer has paid. */
  readonly approvedAt: string | null;
  readonly failure?: { readonly code?: string } | null;
}

/** What is cancelled after it was paid for is a refund here. */
const statuses: Readonly<Record<string, ChargeStatus>> = {
  WAITING_FOR_DEPOSIT: "processing",
  DONE: "captured",
  PARTIAL_CANCELED: "captured",
  CANCELED: "captured",
  ABORTED: "declined",
  EXPIRED: "voided",
};

/** True while only the customer has acted: the shop has not confirmed the payment, and may never do so. */
export const isUnconfirmed = ({ status }: TossPayment): boolean => status === "READY" || status === "IN_PROGRESS";

export function chargeOf(payment: TossPayment, reference: string): Charge {
  const known = statuses[payment.status] ?? "processing";
  const status = payment.status === "CANCELED" && payment.approvedAt === null ? "voided" : known;
  const isTaken = status === "captured";
  return {
    id: payment.paymentKey,
    reference,
    status,
    currency: payment.currency as Money["currency"],
    authorized: isTaken ? payment.totalAmount : 0,
    captured: isTaken ? payment.totalAmount : 0,
    refunded: isTaken ? payment.totalAmount - payment.balanceAmount : 0,
    reason: status === "declined" ? codeOf(payment.failure?.code) : null,
    actionUrl: null,
  };
}

/** A transaction in the list of Toss Payments: a confirmation or a cancellation (docs.tosspayments.com/reference, "Transaction"). */
export interface TossTransaction {
  readonly transactionKey: string;
  readonly paymentKey: string;
  readonly status: string;
  readonly currency: string;
  readonly amount: number;
}

const kinds: Readonly<Record<string, Movement["kind"]>> = {
  DONE: "capture",
  CANCELED: "refund",
  PARTIAL_CANCELED: "refund",
};

/** @returns null for what moves no money */
export function movementOf({ transactionKey, paymentKey, status, currency, amount }: TossTransaction): Movement | null {
  const kind = kinds[status];
  if (!kind) return null;
  const money = { currency: currency as Money["currency"], amount: Math.abs(amount), fee: null };
  return { id: transactionKey, kind, charge: paymentKey, reference: null, ...money };
}

/** A time as Toss Payments reads it: without a zone, in Korea. @param time milliseconds since the epoch */
export const inKorea = (time: number): string =>
  new Date(time + 9 * HOUR).toISOString().slice(0, "2026-01-31T00:00:00".length);

/** A code of Toss Payments (`REJECT_CARD_PAYMENT`) as a reason of ours. */
export const codeOf = (code: string | undefined): string => {
  const reason = (code ?? "declined").toLowerCase();
  return /^[a-z][a-z0-9_]{0,63}$/.test(reason) ? reason : "declined";
};

/** The charge of a payment that Toss Payments did not confirm. */
export const refusedCharge = (id: string, reference: string, { currency }: Money, reason: string): Charge => ({
  id,
  reference,
  status: "declined",
  currency,
  authorized: 0,
  captured: 0,
  refunded: 0,
  reason,
  actionUrl: null,
});

/** What the shop's page got from the payment window: the order's id that it gave, and the key of the payment. */
export interface TossToken {
  readonly orderId: string;
  readonly paymentKey: string;
}

/** @param token `toss_<orderId>@<paymentKey>` */
export function readToken(token: string): TossToken | null {
  const [, orderId, paymentKey] = /^toss_([\w=-]{6,64})@([\w-]{1,100})$/.exec(token) ?? [];
  return orderId && paymentKey ? { orderId, paymentKey } : null;
}
