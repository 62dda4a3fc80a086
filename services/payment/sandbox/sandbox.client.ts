/** The client for a sandbox in another process. */
import { Agent } from "node:http";
import { decodeCursor, positions } from "#core/cursor.ts";
import {
  type Authorization,
  type Charge,
  type Label,
  type LedgerQuery,
  type PaymentProvider,
  ProviderRefusal,
  type Webhook,
} from "../payment.provider.ts";
import { type Operation, operations, post, REFUSED } from "./sandbox.http.ts";
import { apiKey, parseWebhook, webhookSecret } from "./sandbox.webhook.ts";

type OfCharge = Parameters<PaymentProvider["capture"]>[0];
type Books = Awaited<ReturnType<NonNullable<PaymentProvider["ledger"]>>>;

export class SandboxClient implements PaymentProvider {
  readonly name = "sandbox";
  readonly #agent = new Agent({ keepAlive: true, maxFreeSockets: 64 });
  readonly #urls: Readonly<Record<Operation, URL>>;
  readonly #headers = { authorization: `Bearer ${apiKey()}` };
  readonly #secret = webhookSecret();

  /** @param base e.g. http://127.0.0.1:4010 */
  constructor(base: string) {
    const addresses = Object.keys(operations).map((name) => [name, new URL(`/v1/${name}`, base)] as const);
    this.#urls = Object.fromEntries(addresses) as Record<Operation, URL>;
  }

  authorize(request: Authorization, signal?: AbortSignal): Promise<Charge> {
    return this.#ask("authorize", request, signal);
  }

  confirm(request: OfCharge, signal?: AbortSignal): Promise<Charge> {
    return this.#ask("confirm", request, signal);
  }

  capture(request: OfCharge, signal?: AbortSignal): Promise<Charge> {
    return this.#ask("capture", request, signal);
  }

  cancel(request: OfCharge, signal?: AbortSignal): Promise<Charge> {
    return this.#ask("cancel", request, signal);
  }

  refund(request: OfCharge & { readonly amount: number }, signal?: AbortSignal): Promise<Charge> {
    return this.#ask("refund", request, signal);
  }

  retrieve(reference: string, signal?: AbortSignal): Promise<Charge | null> {
    return this.#ask("retrieve", reference, signal);
  }

  describe(token: string, signal?: AbortSignal): Promise<Label | null> {
    return this.#ask("describe", token, signal);
  }

  parseWebhook(webhook: Webhook): unknown {
    return parseWebhook(this.#secret, webhook);
  }

  async ledger(query: LedgerQuery, signal?: AbortSignal): Promise<Books> {
    // A forged cursor is the client's mistake, which the HTTP protocol of the sandbox does not tell from other
    // refusals.
    decodeCursor(query.cursor, positions.id);
    return this.#ask("ledger", query, signal);
  }

  async close(): Promise<void> {
    this.#agent.destroy();
  }

  /** @throws ProviderRefusal, or Error when the outcome is unknown */
  async #ask<Answer>(operation: Operation, argument: unknown, signal?: AbortSignal): Promise<Answer> {
    const request = { agent: this.#agent, headers: this.#headers, body: JSON.stringify(argument), signal };
    const { status, body } = await post(this.#urls[operation], request);
    const answer = JSON.parse(body) as { readonly code: string };
    if (status === 200) return answer as Answer;
    if (status === REFUSED) throw new ProviderRefusal(answer.code);
    throw new Error(`The sandbox answered ${status} ${answer.code} to ${operation}.`);
  }
}
