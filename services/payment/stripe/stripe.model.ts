/** What Stripe's PaymentIntents say, as charges of ours (docs.stripe.com/payments/paymentintents/lifecycle). */
import type { Stripe } from "stripe";
import type { Money } from "#core/schema.ts";
import { type ChargeStatus, EXPIRED } from "../payment.model.ts";
import type { DisputeStatus, ProviderDispute } from "../dispute.model.ts";
import type { Movement } from "../report.model.ts";
import type { Charge } from "../payment.provider.ts";

/** A card that was declined leaves its intent waiting for another one, which we never send. */
const statuses: Readonly<Record<string, ChargeStatus>> = {
  requires_payment_method: "declined",
  requires_confirmation: "processing",
  requires_action: "requires_action",
  processing: "processing",
  requires_capture: "authorized",
  succeeded: "captured",
  canceled: "voided",
};

/** The id of a charge that Stripe refused to begin, for example with a payment method that does not exist. */
export const neverMade = (reference: string): string => `never:${reference}`;
export const wasMade = (charge: string | null | undefined): charge is string =>
  typeof charge === "string" && !charge.startsWith("never:");

/** The more precise of the two codes of a decline. */
const declined = (error: Stripe.PaymentIntent["last_payment_error"]): string =>
  error?.decline_code ?? error?.code ?? "declined";

/** Stripe cancels by itself what is not captured in time (docs.stripe.com/payments/place-a-hold-on-a-payment-method). */
const expired: ReadonlySet<unknown> = new Set(["automatic", "expired"]);

function reasonOf(intent: Stripe.PaymentIntent, status: ChargeStatus): string | null {
  if (status === "declined") return declined(intent.last_payment_error);
  return status === "voided" && expired.has(intent.cancellation_reason) ? EXPIRED : null;
}

/** Whether the amount can be captured in several parts (docs.stripe.com/payments/multicapture). */
const hasSeveral = (charge: Stripe.Charge | null): boolean =>
  charge?.payment_method_details?.card?.multicapture?.status === "available";

/** @param intent with its `latest_charge` expanded */
export function chargeOf(intent: Stripe.PaymentIntent): Charge {
  const status = statuses[intent.status] ?? "processing";
  const latest =
    intent.latest_charge !== null && typeof intent.latest_charge === "object" ? intent.latest_charge : null;
  const isHeld = status === "authorized" || status === "captured";
  return {
    id: intent.id,
    reference: intent.metadata.reference ?? "",
    status,
    currency: intent.currency.toUpperCase() as Money["currency"],
    authorized: isHeld ? intent.amount : 0,
    captured: isHeld ? intent.amount_received : 0,
    refunded: latest?.amount_refunded ?? 0,
    reason: reasonOf(intent, status),
    actionUrl: status === "requires_action" ? (intent.next_action?.redirect_to_url?.url ?? null) : null,
    multicapture: hasSeveral(latest),
  };
}

/** The charge of a request that Stripe would not begin. */
export const refusedCharge = (reference: string, { currency }: Money, reason: string): Charge => ({
  id: neverMade(reference),
  reference,
  status: "declined",
  currency,
  authorized: 0,
  captured: 0,
  refunded: 0,
  reason,
  actionUrl: null,
});

/** A saved payment method is used together with the customer to whom it is attached. */
export interface Token {
  readonly method: string;
  readonly customer?: string;
}

export function readToken(token: string): Token {
  const [method = "", customer] = token.split("@");
  return customer === undefined ? { method } : { method, customer };
}
export const writeToken = ({ method, customer }: Required<Token>): string => `${method}@${customer}`;

/** What Stripe says of disputes (docs.stripe.com/api/disputes/object). */
const disputeStatuses: Readonly<Record<string, DisputeStatus>> = {
  warning_needs_response: "inquiry",
  warning_under_review: "inquiry",
  warning_closed: "closed",
  prevented: "closed",
  needs_response: "needs_response",
  under_review: "under_review",
  won: "won",
  lost: "lost",
};

/** @param dispute with its `payment_intent` expanded; null when that is not one of ours */
export function disputeOf({
  id,
  status,
  amount,
  currency,
  reason,
  ...dispute
}: Stripe.Dispute): ProviderDispute | null {
  const { payment_intent: intent, evidence_details: evidence } = dispute;
  if (intent === null || typeof intent !== "object" || !intent.metadata.reference) return null;
  return {
    id,
    charge: intent.id,
    reference: intent.metadata.reference,
    status: disputeStatuses[status] ?? "under_review",
    currency: currency.toUpperCase() as Money["currency"],
    amount,
    reason,
    dueAt: evidence.due_by === null ? null : new Date(evidence.due_by * 1000).toISOString(),
  };
}

/** The id of the dispute that an event is about; null for any other event. */
export const disputeIn = ({ type, data }: Stripe.Event): string | null =>
  type.startsWith("charge.dispute.") ? ((data.object as { readonly id?: string }).id ?? null) : null;

const kinds: Readonly<Record<string, Movement["kind"]>> = {
  charge: "capture",
  payment: "capture",
  refund: "refund",
  payment_refund: "refund",
  adjustment: "dispute",
};

/** What the source of a balance transaction says: a charge, a refund or a dispute, with its intent expanded. */
interface Source {
  readonly id: string;
  readonly object: string;
  readonly amount: number;
  readonly amount_captured?: number;
  readonly currency: string;
  readonly payment_intent?: string | Pick<Stripe.PaymentIntent, "id" | "metadata"> | null;
}

/** @returns null for what is no payment of ours, such as a payout, or a charge of another system */
export function movementOf({ id, type, fee, currency, ...transaction }: Stripe.BalanceTransaction): Movement | null {
  const source = transaction.source as unknown as Source | string | null;
  const kind = kinds[type];
  if (!kind || source === null || typeof source !== "object") return null;
  const { payment_intent: intent, amount_captured, amount } = source;
  const isOther = kind === "dispute" && source.object !== "dispute";
  if (isOther || !intent || typeof intent !== "object" || !intent.metadata.reference) return null;
  return {
    id,
    kind,
    charge: intent.id,
    reference: intent.metadata.reference,
    ...(kind === "dispute" && { dispute: source.id }),
    // The account may be paid in another currency than the customer pays in.
    currency: source.currency.toUpperCase() as Money["currency"],
    amount: kind === "capture" ? (amount_captured ?? amount) : amount,
    fee: currency === source.currency ? fee : null,
  };
}

/** The reference of our order in an event about one of our charges; null for any other event. */
export function referenceIn({ type, data }: Stripe.Event): string | null {
  if (!/^(?:payment_intent|charge)\.(?!dispute\.)/.test(type)) return null;
  // Stripe copies the metadata of an intent to its charges.
  const { metadata } = data.object as { readonly metadata?: Readonly<Record<string, string>> };
  return metadata?.reference ?? null;
}
