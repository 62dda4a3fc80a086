/** Payments as stored rows, and in the form that clients see. */
import type { Money } from "#core/schema.ts";
import type { Output } from "#core/contract.ts";
import type { Capture } from "./capture.contract.ts";
import type { PaymentMethod } from "./method.contract.ts";
import type { Dispute } from "./dispute.contract.ts";
import type { DisputeStatus } from "./dispute.model.ts";
import { payment, type Payment } from "./payment.contract.ts";
import type { Refund } from "./refund.contract.ts";
import {
  type CaptureStatus,
  EXPIRED,
  isUndecided,
  type PaymentStatus,
  type Purpose,
  type RefundStatus,
} from "./payment.model.ts";
import type { Difference } from "./charge.model.ts";
import type { Charge, Lookup } from "./payment.provider.ts";

/** Amounts are minor units of `currency`. */
export interface PaymentRow {
  id: string;
  order_id: string;
  purpose: Purpose;
  /** Null for an order that was reversed before it had a payment. */
  user_id: string | null;
  provider: string;
  token: string | null;
  /** The provider's id; null until it is known. */
  charge_id: string | null;
  currency: Money["currency"];
  amount: number;
  captured: number;
  /** What was captured, and a part that the provider was asked to capture and has not confirmed yet. */
  claimed: number;
  /** Includes refunds that are under way. */
  refunded: number;
  /** What left with disputes that were lost. */
  lost: number;
  /** 1 when the provider captures the amount as it authorizes it. */
  at_once: number;
  /** 1 when the provider can capture the amount in several parts. */
  multicapture: number;
  status: PaymentStatus;
  reason: string | null;
  action_url: string | null;
  /** When to ask the provider, in milliseconds since the epoch; null when nothing more can change. */
  check_at: number | null;
  /** The provider's contradiction to our books, as JSON; null while both agree. */
  difference: string | null;
  /** 1 when a request was answered while the payment was undecided, so that somebody waits for `payment.decided`. */
  awaited: number;
  created_at: string;
  updated_at: string;
}

/** By which the provider finds the charge of a payment. */
export const lookupOf = ({ order_id, charge_id }: PaymentRow): Lookup => ({ reference: order_id, charge: charge_id });

export interface CaptureRow {
  id: string;
  payment_id: string;
  /** 0 for the release of what other captures have left. */
  amount: number;
  currency: Money["currency"];
  is_final: number;
  status: CaptureStatus;
  created_at: string;
}

export interface DisputeRow {
  id: string;
  provider: string;
  provider_id: string;
  /** Null until the provider has confirmed what we heard of. */
  payment_id: string | null;
  amount: number;
  currency: Money["currency"];
  status: DisputeStatus;
  reason: string | null;
  due_at: string | null;
  check_at: number | null;
  created_at: string;
  updated_at: string;
}

export interface RefundRow {
  id: string;
  payment_id: string;
  amount: number;
  currency: Money["currency"];
  reason: string;
  status: RefundStatus;
  check_at: number | null;
  created_at: string;
}

export interface MethodRow {
  id: string;
  user_id: string;
  provider: string;
  token: string;
  brand: string;
  last4: string;
  created_at: string;
}

export interface RemovalRow {
  id: string;
  provider: string;
  token: string;
  check_at: number;
  removed_at: string;
}

/** What the customer must do next; null for nothing. */
export const nextActionOf = ({ status, action_url }: PaymentRow): Payment["nextAction"] =>
  status === "requires_action" && action_url ? { type: "redirect", url: action_url } : null;

function differenceIn({ difference }: PaymentRow): Payment["difference"] {
  if (difference === null) return null;
  const { fields, status, currency, authorized, captured, refunded } = JSON.parse(difference) as Difference;
  const money = (amount: number) => ({ amount, currency });
  return {
    fields: [...fields],
    status,
    authorized: money(authorized),
    captured: money(captured),
    refunded: money(refunded),
  };
}

export function toPayment(row: PaymentRow): Payment {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    orderId: row.order_id,
    purpose: row.purpose,
    status: row.difference === null ? row.status : "needs_attention",
    amount: money(row.amount),
    captured: money(row.captured),
    refunded: money(row.refunded),
    lost: money(row.lost),
    provider: row.provider,
    nextAction: nextActionOf(row),
    reason: row.reason,
    difference: differenceIn(row),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export const toRefund = ({ id, payment_id, amount, currency, reason, status, created_at }: RefundRow): Refund => ({
  id,
  paymentId: payment_id,
  amount: { amount, currency },
  status,
  reason,
  createdAt: created_at,
});

export const toCapture = ({ id, payment_id, amount, currency, is_final, status, created_at }: CaptureRow): Capture => ({
  id,
  paymentId: payment_id,
  amount: { amount, currency },
  status,
  final: is_final === 1,
  createdAt: created_at,
});

export const toDispute = ({
  id,
  payment_id,
  provider,
  amount,
  currency,
  status,
  reason,
  ...row
}: DisputeRow): Dispute => ({
  id,
  paymentId: payment_id!,
  provider,
  providerId: row.provider_id,
  amount: { amount, currency },
  status,
  reason,
  dueAt: row.due_at,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export const toMethod = ({ id, provider, brand, last4, created_at }: MethodRow): PaymentMethod => ({
  id,
  provider,
  brand,
  last4,
  createdAt: created_at,
});

/** Converts amounts to money, as everywhere in the API. */
export function toCharge({ id, reference, status, currency, authorized, captured, refunded }: Charge) {
  const money = (amount: number) => ({ amount, currency });
  return { id, reference, status, authorized: money(authorized), captured: money(captured), refunded: money(refunded) };
}

type Standing = PaymentRow & { status: Exclude<PaymentStatus, "failed" | "cancelled"> };

/** Answers the payment unless it has failed. @throws MISMATCH, METHOD_NOT_FOUND, DECLINED, CANCELLED, AUTHORIZATION_EXPIRED */
export function standing(row: PaymentRow): Standing {
  if (row.difference !== null) throw payment.error("MISMATCH");
  if (row.status === "cancelled") throw payment.error(row.reason === EXPIRED ? "AUTHORIZATION_EXPIRED" : "CANCELLED");
  if (row.status !== "failed") return row as Standing;
  if (row.reason === "unknown_token") throw payment.error("METHOD_NOT_FOUND");
  throw payment.error("DECLINED", { reason: row.reason });
}

/** @throws MISMATCH, METHOD_NOT_FOUND, DECLINED, CANCELLED, AMOUNT_MISMATCH */
export function authorizationOf(row: PaymentRow, { amount, currency }: Money): Output<"payment.authorize"> {
  const { id, status } = standing(row);
  const captures =
    status === "requires_capture" ? ({ captures: row.multicapture === 1 ? "several" : "once" } as const) : {};
  if (row.amount !== amount || row.currency !== currency) throw payment.error("AMOUNT_MISMATCH");
  return { paymentId: id, status, nextAction: nextActionOf(row), ...captures };
}

/** @throws MISMATCH, METHOD_NOT_FOUND, DECLINED, CANCELLED, NOT_AUTHORIZED */
export function captureOf(row: PaymentRow): Output<"payment.capture"> {
  const { id, status } = standing(row);
  if (isUndecided(status)) throw payment.error("NOT_AUTHORIZED");
  return { paymentId: id, status: status === "succeeded" ? "succeeded" : "processing", ...partsOf(row) };
}

/** What was captured, and what can still be. */
export function partsOf({ status, amount, captured, currency }: PaymentRow) {
  const left = status === "requires_capture" ? amount - captured : 0;
  return { captured: { amount: captured, currency }, capturable: { amount: left, currency } };
}

export function reversalOf({ id, user_id, captured, status }: PaymentRow): Output<"payment.reverse"> {
  if (user_id === null) return { paymentId: null, status: "none" };
  const kept = status === "failed" ? "none" : "cancelled";
  return { paymentId: id, status: captured > 0 ? "refunded" : kept };
}
