/**
 * A stand-in for Stripe: an HTTP server that answers as docs.stripe.com/api describes the few operations that Madang uses. It
 * keeps its books in memory, knows Stripe's test payment methods (docs.stripe.com/testing), remembers idempotency keys,
 * and signs webhooks. What it does not know it refuses, so that nothing is sent by mistake.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Stripe } from "stripe";
import { authorized, type Intent, methods, shown, transactionsOf } from "./stripe-intents.ts";

export const stripeSecrets = { key: "sk_test_of_the_stand_in", webhook: "whsec_of_the_stand_in" };

interface Dispute {
  readonly id: string;
  readonly payment_intent: string;
  readonly [field: string]: unknown;
}

class Refusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, error: object) {
    super(JSON.stringify(error));
    this.status = status;
    this.body = { error };
  }
}
const invalid = (code: string, status = 400) =>
  new Refusal(status, { type: "invalid_request_error", code, message: code });

/** The answer is lost after the work was done, a server fails before it, or the first request with the key is still under way. */
export type Fault = "lost" | "failed" | "in use";

export class StripeStandIn {
  readonly #server: Server;
  readonly #intents = new Map<string, Intent>();
  readonly #disputes = new Map<string, Dispute>();
  readonly #attached = new Map<string, string>();
  readonly #answers = new Map<string, { readonly request: string; readonly status: number; readonly body: unknown }>();
  readonly requests: string[] = [];
  /** Whether the account, the card and the currency have several captures. */
  hasMulticapture = false;
  #faults: Fault[] = [];
  #ids = 0;

  private constructor() {
    this.#server = createServer((req, res) => void this.#serve(req, res));
  }

  static async start(): Promise<StripeStandIn> {
    const standIn = new StripeStandIn();
    await once(standIn.#server.listen(0, "127.0.0.1"), "listening");
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Of the next requests that change something. */
  fail(...faults: readonly Fault[]): void {
    this.#faults = [...faults];
  }

  /** Every intent of an order, as Stripe's books have it. */
  books(reference: string) {
    return [...this.#intents.values()].filter((intent) => intent.reference === reference);
  }

  /** The customer answers the bank's question on its page. */
  authenticate(reference: string): void {
    for (const intent of this.books(reference)) authorized(intent);
  }

  /** The bank gives up what was not captured in time. */
  expire(reference: string): void {
    for (const intent of this.books(reference))
      if (intent.captured > 0) intent.status = "succeeded";
      else Object.assign(intent, { status: "canceled", cancellation: "automatic" });
  }

  /** Somebody captures by hand, in Stripe's dashboard. */
  capture(reference: string): void {
    for (const intent of this.books(reference)) Object.assign(intent, { status: "succeeded", captured: intent.amount });
  }

  /** A customer's bank wants an order's payment back, or has decided about that. */
  dispute(reference: string, status: string, amount?: number): string {
    const [intent] = this.books(reference);
    const known = [...this.#disputes.values()].find((one) => one.payment_intent === intent!.id);
    const id = known?.id ?? this.#id("du");
    const about = { payment_intent: intent!.id, currency: intent!.currency, amount: amount ?? intent!.captured };
    this.#disputes.set(id, { id, object: "dispute", reason: "fraudulent", status, ...about });
    return id;
  }

  /** A webhook about an order's intent, signed as Stripe signs it. */
  webhook(reference: string, type: string, secret = stripeSecrets.webhook, timestamp = Math.floor(Date.now() / 1000)) {
    const [intent] = this.books(reference);
    const event = { id: this.#id("evt"), object: "event", api_version: "2026-10-28.endive", type };
    const object = intent ? shown(intent) : { object: "payout" };
    const dispute = [...this.#disputes.values()].find((one) => one.payment_intent === intent?.id);
    const body = JSON.stringify({
      ...event,
      data: { object: type.includes("dispute") ? (dispute ?? object) : object },
    });
    const signature = new Stripe("sk_test").webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
    return { provider: "stripe", headers: { "stripe-signature": signature }, body };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #id(prefix: string): string {
    return `${prefix}_${String((this.#ids += 1)).padStart(24, "0")}`;
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await text(req);
    const url = new URL(req.url!, "http://stripe");
    this.requests.push(`${req.method} ${url.pathname}`);
    const fault = req.method === "POST" ? this.#faults.shift() : undefined;
    const { status, body: answer } =
      fault === "failed" || fault === "in use" ? undone[fault] : this.#once(req, url, new URLSearchParams(body));
    if (fault === "lost") return void res.destroy();
    res.writeHead(status, { "content-type": "application/json", "request-id": this.#id("req") });
    res.end(JSON.stringify(answer));
  }

  /** Stripe keeps what it answered to a key, unless the request was not valid (docs.stripe.com/api/idempotent_requests). */
  #once(req: IncomingMessage, url: URL, form: URLSearchParams): { readonly status: number; readonly body: unknown } {
    const key = req.headers["idempotency-key"] as string | undefined;
    const request = `${req.method} ${url.pathname} ${form.toString()}`;
    const known = key === undefined ? undefined : this.#answers.get(key);
    if (known && known.request !== request)
      return { status: 400, body: { error: { type: "idempotency_error", message: "Keys are for one request." } } };
    if (known) return known;
    try {
      if (req.headers.authorization !== `Bearer ${stripeSecrets.key}`)
        throw new Refusal(401, { type: "authentication_error", message: "Invalid API Key provided" });
      const answer = { request, status: 200, body: this.#answer(req.method!, url, form) };
      if (key !== undefined) this.#answers.set(key, answer);
      return answer;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (key !== undefined && error.status === 402) this.#answers.set(key, { request, status: 402, body: error.body });
      return error;
    }
  }

  #answer(method: string, { pathname, searchParams }: URL, form: URLSearchParams): unknown {
    const [, , resource, id, verb] = pathname.split("/") as [string, string, string, string?, string?];
    const route = `${method} ${resource}${id ? (verb ? ` ${verb}` : id === "search" ? " search" : " one") : ""}`;
    switch (route) {
      case "POST payment_intents":
        return this.#create(form);
      case "GET payment_intents search":
        return { object: "search_result", data: this.#search(searchParams), has_more: false };
      case "GET payment_intents one":
        return shown(this.#intent(id!));
      case "POST payment_intents capture":
        return shown(this.#capture(id!, form));
      case "POST payment_intents cancel":
        return shown(this.#move(id!, ["requires_capture", "requires_action", "requires_payment_method"], "canceled"));
      case "POST refunds":
        return this.#refund(form);
      case "GET balance_transactions":
        return { object: "list", data: transactionsOf(this.#intents.values()), has_more: false };
      case "GET disputes one":
        return this.#dispute(id!);
      case "GET payment_methods one":
        return this.#method(id!);
      case "POST payment_methods attach":
        this.#attached.set(id!, form.get("customer")!);
        return this.#method(id!);
      case "POST payment_methods detach":
        if (!this.#attached.delete(id!)) throw invalid("payment_method_not_attached");
        return this.#method(id!);
      case "POST customers":
        return { id: this.#id("cus"), object: "customer", metadata: { owner: form.get("metadata[owner]") } };
      default:
        throw invalid("resource_missing", 404);
    }
  }

  #create(form: URLSearchParams): unknown {
    const token = form.get("payment_method")!;
    const behaviour = methods[token];
    if (!behaviour) throw invalid("resource_missing");
    const method = form.get("capture_method");
    if (form.get("confirm") !== "true" || !["manual", "automatic"].includes(method!))
      throw invalid("parameter_missing");
    const customer = form.get("customer");
    if ((this.#attached.get(token) ?? null) !== customer && customer !== null) throw invalid("payment_method_customer");
    const intent: Intent = {
      id: this.#id("pi"),
      reference: form.get("metadata[reference]")!,
      currency: form.get("currency")!,
      amount: Number(form.get("amount")),
      customer,
      isAutomatic: method === "automatic",
      isMulti:
        this.hasMulticapture && form.get("payment_method_options[card][request_multicapture]") === "if_available",
      status: "processing",
      captured: 0,
      cancellation: null,
      refunded: 0,
      decline: null,
      ...behaviour,
    };
    if (intent.status === "requires_capture") authorized(intent);
    this.#intents.set(intent.id, intent);
    if (!intent.decline) return shown(intent);
    throw new Refusal(402, { type: "card_error", ...intent.decline, message: "", payment_intent: shown(intent) });
  }

  #search(query: URLSearchParams): unknown[] {
    const reference = /^metadata\["reference"\]:"([^"]+)"$/.exec(query.get("query")!)?.[1];
    return this.books(reference ?? "").map(shown);
  }

  #intent(id: string): Intent {
    const intent = this.#intents.get(id);
    if (!intent) throw invalid("resource_missing", 404);
    return intent;
  }

  #move(id: string, from: readonly string[], to: string): Intent {
    const intent = this.#intent(id);
    if (!from.includes(intent.status)) throw invalid("payment_intent_unexpected_state");
    intent.status = to;
    return intent;
  }

  /** Without several captures the first one releases the rest (docs.stripe.com/api/payment_intents/capture). */
  #capture(id: string, form: URLSearchParams): Intent {
    const intent = this.#intent(id);
    const left = intent.amount - intent.captured;
    const amount = form.has("amount_to_capture") ? Number(form.get("amount_to_capture")) : left;
    if (form.has("final_capture") && !intent.isMulti) throw invalid("parameter_unknown");
    const isFinal = !intent.isMulti || form.get("final_capture") !== "false" || amount === left;
    if (intent.status !== "requires_capture" || amount > left) throw invalid("payment_intent_unexpected_state");
    if (amount === 0 && intent.captured === 0) throw invalid("amount_too_small");
    intent.captured += amount;
    if (isFinal) intent.status = "succeeded";
    return intent;
  }

  #refund(form: URLSearchParams): unknown {
    const intent = this.#intent(form.get("payment_intent")!);
    const amount = Number(form.get("amount"));
    if (intent.refunded + amount > intent.captured) throw invalid("amount_too_large");
    intent.refunded += amount;
    return { id: this.#id("re"), object: "refund", amount, payment_intent: intent.id, status: "succeeded" };
  }

  #dispute(id: string): unknown {
    const dispute = this.#disputes.get(id);
    if (!dispute) throw invalid("resource_missing", 404);
    const evidence_details = { due_by: 1_800_000_000 };
    return { ...dispute, evidence_details, payment_intent: shown(this.#intent(dispute.payment_intent)) };
  }

  #method(id: string): unknown {
    if (!methods[id]) throw invalid("resource_missing", 404);
    const brand = id.includes("mastercard") ? "mastercard" : "visa";
    const customer = this.#attached.get(id) ?? null;
    return { id, object: "payment_method", type: "card", card: { brand, last4: "4242" }, customer };
  }
}

const errorOf = (status: number, error: object) => ({ status, body: { error: { message: "", ...error } } });
const undone = {
  failed: errorOf(500, { type: "api_error" }),
  "in use": errorOf(409, { type: "idempotency_error", code: "idempotency_key_in_use" }),
};
