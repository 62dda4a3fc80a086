/** What a payment provider can do for us, whoever it is and wherever it runs. */
import { isRefusal } from "#core/errors.ts";
import type { Money } from "#core/schema.ts";
import { answers, type Charge, type Label, Unsound } from "./charge.model.ts";
import { payment } from "./payment.contract.ts";

export type { Charge, Label } from "./charge.model.ts";

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
  /** Its body, whatever that is. @throws SIGNATURE_INVALID, MALFORMED_JSON */
  parseWebhook(webhook: Webhook): unknown;
  /** The provider's own books, where it shows them. */
  ledger?(query: LedgerQuery, signal?: AbortSignal): Promise<{ items: Charge[]; nextCursor: string | null }>;
  close(): Promise<void>;
}

/** The provider's no, final for this request. */
export class ProviderRefusal extends Error {
  override name = "ProviderRefusal";
}

/**
 * The provider with a limit to every call, and every answer checked; what it answers later, or what makes no sense, is
 * lost, and must be asked for again.
 * @param limit milliseconds
 * @param report is told of answers that make no sense
 * @throws PROVIDER_UNAVAILABLE when there is no answer, so that the outcome is unknown
 */
export function withTimeLimit(
  provider: PaymentProvider,
  limit: number,
  report: (operation: string, what: string) => void = () => {},
): PaymentProvider {
  const limited =
    <Request, Answer>(
      operation: string,
      ask: (request: Request, signal: AbortSignal) => Promise<unknown>,
      check: (answer: unknown) => asserts answer is Answer,
    ) =>
    async (request: Request): Promise<Answer> => {
      const { promise: late, reject } = Promise.withResolvers<never>();
      const waiting = new AbortController();
      const timer = setTimeout(() => {
        reject(new Error(`${provider.name} did not answer in ${limit} ms.`));
        waiting.abort();
      }, limit);
      try {
        const answer = await Promise.race([ask(request, waiting.signal), late]);
        check(answer);
        return answer;
      } catch (error) {
        if (error instanceof ProviderRefusal || isRefusal(error)) throw error;
        if (error instanceof Unsound) report(operation, error.message);
        throw Object.assign(payment.error("PROVIDER_UNAVAILABLE"), { cause: error });
      } finally {
        clearTimeout(timer);
      }
    };
  return {
    name: provider.name,
    authorize: limited("authorize", (request, signal) => provider.authorize(request, signal), answers.charge),
    confirm: limited("confirm", (request, signal) => provider.confirm(request, signal), answers.charge),
    capture: limited("capture", (request, signal) => provider.capture(request, signal), answers.charge),
    cancel: limited("cancel", (request, signal) => provider.cancel(request, signal), answers.charge),
    refund: limited("refund", (request, signal) => provider.refund(request, signal), answers.charge),
    retrieve: limited("retrieve", (reference, signal) => provider.retrieve(reference, signal), answers.chargeOrNull),
    describe: limited("describe", (token, signal) => provider.describe(token, signal), answers.labelOrNull),
    parseWebhook: (webhook) => provider.parseWebhook(webhook),
    ...(provider.ledger
      ? { ledger: limited("ledger", (query: LedgerQuery, signal) => provider.ledger!(query, signal), answers.ledger) }
      : {}),
    close: () => provider.close(),
  };
}
