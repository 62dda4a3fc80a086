/** The rules of payments: their states, what the provider's word means for them, and what passes for a token. */
import { mayBeCard } from "#core/card.ts";
import { now } from "#core/clock.ts";

export const paymentStatuses = [
  "requires_action",
  "processing",
  "requires_capture",
  "succeeded",
  "failed",
  "cancelled",
] as const;
export type PaymentStatus = (typeof paymentStatuses)[number];

export const refundStatuses = ["pending", "succeeded", "failed"] as const;
export type RefundStatus = (typeof refundStatuses)[number];

/** Why we refund without being asked by staff, whose reasons are prose. */
export const ownReasons: readonly string[] = ["order_cancelled", "late"];

/** A refund's reason as others are told: events stay for long, and what staff write may name somebody. */
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

/** What each state may become; the last three are final. */
export const transitions: Readonly<Record<PaymentStatus, readonly PaymentStatus[]>> = {
  processing: ["requires_action", "requires_capture", "succeeded", "failed", "cancelled"],
  requires_action: ["processing", "requires_capture", "succeeded", "failed", "cancelled"],
  requires_capture: ["succeeded", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
};

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

/** What a charge's state means for its payment. */
export const meaningOf = (charge: ChargeStatus): PaymentStatus => meanings[charge];

/** Where a payment stands once the provider has spoken; a word that comes too late changes nothing. */
export const follow = (status: PaymentStatus, charge: ChargeStatus): PaymentStatus =>
  canBecome(status, meanings[charge]) ? meanings[charge] : status;

/** True while the provider may still take, or holds, money that was not captured. */
export const isOpen = (charge: ChargeStatus): boolean =>
  charge === "requires_action" || charge === "processing" || charge === "authorized";

interface Holdings {
  readonly status: ChargeStatus;
  readonly captured: number;
  readonly refunded: number;
}

/** True when the provider holds money for a payment that came to nothing, so that it must go back. */
export const isStray = (status: PaymentStatus, charge: Holdings): boolean =>
  (status === "cancelled" || status === "failed") && (isOpen(charge.status) || charge.captured > charge.refunded);

const HOUR = 60 * 60 * 1000;

/**
 * When to look at something unfinished again: the older it is, the rarer.
 * @param since when it began, RFC 3339
 * @param soonest milliseconds until the first look
 */
export const nextCheck = (since: string, soonest: number): number =>
  now() + Math.min(Math.max(now() - Date.parse(since), soonest), HOUR);

const TOKEN = /^tok_[a-z0-9_]+$/;
const SAVED = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What a client means by a payment method; null for anything that is neither, above all a card number. */
export function readMethod(text: string): { readonly saved: string } | { readonly token: string } | null {
  if (SAVED.test(text)) return { saved: text.toLowerCase() };
  return TOKEN.test(text) && !mayBeCard(text) ? { token: text } : null;
}
