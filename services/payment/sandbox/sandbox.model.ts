/** The sandbox's test tokens and the behaviour of each. */
import type { ChargeStatus } from "../payment.model.ts";
import type { Label } from "../payment.provider.ts";

interface Behaviour {
  /** The state of a charge after the request. */
  readonly status: ChargeStatus;
  readonly reason?: string;
  /** How often the webhook of the authorization is sent; 0 when the answer to the request already told it. */
  readonly webhooks?: number;
  /** The charge is authorized some time later, without another request. */
  readonly delayed?: boolean;
  /** The authorization is given up some time later, unless it was captured. */
  readonly expires?: boolean;
  /** The customer objects some time after the capture, and the bank decides so. */
  readonly disputed?: "won" | "lost";
  /** The charge takes effect, but its first answer comes too late. */
  readonly late?: boolean;
  readonly label: Label;
}

const behaviours: Readonly<Record<string, Behaviour>> = {
  tok_success: { status: "authorized", label: { brand: "visa", last4: "4242" } },
  tok_declined: { status: "declined", reason: "card_declined", label: { brand: "visa", last4: "0002" } },
  tok_insufficient_funds: { status: "declined", reason: "insufficient_funds", label: { brand: "visa", last4: "9995" } },
  tok_3ds: { status: "requires_action", webhooks: 1, label: { brand: "visa", last4: "3220" } },
  tok_delayed: { status: "processing", delayed: true, webhooks: 1, label: { brand: "mastercard", last4: "4444" } },
  tok_expires: { status: "authorized", expires: true, webhooks: 1, label: { brand: "visa", last4: "0069" } },
  tok_dispute_won: { status: "authorized", disputed: "won", label: { brand: "visa", last4: "0259" } },
  tok_dispute_lost: { status: "authorized", disputed: "lost", label: { brand: "visa", last4: "1976" } },
  tok_timeout: { status: "authorized", late: true, label: { brand: "mastercard", last4: "5100" } },
  tok_duplicate_webhook: { status: "authorized", webhooks: 2, label: { brand: "visa", last4: "1881" } },
};

const unknown: Behaviour = { status: "declined", reason: "unknown_token", label: { brand: "unknown", last4: "0000" } };

export const behaviourOf = (token: string): Behaviour =>
  Object.hasOwn(behaviours, token) ? behaviours[token]! : unknown;

export const labelOf = (token: string): Label | null => {
  const behaviour = behaviourOf(token);
  return behaviour === unknown ? null : behaviour.label;
};
