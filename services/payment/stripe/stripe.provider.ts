/**
 * Stripe as the payment provider, by its official library: PaymentIntents that are captured by hand
 * (docs.stripe.com/payments/place-a-hold-on-a-payment-method).
 */
import { Stripe } from "stripe";
import { sharedError } from "#core/errors.ts";
import { config } from "../payment.config.ts";
import type { ProviderDispute } from "../dispute.model.ts";
import { payment } from "../payment.contract.ts";
import {
  type Authorization,
  type CaptureRequest,
  type Charge,
  type Keep,
  type Label,
  type ListQuery,
  type Lookup,
  type MovementList,
  type PaymentProvider,
  ProviderRefusal,
  type Webhook,
} from "../payment.provider.ts";
import {
  chargeOf,
  disputeIn,
  disputeOf,
  movementOf,
  readToken,
  referenceIn,
  refusedCharge,
  wasMade,
  writeToken,
} from "./stripe.model.ts";

type OfCharge = Parameters<PaymentProvider["capture"]>[0];

/** The most that Stripe lists at once. */
const LIST_PAGE = 100;
/** Seconds that a webhook's signature counts. */
const TOLERANCE = 300;

const {
  StripeCardError,
  StripeError,
  StripeIdempotencyError,
  StripeInvalidRequestError,
  StripeSignatureVerificationError,
} = Stripe.errors;

/** The first request with this key is still under way, so its outcome is not known yet (docs.stripe.com/api/errors). */
const IN_USE = 409;

/** The code of what Stripe refuses for good; undefined for any other error, after which the outcome is unknown. */
function refusalIn(error: unknown): string | undefined {
  if (!(error instanceof StripeError) || error.statusCode === IN_USE) return undefined;
  if (error instanceof StripeIdempotencyError) return "key_reused";
  const isRefusal = error instanceof StripeInvalidRequestError || error instanceof StripeCardError;
  return isRefusal ? (error.code ?? "request_invalid") : undefined;
}

/** @throws ProviderRefusal for what Stripe refuses for good; any other error means that the outcome is unknown */
async function asked<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const code = refusalIn(error);
    throw code === undefined ? error : new ProviderRefusal(code);
  }
}

const inParts = { payment_method_options: { card: { request_multicapture: "if_available" } } } as const;

export class StripeProvider implements PaymentProvider {
  readonly name = "stripe";
  readonly #stripe: Stripe;
  readonly #webhookSecret: string;

  constructor() {
    const { protocol, hostname, port } = new URL(config.PAYMENT_STRIPE_URL);
    this.#webhookSecret = config.PAYMENT_STRIPE_WEBHOOK_SECRET!;
    this.#stripe = new Stripe(config.PAYMENT_STRIPE_KEY!, {
      host: hostname,
      protocol: protocol === "http:" ? "http" : "https",
      port: port || (protocol === "http:" ? 80 : 443),
      timeout: config.PAYMENT_PROVIDER_TIMEOUT,
      // Reconciliation asks again, with the same key.
      maxNetworkRetries: 0,
      telemetry: false,
    });
  }

  /** A declined card, and a request that Stripe will not begin, are answers. A repeated request is answered as the first was. */
  async authorize({ key, reference, amount, token, capture = false }: Authorization): Promise<Charge> {
    const { method, customer } = readToken(token);
    try {
      const intent = await this.#stripe.paymentIntents.create(
        {
          amount: amount.amount,
          currency: amount.currency.toLowerCase(),
          payment_method: method,
          ...(customer && { customer }),
          allowed_payment_method_types: ["card"],
          capture_method: capture ? "automatic" : "manual",
          ...(!capture && config.PAYMENT_STRIPE_MULTICAPTURE && inParts),
          confirm: true,
          return_url: config.PAYMENT_STRIPE_RETURN_URL!,
          metadata: { reference },
          expand: ["latest_charge"],
        },
        { idempotencyKey: key },
      );
      return chargeOf(intent);
    } catch (error) {
      if (error instanceof StripeCardError && error.payment_intent) return chargeOf(error.payment_intent);
      const code = refusalIn(error);
      if (code === undefined) throw error;
      if (code === "key_reused") throw new ProviderRefusal(code);
      return refusedCharge(reference, amount, code);
    }
  }

  /** The customer has answered the bank's question on its page, and Stripe has heard of it: nothing is to be sent. */
  confirm({ charge }: OfCharge): Promise<Charge> {
    return this.#present(charge);
  }

  /** Where Stripe captures once, it releases the rest by itself, and does not know `final_capture`. */
  async capture({ key, charge, amount, final }: CaptureRequest): Promise<Charge> {
    const several = amount !== undefined && (await this.#present(charge)).multicapture === true;
    const part = {
      ...(amount !== undefined && { amount_to_capture: amount }),
      ...(several && { final_capture: final === true }),
    };
    await asked(this.#stripe.paymentIntents.capture(charge, part, { idempotencyKey: key }));
    return this.#present(charge);
  }

  /** What is left after a capture is released by a last one of nothing. */
  async cancel({ key, charge }: OfCharge): Promise<Charge> {
    const present = await this.#present(charge);
    if (present.status === "authorized" && present.captured > 0)
      return this.capture({ key, charge, amount: 0, final: true });
    await asked(this.#stripe.paymentIntents.cancel(charge, {}, { idempotencyKey: key }));
    return this.#present(charge);
  }

  async refund({ key, charge, amount }: OfCharge & { readonly amount: number }): Promise<Charge> {
    await asked(this.#stripe.refunds.create({ payment_intent: charge, amount }, { idempotencyKey: key }));
    return this.#present(charge);
  }

  /** By its id where it is known: what Stripe's search finds is up to a minute old, so the state is asked for by the id. */
  async retrieve({ reference, charge }: Lookup): Promise<Charge | null> {
    if (wasMade(charge)) return this.#present(charge);
    const { data } = await asked(
      this.#stripe.paymentIntents.search({ query: `metadata["reference"]:"${reference}"`, limit: 1 }),
    );
    return data[0] ? this.#present(data[0].id) : null;
  }

  async list({ from, to, cursor }: ListQuery): Promise<MovementList> {
    const { data, has_more } = await asked(
      this.#stripe.balanceTransactions.list({
        created: { gte: Math.floor(from / 1000), lt: Math.floor(to / 1000) },
        limit: LIST_PAGE,
        ...(cursor && { starting_after: cursor }),
        expand: ["data.source.payment_intent"],
      }),
    );
    const items = data.flatMap((transaction) => movementOf(transaction) ?? []);
    return { items, nextCursor: has_more ? data.at(-1)!.id : null };
  }

  async dispute(id: string): Promise<ProviderDispute | null> {
    try {
      return disputeOf(await this.#stripe.disputes.retrieve(id, { expand: ["payment_intent"] }));
    } catch (error) {
      if (error instanceof StripeInvalidRequestError) return null;
      throw error;
    }
  }

  async describe(token: string): Promise<Label | null> {
    try {
      const { card } = await this.#stripe.paymentMethods.retrieve(readToken(token).method);
      return card ? { brand: card.brand, last4: card.last4 } : null;
    } catch (error) {
      if (error instanceof StripeInvalidRequestError) return null;
      throw error;
    }
  }

  /** A payment method can be used once, unless it is attached to a customer. */
  async keep({ token, owner, before }: Keep): Promise<string> {
    const { method } = readToken(token);
    const known = before && readToken(before).customer;
    const customer = known ?? (await this.#newCustomer(owner));
    await asked(this.#stripe.paymentMethods.attach(method, { customer }));
    return writeToken({ method, customer });
  }

  /** Detached from its customer, it can never be used again. */
  async forget(token: string): Promise<string> {
    const { method, customer } = readToken(token);
    if (customer !== undefined) await asked(this.#stripe.paymentMethods.detach(method));
    return token;
  }

  /** Only the reference of an event is used: see `receiveWebhook`. @throws SIGNATURE_INVALID, MALFORMED_JSON */
  parseWebhook({ headers, body }: Webhook): unknown {
    const event = this.#verified(body, headers["stripe-signature"] ?? "");
    const dispute = disputeIn(event);
    if (dispute !== null) return { id: event.id, dispute };
    const reference = referenceIn(event);
    return reference === null ? { type: event.type } : { id: event.id, charge: { reference } };
  }

  /** Its connections end with the process. */
  async close(): Promise<void> {}

  async #present(charge: string): Promise<Charge> {
    if (!wasMade(charge)) throw new ProviderRefusal("charge_unknown");
    return chargeOf(await asked(this.#stripe.paymentIntents.retrieve(charge, { expand: ["latest_charge"] })));
  }

  /** Stripe knows a person by our id alone. */
  async #newCustomer(owner: string): Promise<string> {
    const metadata = { owner };
    return (await asked(this.#stripe.customers.create({ metadata }, { idempotencyKey: `customer:${owner}` }))).id;
  }

  #verified(body: string, signature: string): Stripe.Event {
    try {
      return this.#stripe.webhooks.constructEvent(body, signature, this.#webhookSecret, TOLERANCE);
    } catch (error) {
      if (error instanceof StripeSignatureVerificationError) throw payment.error("SIGNATURE_INVALID");
      throw sharedError("MALFORMED_JSON");
    }
  }
}
