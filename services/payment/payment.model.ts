/** The rules of payments: their states, the meaning of the provider's states, and the valid payment methods. */
import { holdsCardNumber, mayBeCard } from "#core/card.ts";
import { HOUR, now } from "#core/clock.ts";

/** What a payment is for. Its id stands as `orderId`, which is older than invoices. */
export const purposes = ["order", "invoice"] as const;
export type Purpose = (typeof purposes)[number];

/** As events say it: not at all for an order, as before there were invoices. */
export const ofPurpose = (purpose: Purpose) => (purpose === "order" ? {} : { purpose });

export const paymentStatuses = [
  "requires_action",
  "processing",
  "requires_capture",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const captureStatuses = ["pending", "succeeded", "failed"] as const;
export type CaptureStatus = (typeof captureStatuses)[number];

/** The reason of a charge whose authorization the bank has given up because it was not captured in time. */
export const EXPIRED = "authorization_expired";

export const refundStatuses = ["pending", "succeeded", "failed"] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** Reasons of refunds that we start ourselves. Staff give their reasons in prose. */
export const ownReasons: readonly string[] = [
  "order_cancelled",
  "items_cancelled",
  "items_returned",
  "shipment_lost",
  "invoice_cancelled",
  "late",
];

/** The reason of a refund in events. Events are kept long, and the prose of staff may name a person. */
export const toldReason = (reason: string): string => (ownReasons.includes(reason) ? reason : "shop");

/** States of a charge in the provider's books. */
export const chargeStatuses = [
  "requires_action",
  "processing",
  "authorized",
  "captured",
  "declined",
  "voided",
] as const;
export type ChargeStatus = (typeof chargeStatuses)[number];

/** The allowed transitions of each state. The last three states are final. */
export const transitions: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  processing: ["requires_action", "requires_capture", "succeeded", "failed", "cancelled"],
  requires_action: ["processing", "requires_capture", "succeeded", "failed", "cancelled"],
  requires_capture: ["succeeded", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
};

/** True while the provider, or the customer, has still to decide about it. */
export const isUndecided = (status: PaymentStatus): status is "processing" | "requires_action" =>
  status === "processing" || status === "requires_action";

export const canBecome = (from: PaymentStatus, to: PaymentStatus): boolean => transitions[from].includes(to);

export const isFinal = (status: PaymentStatus): boolean => transitions[status].length === 0;

const meanings: Readonly<Record<ChargeStatus, PaymentStatus>> = {
  requires_action: "requires_action",
  processing: "processing",
  authorized: "requires_capture",
  captured: "succeeded",
  declined: "failed",
  voided: "cancelled",
};

/** The state of a payment that corresponds to a state of its charge. */
export const meaningOf = (charge: ChargeStatus): PaymentStatus => meanings[charge];

/** The state of a payment after an answer of the provider. An answer that comes too late changes nothing. */
export const follow = (status: PaymentStatus, charge: ChargeStatus): PaymentStatus =>
  canBecome(status, meanings[charge]) ? meanings[charge] : status;

/** True while the provider may still authorize, or holds an authorized amount that was not captured. */
export const isOpen = (charge: ChargeStatus): boolean =>
  charge === "requires_action" || charge === "processing" || charge === "authorized";

interface Holdings {
  readonly status: ChargeStatus;
  readonly captured: number;
  readonly refunded: number;
}

/** True when the provider holds money for a payment that failed or was cancelled, so that it must be refunded. */
export const isStray = (status: PaymentStatus, charge: Holdings): boolean =>
  (status === "cancelled" || status === "failed") && (isOpen(charge.status) || charge.captured > charge.refunded);

/**
 * When to check something unfinished again: the older it is, the longer the pause.
 * @param since the beginning, RFC 3339
 * @param soonest milliseconds until the first check
 */
export const nextCheck = (since: string, soonest: number): number =>
  now() + Math.min(Math.max(now() - Date.parse(since), soonest), HOUR);

/** Of the sandbox, of Stripe's payment methods, and of the payment window of Toss Payments. */
const TOKEN = /^tok_[a-z0-9_]+$|^pm_[A-Za-z0-9_]+$|^toss_[\w=-]{6,64}@[\w-]{1,100}$/;
const SAVED = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Reads the payment method of a request; null for anything else, above all for a card number. */
export function readMethod(text: string): { readonly saved: string } | { readonly token: string } | null {
  if (SAVED.test(text)) return { saved: text.toLowerCase() };
  // Keys of Toss Payments hold the time, which is as long as a card number with a mistake.
  const isCard = text.startsWith("toss_") ? holdsCardNumber(text) : mayBeCard(text);
  return TOKEN.test(text) && !isCard ? { token: text } : null;
}
