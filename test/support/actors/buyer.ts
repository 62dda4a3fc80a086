/** A customer who buys in every way there is, asks again when nobody answers, and remembers what was promised. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Client, orderOf } from "./client.ts";
import { eventually } from "../fixtures/eventually.ts";
import type { Random } from "../fixtures/random.ts";

interface Order {
  readonly id: string;
  readonly status: string;
  readonly paymentId: string | null;
}
interface Problem {
  readonly code?: string;
}

/** What may be bought: products that do not run out, and one that soon does. */
export interface Basket {
  readonly plenty: readonly string[];
  readonly scarce: string;
  /** The most points for one order; without it, nobody pays with points. */
  readonly points?: number;
}

const methods = ["tok_success", "tok_declined", "tok_timeout", "tok_delayed", "tok_3ds", "tok_duplicate_webhook"];
/** Answers after which the same request is sent again. */
const passing = new Set([
  "SERVICE_UNAVAILABLE",
  "ANSWER_LOST",
  "STORAGE_UNAVAILABLE",
  "PAYMENT_PROVIDER_UNAVAILABLE",
  "REQUEST_TIMEOUT",
]);
/** Answers to an order that end it. */
const expected = new Set(
  ["PAYMENT_DECLINED", "OUT_OF_STOCK", "POINTS_REFUSED", "EXPIRED", "FAILED", "CANCELLED"].map(
    (code) => `ORDER_${code}`,
  ),
);
/** Milliseconds after which an answer or an end is overdue. */
const PATIENCE = 900_000;

export class Buyer {
  /** Orders that the shop has reported, with the states that its answers still allow. */
  readonly acknowledged = new Map<string, readonly string[]>();
  readonly complaints: string[] = [];
  answers = 0;
  unanswered = 0;
  readonly #enter: () => Promise<Client>;
  readonly #random: Random;
  readonly #ordinary: number;
  #client!: Client;

  /**
   * @param enter signs in
   * @param ordinary share of the purchases in which nothing special happens
   */
  constructor(enter: () => Promise<Client>, random: Random, ordinary = 0) {
    this.#enter = enter;
    this.#random = random;
    this.#ordinary = ordinary;
  }

  get orders(): number {
    return this.acknowledged.size;
  }

  async signIn(): Promise<void> {
    // Sixteen passwords at once may take a busy machine longer than a call may.
    this.#client = await eventually(() => this.#enter().catch(() => null));
  }

  async buyUntil(stop: AbortSignal, basket: Basket): Promise<void> {
    while (!stop.aborted && this.complaints.length === 0) await this.buy(basket);
  }

  /** One purchase from its beginning to its end; what was not as it should be is a complaint. */
  async buy(basket: Basket): Promise<void> {
    try {
      await (this.#random.chance(this.#ordinary) ? this.#buyPlainly(basket) : this.#buyOddly(basket));
    } catch (error) {
      this.complaints.push((error as Error).message);
    }
  }

  async #buyPlainly({ plenty }: Basket): Promise<void> {
    const order = await this.#place(orderOf(this.#random.pick(plenty)), randomUUID(), 1);
    if (order?.status === "pending") await this.#follow(order);
  }

  /** Now and then a click counts several times; the key makes it one order. */
  async #buyOddly({ plenty, scarce, points }: Basket): Promise<void> {
    const plain = orderOf(
      this.#random.chance(0.2) ? scarce : this.#random.pick(plenty),
      1 + this.#random.upTo(3),
      this.#random.pick(methods),
    );
    // Often they pay all.
    const body = points && this.#random.chance(0.3) ? { ...plain, points: 1 + this.#random.upTo(points) } : plain;
    const key = randomUUID();
    const order = await this.#place(body, key, this.#random.chance(0.3) ? 3 : 1);
    if (this.#random.chance(0.1)) await this.#reuse(key, body);
    if (!order) return;
    if (body.paymentMethod === "tok_3ds" && this.#random.chance(0.8)) await this.#prove(order);
    if (this.#random.chance(0.15)) return this.#cancel(order);
    await this.#follow(order);
    const [line] = body.items;
    if (line!.quantity > 1 && this.#random.chance(0.2)) await this.#cancelOne(order, line!.productId);
    if (this.#random.chance(0.15)) await this.#cancel(order);
  }

  async #place(body: object, key: string, clicks: number): Promise<Order | undefined> {
    const answers = await Promise.all(
      Array.from({ length: clicks }, () => this.#post<Order & Problem>("/orders", body, key)),
    );
    const orders = answers.filter(({ status }) => status < 300).map((answer) => answer.body);
    for (const { status, body: told } of answers) {
      this.#insist(status < 300 || expected.has(told.code!), `an order was answered ${status} ${told.code}`);
    }
    this.#insist(new Set(orders.map(({ id }) => id)).size <= 1, `the key ${key} made more than one order`);
    for (const order of orders) this.#remember(order);
    return orders[0];
  }

  /** The same key with another body is refused. */
  async #reuse(key: string, body: object): Promise<void> {
    const { status } = await this.#post("/orders", { ...body, paymentMethod: "tok_insufficient_funds" }, key);
    this.#insist(status === 422, `a key that was used for another order was answered ${status}`);
  }

  /** 3-D Secure, once the payment has got so far. */
  async #prove({ id }: Order): Promise<void> {
    const order = await this.#until(id, ({ status, paymentId }) => status !== "pending" || paymentId !== null);
    if (order.status !== "pending") return;
    const { status } = await this.#post<Problem>(`/payments/${order.paymentId}/confirm`, {});
    this.#insist(status === 200 || status === 409, `a payment was confirmed with ${status}`);
  }

  async #cancel({ id }: Order): Promise<void> {
    this.acknowledged.set(id, ["confirmed", "cancelled"]);
    const { status, body } = await this.#post<Order>(`/orders/${id}/cancel`, {});
    const done = status === 200 && body.status === "cancelled";
    this.#insist(done || status === 202, `a cancellation was answered ${status} ${JSON.stringify(body)}`);
    this.acknowledged.set(id, ["cancelled"]);
  }

  /** One unit of several, unless the order was refused. */
  async #cancelOne({ id }: Order, productId: string): Promise<void> {
    const items = [{ productId, quantity: 1 }];
    const { status, body } = await this.#post<Problem>(`/orders/${id}/cancellations`, { items });
    const isRefused = status === 409 && body.code === "ORDER_NOT_SHIPPABLE";
    this.#insist(status === 200 || isRefused, `a cancellation in part was answered ${status} ${body.code}`);
  }

  async #follow({ id }: Order): Promise<void> {
    this.#remember(await this.#until(id, ({ status }) => status !== "pending"));
  }

  async #until(id: string, reached: (order: Order) => boolean): Promise<Order> {
    const deadline = performance.now() + PATIENCE;
    for (let pause = 100; ; pause = Math.min(2 * pause, 500)) {
      const { status, body } = await this.#get<Order>(`/orders/${id}`);
      this.#insist(status === 200, `the acknowledged order ${id} was answered ${status}`);
      if (reached(body)) return body;
      this.#insist(performance.now() < deadline, `the order ${id} is still ${body.status}`);
      await sleep(pause);
    }
  }

  /** What the shop has said of an order must stay true. */
  #remember({ id, status }: Order): void {
    this.acknowledged.set(id, status === "pending" ? ["confirmed", "cancelled"] : [status]);
  }

  #get<Body>(path: string): Promise<Answer<Body>> {
    return this.#ask(() => this.#client.get<Body & Problem>(path), path);
  }

  #post<Body>(path: string, body: object, key: string = randomUUID()): Promise<Answer<Body>> {
    return this.#ask(() => this.#client.post<Body & Problem>(path, body, { "idempotency-key": key }), path);
  }

  /** Sends the same until it is answered, as long as the shop is only away. */
  async #ask<Body extends Problem>(send: () => Promise<Answer<Body>>, path: string): Promise<Answer<Body>> {
    const deadline = performance.now() + PATIENCE;
    for (let pause = 50; performance.now() < deadline; pause = Math.min(2 * pause, 800)) {
      const answer = await send().catch(() => null);
      // 408: the request came too slowly, and may be sent again (RFC 9110, 15.5.9).
      if (answer && answer.status !== 408 && !passing.has(answer.body?.code ?? "")) {
        this.answers += 1;
        return answer;
      }
      this.unanswered += 1;
      await sleep(pause);
    }
    throw new Error(`${path} was not answered in ${PATIENCE} ms.`);
  }

  #insist(so: boolean, otherwise: string): void {
    if (!so) throw new Error(otherwise);
  }
}
