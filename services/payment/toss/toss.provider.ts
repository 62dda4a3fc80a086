/**
 * Toss Payments as the payment provider, by its HTTP API (docs.tosspayments.com/reference). The customer pays in the window of
 * Toss Payments on the shop's page; what that answers is the token, and the confirmation takes the money at once.
 */
import { createHash } from "node:crypto";
import { sharedError } from "#core/errors.ts";
import {
  type Authorization,
  type Charge,
  type Label,
  type ListQuery,
  type Lookup,
  type MovementList,
  type PaymentProvider,
  ProviderRefusal,
  type Webhook,
} from "../payment.provider.ts";
import { ask, TossRefusal } from "./http.provider.ts";
import {
  chargeOf,
  codeOf,
  inKorea,
  isUnconfirmed,
  movementOf,
  readToken,
  refusedCharge,
  type TossPayment,
  type TossTransaction,
} from "./toss.model.ts";

type OfCharge = Parameters<PaymentProvider["confirm"]>[0];

const LIST_PAGE = 500;
const SECOND = 1000;

/** Shown to the customer. It says nothing of the order, because what staff write may be personal. */
const CANCEL_REASON = "주문 취소 및 환불";

const pathOf = (paymentKey: string): string => `/v1/payments/${encodeURIComponent(paymentKey)}`;

/** @throws ProviderRefusal for what is refused for good; any other error means that the outcome is unknown */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof TossRefusal ? new ProviderRefusal(codeOf(error.code)) : error;
  }
}

export class TossProvider implements PaymentProvider {
  readonly name = "toss";
  readonly capturesAtOnce = true;

  chargeIn(token: string): string | null {
    return readToken(token)?.paymentKey ?? null;
  }

  /**
   * A payment that is not confirmed is an answer. One that somebody else has confirmed does not pay for this order: a
   * confirmation of our own is answered as the first time, because its key is the same.
   */
  async authorize({ key, reference, amount, token }: Authorization, signal?: AbortSignal): Promise<Charge> {
    const read = readToken(token);
    if (!read) return refusedCharge(`never:${reference}`, reference, amount, "unknown_token");
    const { orderId, paymentKey } = read;
    if (amount.currency !== "KRW") return refusedCharge(paymentKey, reference, amount, "currency_not_supported");
    try {
      const body = { paymentKey, orderId, amount: amount.amount };
      const path = "/v1/payments/confirm";
      const confirmed = await ask<TossPayment>({ method: "POST", path, body, key, signal });
      // A repeated confirmation is answered as the first time, and a deposit may have come since.
      const present = confirmed.status === "DONE" ? confirmed : await this.#present(paymentKey, signal);
      return chargeOf(present ?? confirmed, confirmed.orderId === orderId ? reference : `another:${confirmed.orderId}`);
    } catch (error) {
      if (!(error instanceof TossRefusal)) throw error;
      return refusedCharge(paymentKey, reference, amount, codeOf(error.code));
    }
  }

  /** The customer has paid before the order was placed: nothing is to be continued. */
  async confirm(): Promise<Charge> {
    throw new ProviderRefusal("nothing_to_confirm");
  }

  async capture(): Promise<Charge> {
    throw new ProviderRefusal("captured_at_once");
  }

  /** Gives up what waits for a deposit. */
  async cancel({ key, charge, reference = "" }: OfCharge, signal?: AbortSignal): Promise<Charge> {
    const payment = await this.#present(charge, signal);
    if (!payment || payment.status !== "WAITING_FOR_DEPOSIT") throw new ProviderRefusal("not_open");
    return this.#cancel(charge, reference, { key, body: { cancelReason: CANCEL_REASON } }, signal);
  }

  refund(
    { key, charge, amount, reference = "" }: OfCharge & { readonly amount: number },
    signal?: AbortSignal,
  ): Promise<Charge> {
    const body = { cancelReason: CANCEL_REASON, cancelAmount: amount };
    return this.#cancel(charge, reference, { key, body }, signal);
  }

  /** Null also for a payment that was never confirmed. */
  async retrieve({ reference, charge }: Lookup, signal?: AbortSignal): Promise<Charge | null> {
    if (!charge || charge.startsWith("never:")) return null;
    const payment = await this.#present(charge, signal);
    return payment && !isUnconfirmed(payment) ? chargeOf(payment, reference) : null;
  }

  async list({ from, to, cursor }: ListQuery, signal?: AbortSignal): Promise<MovementList> {
    // Both ends are included.
    const range = { startDate: inKorea(from), endDate: inKorea(to - SECOND), limit: String(LIST_PAGE) };
    const query = new URLSearchParams({ ...range, ...(cursor && { startingAfter: cursor }) });
    const listed = await asked(
      ask<TossTransaction[]>({ method: "GET", path: `/v1/transactions?${query.toString()}`, signal }),
    );
    const items = listed.flatMap((transaction) => movementOf(transaction) ?? []);
    return { items, nextCursor: listed.length < LIST_PAGE ? null : listed.at(-1)!.transactionKey };
  }

  /** Null: a payment key pays once, so it cannot be saved. */
  async describe(): Promise<Label | null> {
    return null;
  }

  /** Toss Payments does not sign these webhooks. So only the key is taken, about which Toss Payments is asked. */
  parseWebhook({ body }: Webhook): unknown {
    const { eventType, data } = parsed(body);
    if (eventType !== "PAYMENT_STATUS_CHANGED") return { type: "toss.other" };
    return { id: createHash("sha256").update(body).digest("hex"), chargeId: data?.paymentKey };
  }

  async close(): Promise<void> {}

  async #cancel(
    charge: string,
    reference: string,
    request: { readonly key: string; readonly body: object },
    signal?: AbortSignal,
  ): Promise<Charge> {
    const path = `${pathOf(charge)}/cancel`;
    return chargeOf(await asked(ask<TossPayment>({ method: "POST", path, ...request, signal })), reference);
  }

  async #present(charge: string, signal?: AbortSignal): Promise<TossPayment | null> {
    try {
      return await ask<TossPayment>({ method: "GET", path: pathOf(charge), signal });
    } catch (error) {
      if (error instanceof TossRefusal && error.code === "NOT_FOUND_PAYMENT") return null;
      throw error instanceof TossRefusal ? new ProviderRefusal(codeOf(error.code)) : error;
    }
  }
}

interface TossEvent {
  readonly eventType?: unknown;
  readonly data?: { readonly paymentKey?: unknown } | null;
}

/** @throws MALFORMED_JSON */
function parsed(body: string): TossEvent {
  try {
    return (JSON.parse(body) ?? {}) as TossEvent;
  } catch {
    throw sharedError("MALFORMED_JSON");
  }
}
