/** What a payment provider can do for us, whoever it is and wherever it runs. */
import { isRefusal } from "#core/errors.ts";
import type { Money } from "#core/schema.ts";
import { payment } from "./payment.contract.ts";
import type { ChargeStatus } from "./payment.model.ts";

/** One charge as the provider keeps it; amounts in minor units of `currency`. */
export interface Charge {
  readonly id: string;
  /** Our order. */
  readonly reference: string;
  readonly status: ChargeStatus;
  readonly currency: Money["currency"];
  readonly authorized: number;
  readonly captured: number;
  readonly refunded: number;
  /** Why it was declined. */
  readonly reason: string | null;
  /** Where the customer proves who they are (3-D Secure). */
  readonly actionUrl: string | null;
}

/** The same key again has no other effect than the first time. */
interface Keyed {
  readonly key: string;
}
interface OfCharge extends Keyed {
  /** The provider's id. */
  readonly charge: string;
}
export interface Authorization extends Keyed {
  readonly reference: string;
  readonly amount: Money;
  readonly token: string;
}

/** A card as its owner knows it again; never more of its number. */
export interface Label {
  readonly brand: string;
  readonly last4: string;
}

export interface Webhook {
  readonly provider: string;
  readonly headers: Readonly<Record<string, string>>;
  /** As it was signed, not parsed. */
  readonly body: string;
}

export interface LedgerQuery {
  readonly reference?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Every method throws ProviderRefusal when the provider says no, and anything else when its answer is unknown.
 * `signal` tells that nobody waits for the answer any more.
 */
export interface PaymentProvider {
  readonly name: string;
  /** A card that is declined is an answer, not an error. */
  authorize(request: Authorization, signal?: AbortSignal): Promise<Charge>;
  /** The customer has come back from `actionUrl`. */
  confirm(request: OfCharge, signal?: AbortSignal): Promise<Charge>;
  capture(request: OfCharge, signal?: AbortSignal): Promise<Charge>;
  /** Gives up what is not captured. */
  cancel(request: OfCharge, signal?: AbortSignal): Promise<Charge>;
  refund(request: OfCharge & { readonly amount: number }, signal?: AbortSignal): Promise<Charge>;
  /** The charge as it is now; null when the provider never heard of it. */
  retrieve(reference: string, signal?: AbortSignal): Promise<Charge | null>;
  /** Null for a token the provider does not know. */
  describe(token: string, signal?: AbortSignal): Promise<Label | null>;
  /** @throws SIGNATURE_INVALID, MALFORMED_JSON */
  parseWebhook(webhook: Webhook): { readonly id: string; readonly charge: Charge };
  /** The provider's own books, where it shows them. */
  ledger?(query: LedgerQuery, signal?: AbortSignal): Promise<{ items: Charge[]; nextCursor: string | null }>;
  close(): Promise<void>;
}

/** The provider's no, final for this request. */
export class ProviderRefusal extends Error {
  override name = "ProviderRefusal";
}

/**
 * The provider with a limit to every call; what it answers later is lost, and must be asked for again.
 * @param limit milliseconds
 * @throws PROVIDER_UNAVAILABLE when there is no answer, so that the outcome is unknown
 */
export function withTimeLimit(provider: PaymentProvider, limit: number): PaymentProvider {
  const limited =
    <Request, Answer>(ask: (request: Request, signal: AbortSignal) => Promise<Answer>) =>
    async (request: Request): Promise<Answer> => {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const waiting = new AbortController();
      const timer = setTimeout(() => {
        reject(new Error(`${provider.name} did not answer in ${limit} ms.`));
        waiting.abort();
      }, limit);
      try {
        return await Promise.race([ask(request, waiting.signal), late]);
      } catch (error) {
        if (error instanceof ProviderRefusal || isRefusal(error)) throw error;
        throw Object.assign(payment.error("PROVIDER_UNAVAILABLE"), { cause: error });
      } finally {
        clearTimeout(timer);
      }
    };
  return {
    name: provider.name,
    authorize: limited((request, signal) => provider.authorize(request, signal)),
    confirm: limited((request, signal) => provider.confirm(request, signal)),
    capture: limited((request, signal) => provider.capture(request, signal)),
    cancel: limited((request, signal) => provider.cancel(request, signal)),
    refund: limited((request, signal) => provider.refund(request, signal)),
    retrieve: limited((reference, signal) => provider.retrieve(reference, signal)),
    describe: limited((token, signal) => provider.describe(token, signal)),
    parseWebhook: (webhook) => provider.parseWebhook(webhook),
    ...(provider.ledger ? { ledger: limited((query: LedgerQuery, signal) => provider.ledger!(query, signal)) } : {}),
    close: () => provider.close(),
  };
}
