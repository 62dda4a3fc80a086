/** The interface of a payment provider. Another provider implements it. */
import type { Static } from "typebox";
import { isRefusal } from "#core/errors.ts";
import type { Money } from "#core/schema.ts";
import { answers, type Charge, type Label, Unsound } from "./charge.model.ts";
import type { ProviderDispute } from "./dispute.model.ts";
import type { MovementPage } from "./report.model.ts";
import { payment } from "./payment.contract.ts";

export type { Charge, Label } from "./charge.model.ts";

/** A repeated request with the same key has no second effect. */
interface Keyed {
  readonly key: string;
}
interface OfCharge extends Keyed {
  /** The provider's id. */
  readonly charge: string;
  /** The id of our order, for a provider that does not know it. */
  readonly reference?: string;
}
/** A charge that may exist. */
export interface Lookup {
  /** The id of our order. */
  readonly reference: string;
  /** The provider's id, where an answer told it. */
  readonly charge?: string | null;
}
export interface Authorization extends Keyed {
  readonly reference: string;
  readonly amount: Money;
  readonly token: string;
  /** Capture it in the same request, or as soon as the customer has authenticated. */
  readonly capture?: boolean;
}
export interface CaptureRequest extends OfCharge {
  /** Minor units; the default is all that is left. 0 with `final` releases what is left. */
  readonly amount?: number;
  /** Nothing more is captured: the rest is released. */
  readonly final?: boolean;
}

/** A token that its owner wants to use again. */
export interface Keep {
  readonly token: string;
  /** The id of the person. */
  readonly owner: string;
  /** What was kept for this person before, if anything. */
  readonly before: string | undefined;
}

export interface Webhook {
  readonly provider: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The unparsed body, as it was signed. */
  readonly body: string;
}

/** A page of the provider's list of movements, of times from `from` up to but not including `to`, in milliseconds. */
export interface ListQuery {
  readonly from: number;
  readonly to: number;
  /** From the page before. */
  readonly cursor?: string;
}
export type MovementList = Static<typeof MovementPage>;

export interface LedgerQuery {
  readonly reference?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * Every method throws ProviderRefusal when the provider refuses, and any other error when the outcome is unknown.
 * `signal` is aborted when nobody waits for the answer any more.
 */
export interface PaymentProvider {
  readonly name: string;
  /** True for a provider that captures whatever it authorizes in the same request, and has no other way. */
  readonly capturesAtOnce?: boolean;
  /** The charge that a token will be, for a provider whose tokens pay once. The charge is of one order only. */
  chargeIn?(token: string): string | null;
  /** A declined card is an answer, not an error. */
  authorize(request: Authorization, signal?: AbortSignal): Promise<Charge>;
  /** Continues after the customer has returned from `actionUrl`. */
  confirm(request: OfCharge, signal?: AbortSignal): Promise<Charge>;
  /** Captures a part only where the charge says `multicapture`, or else with `final`. */
  capture(request: CaptureRequest, signal?: AbortSignal): Promise<Charge>;
  /** Releases what is not captured. */
  cancel(request: OfCharge, signal?: AbortSignal): Promise<Charge>;
  refund(request: OfCharge & { readonly amount: number }, signal?: AbortSignal): Promise<Charge>;
  /** The present charge; null when the provider has none for this reference. */
  retrieve(lookup: Lookup, signal?: AbortSignal): Promise<Charge | null>;
  /** Null for a token that the provider does not know. */
  describe(token: string, signal?: AbortSignal): Promise<Label | null>;
  /**
   * Makes a token usable more than once, and answers what to store instead of it. Without this method tokens are stored
   * as they are.
   */
  keep?(request: Keep, signal?: AbortSignal): Promise<string>;
  /** Movements of money: captures, refunds, disputes. Without this method there is no daily report. */
  list?(query: ListQuery, signal?: AbortSignal): Promise<MovementList>;
  /** Undoes `keep`. Without this method there is nothing to undo. */
  forget?(token: string, signal?: AbortSignal): Promise<string>;
  /** A dispute by the provider's id; null when the provider has none. Without this method it tells of none. */
  dispute?(id: string, signal?: AbortSignal): Promise<ProviderDispute | null>;
  /** Verifies a webhook and answers its body. @throws SIGNATURE_INVALID, MALFORMED_JSON */
  parseWebhook(webhook: Webhook): unknown;
  /** The provider's own books, if it shows them. */
  ledger?(query: LedgerQuery, signal?: AbortSignal): Promise<{ items: Charge[]; nextCursor: string | null }>;
  close(): Promise<void>;
}

/** A provider that shows its own books. */
export type ProviderWithLedger = PaymentProvider & Required<Pick<PaymentProvider, "dispute" | "ledger" | "list">>;

/** A refusal by the provider, which is final for this request. */
export class ProviderRefusal extends Error {
  override name = "ProviderRefusal";
}

/**
 * Gives the provider a time limit for each call, and checks every answer. An answer that comes later, or has a wrong
 * shape, is lost and must be asked for again.
 * @param limit milliseconds
 * @param report is called for answers of a wrong shape
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
    ...(provider.capturesAtOnce ? { capturesAtOnce: true } : {}),
    ...(provider.chargeIn ? { chargeIn: (token) => provider.chargeIn!(token) } : {}),
    authorize: limited("authorize", (request, signal) => provider.authorize(request, signal), answers.charge),
    confirm: limited("confirm", (request, signal) => provider.confirm(request, signal), answers.charge),
    capture: limited("capture", (request: CaptureRequest, signal) => provider.capture(request, signal), answers.charge),
    cancel: limited("cancel", (request, signal) => provider.cancel(request, signal), answers.charge),
    refund: limited("refund", (request, signal) => provider.refund(request, signal), answers.charge),
    retrieve: limited("retrieve", (lookup: Lookup, signal) => provider.retrieve(lookup, signal), answers.chargeOrNull),
    describe: limited("describe", (token, signal) => provider.describe(token, signal), answers.labelOrNull),
    parseWebhook: (webhook) => provider.parseWebhook(webhook),
    ...(provider.keep
      ? { keep: limited("keep", (request: Keep, signal) => provider.keep!(request, signal), answers.token) }
      : {}),
    ...(provider.list
      ? { list: limited("list", (query: ListQuery, signal) => provider.list!(query, signal), answers.movements) }
      : {}),
    ...(provider.forget
      ? { forget: limited("forget", (token: string, signal) => provider.forget!(token, signal), answers.token) }
      : {}),
    ...(provider.dispute
      ? { dispute: limited("dispute", (id: string, signal) => provider.dispute!(id, signal), answers.disputeOrNull) }
      : {}),
    ...(provider.ledger
      ? { ledger: limited("ledger", (query: LedgerQuery, signal) => provider.ledger!(query, signal), answers.ledger) }
      : {}),
    close: () => provider.close(),
  };
}
