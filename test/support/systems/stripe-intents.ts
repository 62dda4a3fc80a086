/** The intents of the stand-in for Stripe: what its test payment methods do, and what is shown of an intent. */
export interface Intent {
  readonly id: string;
  readonly reference: string;
  readonly currency: string;
  readonly amount: number;
  readonly customer: string | null;
  /** Whether Stripe captures it as it is authorized. */
  readonly isAutomatic: boolean;
  /** Whether it can be captured in several parts. */
  readonly isMulti: boolean;
  status: string;
  captured: number;
  cancellation: string | null;
  refunded: number;
  decline: { readonly code: string; readonly decline_code: string } | null;
}

/** What each test payment method does when its intent is confirmed. */
export const methods: Readonly<Record<string, Partial<Intent>>> = {
  pm_card_visa: { status: "requires_capture" },
  pm_card_mastercard: { status: "requires_capture" },
  pm_card_authenticationRequired: { status: "requires_action" },
  pm_card_chargeDeclined: {
    status: "requires_payment_method",
    decline: { code: "card_declined", decline_code: "generic_decline" },
  },
  pm_card_chargeDeclinedInsufficientFunds: {
    status: "requires_payment_method",
    decline: { code: "card_declined", decline_code: "insufficient_funds" },
  },
};

/** Holds the amount, or captures it where that was asked for with it. */
export function authorized(intent: Intent): void {
  intent.status = intent.isAutomatic ? "succeeded" : "requires_capture";
  if (intent.isAutomatic) intent.captured = intent.amount;
}

/** The fields of docs.stripe.com/api/payment_intents/object that are read, with the charge expanded. */
export function shown({
  id,
  reference,
  currency,
  amount,
  customer,
  status,
  captured,
  refunded,
  decline,
  ...intent
}: Intent) {
  const isCaptured = status === "succeeded";
  const multicapture = { status: intent.isMulti ? "available" : "unavailable" };
  const url = `https://hooks.stripe.com/3d_secure_2/hosted?merchant=acct_1&payment_intent=${id}`;
  return {
    id,
    object: "payment_intent",
    amount,
    amount_received: captured,
    cancellation_reason: intent.cancellation,
    currency,
    customer,
    metadata: { reference },
    status,
    capture_method: intent.isAutomatic ? "automatic" : "manual",
    last_payment_error: decline && { type: "card_error", ...decline },
    next_action: status === "requires_action" ? { type: "redirect_to_url", redirect_to_url: { url } } : null,
    latest_charge:
      status === "requires_action"
        ? null
        : {
            id: `ch_${id.slice(3)}`,
            object: "charge",
            amount,
            amount_refunded: refunded,
            captured: isCaptured,
            payment_method_details: { type: "card", card: { multicapture } },
          },
  };
}

/** What moved the balance (docs.stripe.com/api/balance_transactions), with the sources expanded; amounts before fees. */
export const transactionsOf = (intents: Iterable<Intent>) =>
  [...intents].flatMap((intent) => {
    const payment_intent = { id: intent.id, metadata: { reference: intent.reference } };
    const about = { currency: intent.currency, payment_intent };
    const moved = (type: string, object: string, amount: number, more: object = {}) =>
      amount === 0
        ? []
        : [
            {
              id: `txn_${type}_${intent.id}`,
              object: "balance_transaction",
              type,
              amount,
              fee: 30,
              currency: intent.currency,
              source: { id: `${object}_${intent.id}`, object, amount, ...about, ...more },
            },
          ];
    return [
      ...moved("charge", "charge", intent.captured, { amount_captured: intent.captured }),
      ...moved("refund", "refund", intent.refunded),
    ];
  });
