/**
 * A stand-in for Toss Payments: an HTTP server that answers as docs.tosspayments.com/reference describes the few operations that
 * Madang uses. It keeps its books in memory, plays the payment window, and remembers idempotency keys. It is no proof that
 * Toss Payments behaves so. What it does not know it refuses, so that nothing is sent by mistake.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

interface Cancel {
  readonly cancelAmount: number;
  readonly cancelReason: string;
  readonly transactionKey: string;
}

interface Transaction {
  readonly transactionKey: string;
  readonly transactionAt: string;
  readonly [field: string]: unknown;
}

interface Payment {
  readonly paymentKey: string;
  readonly orderId: string;
  readonly currency: string;
  readonly totalAmount: number;
  /** The code with which the card's company refuses the confirmation. */
  readonly refusal: string | null;
  /** Whether the customer transfers the amount to an account later. */
  readonly isDeposit: boolean;
  status: string;
  approvedAt: string | null;
  balanceAmount: number;
  cancels: Cancel[];
}

/** Of which the shop's page decides, or the customer's bank. */
type Window = Partial<Pick<Payment, "refusal" | "isDeposit">>;

/** The answer is lost after the work was done, a server fails before it, or the first request with the key is still under way. */
export type Fault = "lost" | "failed" | "in use" | "late";

export const tossSecret = "test_gsk_of_the_stand_in";

class Refusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.body = { code, message: code };
  }
}

export class TossStandIn {
  readonly #server: Server;
  readonly #payments = new Map<string, Payment>();
  readonly #answers = new Map<string, { readonly request: string; readonly status: number; readonly body: unknown }>();
  readonly requests: string[] = [];
  readonly transactions: Transaction[] = [];
  #faults: Fault[] = [];
  #ids = 0;

  private constructor() {
    this.#server = createServer((req, res) => void this.#serve(req, res));
  }

  static async start(): Promise<TossStandIn> {
    const standIn = new TossStandIn();
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

  /** The customer pays in the window of Toss Payments; answers the token that the shop's page sends. */
  pay(totalAmount: number, { refusal = null, isDeposit = false }: Window = {}): string {
    const paymentKey = this.#id("tviva20261128090000");
    const orderId = this.#id("basket-");
    const open = { status: "IN_PROGRESS", approvedAt: null, balanceAmount: totalAmount, cancels: [] };
    this.#payments.set(paymentKey, { paymentKey, orderId, currency: "KRW", totalAmount, refusal, isDeposit, ...open });
    return `toss_${orderId}@${paymentKey}`;
  }

  /** The payment of a token, as the books of Toss Payments have it. */
  book(token: string): Payment {
    return this.#payments.get(token.split("@")[1]!)!;
  }

  /** The customer transfers the amount. */
  deposit(token: string): void {
    approve(this.book(token));
  }

  /** A webhook about a payment. Toss Payments does not sign it. */
  webhook(token: string, eventType = "PAYMENT_STATUS_CHANGED", data: object = {}) {
    const body = JSON.stringify({
      eventType,
      createdAt: "2026-11-28T09:00:00.000000",
      data: { ...this.book(token), ...data },
    });
    return { provider: "toss", headers: {}, body };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #id(prefix: string): string {
    // In letters, because many digits may look like a card's number.
    const digits = String((this.#ids += 1)).padStart(6, "0");
    return `${prefix}${digits.replaceAll(/\d/g, (digit) => "abcdefghij"[Number(digit)]!)}`;
  }

  async #serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = await text(req);
    this.requests.push(`${req.method} ${req.url}`);
    const fault = req.method === "POST" ? this.#faults.shift() : undefined;
    const { status, body: answer } = fault === "failed" || fault === "in use" ? undone[fault] : this.#once(req, body);
    if (fault === "lost") return void res.destroy();
    if (fault === "late") return;
    res.writeHead(status, { "content-type": "application/json" });
    res.end(JSON.stringify(answer));
  }

  /** What was answered to a key is answered again for fifteen days. */
  #once(req: IncomingMessage, body: string): { readonly status: number; readonly body: unknown } {
    const key = req.headers["idempotency-key"] as string | undefined;
    const request = `${req.method} ${req.url} ${body}`;
    const known = key === undefined ? undefined : this.#answers.get(key);
    if (known) return known.request === request ? known : new Refusal(400, "INVALID_IDEMPOTENCY_KEY");
    const answered = this.#answered(req, body);
    if (key !== undefined) this.#answers.set(key, { request, ...answered });
    return answered;
  }

  #answered(req: IncomingMessage, body: string): { readonly status: number; readonly body: unknown } {
    try {
      if (req.headers.authorization !== `Basic ${Buffer.from(`${tossSecret}:`).toString("base64")}`)
        throw new Refusal(401, "UNAUTHORIZED_KEY");
      return { status: 200, body: this.#answer(req.method!, req.url!, body === "" ? {} : JSON.parse(body)) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  #answer(method: string, url: string, body: Readonly<Record<string, unknown>>): unknown {
    const [, key, verb] = /^\/v1\/payments\/([\w-]+)(?:\/(cancel))?$/.exec(url) ?? [];
    if (method === "POST" && key === "confirm") return this.#confirm(body);
    if (method === "POST" && verb === "cancel") return this.#cancel(this.#payment(key!), body);
    if (method === "GET" && url.startsWith("/v1/transactions?"))
      return this.#list(new URLSearchParams(url.split("?")[1]));
    if (method === "GET" && key && !verb) return shown(this.#payment(key));
    throw new Refusal(404, "NOT_FOUND");
  }

  /** In the order of their times, which are in Korea. */
  #list(query: URLSearchParams): unknown[] {
    const [from, to] = [query.get("startDate")!, query.get("endDate")!];
    const on = this.transactions.filter(
      ({ transactionAt }) => transactionAt >= from && transactionAt.slice(0, 19) <= to,
    );
    const start = query.has("startingAfter")
      ? on.findIndex(({ transactionKey }) => transactionKey === query.get("startingAfter")) + 1
      : 0;
    return on.slice(start, start + Number(query.get("limit")));
  }

  #book({ paymentKey, orderId, currency }: Payment, status: string, amount: number): string {
    const transactionKey = this.#id("txrd_");
    const transactionAt = `${new Date(Date.now() + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
    this.transactions.push({ transactionKey, paymentKey, orderId, currency, status, amount, transactionAt });
    return transactionKey;
  }

  #payment(key: unknown): Payment {
    const payment = this.#payments.get(String(key));
    if (!payment) throw new Refusal(404, "NOT_FOUND_PAYMENT");
    return payment;
  }

  #confirm({ paymentKey, orderId, amount }: Readonly<Record<string, unknown>>): unknown {
    const payment = this.#payment(paymentKey);
    if (payment.status !== "IN_PROGRESS") throw new Refusal(400, "ALREADY_PROCESSED_PAYMENT");
    if (payment.orderId !== orderId || payment.totalAmount !== amount) throw new Refusal(400, "INVALID_REQUEST");
    if (payment.refusal !== null) {
      payment.status = "ABORTED";
      throw new Refusal(403, payment.refusal);
    }
    if (payment.isDeposit) payment.status = "WAITING_FOR_DEPOSIT";
    else {
      approve(payment);
      this.#book(payment, "DONE", payment.totalAmount);
    }
    return shown(payment);
  }

  #cancel(payment: Payment, { cancelReason, cancelAmount }: Readonly<Record<string, unknown>>): unknown {
    if (typeof cancelReason !== "string") throw new Refusal(400, "INVALID_REQUEST");
    const amount = cancelAmount === undefined ? payment.balanceAmount : Number(cancelAmount);
    if (!["DONE", "PARTIAL_CANCELED", "WAITING_FOR_DEPOSIT"].includes(payment.status))
      throw new Refusal(403, "NOT_CANCELABLE_PAYMENT");
    if (amount > payment.balanceAmount) throw new Refusal(403, "NOT_CANCELABLE_AMOUNT");
    payment.balanceAmount -= amount;
    payment.status = payment.balanceAmount === 0 ? "CANCELED" : "PARTIAL_CANCELED";
    const transactionKey = this.#book(payment, payment.status, amount);
    payment.cancels.push({ cancelAmount: amount, cancelReason, transactionKey });
    return shown(payment);
  }
}

function approve(payment: Payment): void {
  payment.status = "DONE";
  payment.approvedAt = "2026-11-28T18:00:00+09:00";
}

const shown = ({ refusal, isDeposit, ...payment }: Payment) => ({
  mId: "tosspayments",
  version: "2022-11-16",
  ...payment,
  cancels: payment.cancels.length === 0 ? null : payment.cancels,
  method: isDeposit ? "가상계좌" : "카드",
  failure: payment.status === "ABORTED" ? { code: refusal, message: refusal } : null,
});

const undone = {
  failed: new Refusal(500, "FAILED_INTERNAL_SYSTEM_PROCESSING"),
  "in use": new Refusal(409, "IDEMPOTENT_REQUEST_PROCESSING"),
};
