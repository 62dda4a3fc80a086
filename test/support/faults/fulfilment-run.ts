/**
 * Orders of customers and guests, some with points and a coupon, whose parts are packed, sent, lost, cancelled and returned while
 * the process of the platform is killed again and again.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { address, type Answer, Client, orderOf } from "../actors/client.ts";
import { Random } from "../fixtures/random.ts";
import { violationsAtRest } from "../invariants/invariants.ts";
import { Platform } from "../systems/platform.ts";

const CUSTOMERS = 4;
const GUESTS = 2;
const UNITS = 3;
const POINTS = 10_000_000;
const COUPON = "TENTH";
/** Answers between two kills. */
const MOST_ANSWERS = 25;
/** Milliseconds in which everything must be given back once the platform is up. */
const PATIENCE = 120_000;
/** Milliseconds after which a request is overdue. */
const OVERDUE = 300_000;

/** Values of the setting ORDER_CAPTURE. */
export type Capture = "order" | "at_once" | "shipment";

const settings = {
  RATE_LIMIT: "off",
  LOG_LEVEL: "info",
  ORDER_ANSWER_BUDGET: "2000",
  PAYMENT_RECONCILE_AFTER: "500",
  USER_SIGN_UP_VERIFIED: "on",
  NOTIFICATION_RATE: "0",
  NOTIFICATION_RETRY_DELAY: "100",
};

interface Made {
  readonly id: string;
}
interface Order extends Made {
  readonly status: string;
  readonly number: string;
  readonly shipments?: readonly (Made & { readonly state: string })[];
}
interface Request {
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An order, and how its customer or guest asks for it. */
interface Held {
  readonly id: string;
  readonly buyer: Client;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Answers that are told again after a kill, or are the refusals of a step that cannot be taken. */
const isSettled = (status: number): boolean => status < 300 || status === 409 || status === 412;

export class FulfilmentRun {
  readonly #random: Random;
  readonly #env: Readonly<Record<string, string>>;
  #platform: Platform;
  #staff!: Client;
  #productId = "";
  #output = "";
  #answers = 0;
  #isOver = false;

  private constructor(random: Random, env: Readonly<Record<string, string>>, platform: Platform) {
    this.#random = random;
    this.#env = env;
    this.#platform = platform;
  }

  static async survive(kills: number, capture: Capture): Promise<void> {
    const seed = Date.now() % 2 ** 31;
    const env = { ...settings, ORDER_CAPTURE: capture };
    const run = new FulfilmentRun(new Random(seed), env, await Platform.start({ env }));
    try {
      const found = await run.#survive(kills);
      process.stdout.write(`seed ${seed}: ${kills} kills, ${run.#answers} answers\n`);
      expect(found).toEqual([]);
    } finally {
      await run.#platform.dispose();
    }
  }

  async #survive(kills: number): Promise<string[]> {
    const client = new Client(() => this.#platform.url);
    this.#staff = await client.as((await this.#platform.accounts()).find(({ role }) => role === "admin")!);
    const goods = {
      name: "Soban",
      description: "A small table.",
      price: { amount: 7001, currency: "KRW" },
      stock: 100_000,
    };
    this.#productId = (await this.#staff.post<Made>("/products", goods)).body.id;
    await this.#staff.post("/coupons", { code: COUPON, kind: "percent", percent: 1000 });
    const customers = await Promise.all(Array.from({ length: CUSTOMERS }, () => this.#newCustomer(client)));
    const living = [
      ...customers.map((customer) => this.#live((random) => this.#order(customer, random))),
      ...Array.from({ length: GUESTS }, () => this.#live(() => this.#orderAsGuest(client))),
    ];
    for (let killed = 0; killed < kills; killed += 1) await this.#kill();
    this.#isOver = true;
    await Promise.all(living);
    return violationsAtRest(this.#platform.dataDir, { output: this.#output + this.#platform.output }, PATIENCE);
  }

  async #kill(): Promise<void> {
    const enough = this.#answers + this.#random.upTo(MOST_ANSWERS);
    while (this.#answers < enough) await sleep(1);
    const { dataDir, port } = this.#platform;
    await this.#platform.end("SIGKILL");
    this.#output += this.#platform.output;
    this.#platform = await Platform.launch({ env: this.#env, dataDir, port });
    await this.#platform.ready();
  }

  /** A customer who has points to spend. */
  async #newCustomer(client: Client): Promise<Client> {
    const customer = await client.newCustomer();
    const { body } = await customer.get<Made>("/users/me");
    await this.#staff.post(`/users/${body.id}/points/adjustments`, { points: POINTS, note: "For kills" });
    return customer;
  }

  /** One order after the other, with random steps of whoever placed it and of staff. */
  async #live(place: (random: Random) => Promise<Held>): Promise<void> {
    const random = this.#random.fork();
    while (!this.#isOver) {
      const held = await place(random);
      for (let step = 0; step < 8; step += 1) await this.#step(held, random);
    }
  }

  async #order(buyer: Client, random: Random): Promise<Held> {
    const body = {
      ...orderOf(this.#productId, UNITS),
      ...(random.upTo(2) ? { points: 1 + random.upTo(9999) } : {}),
      ...(random.upTo(2) ? { coupons: [COUPON] } : {}),
    };
    const { id } = (await this.#ask<Order>(buyer, "POST", "/orders", { body })).body;
    return { id, buyer, path: `/orders/${id}`, headers: {} };
  }

  async #orderAsGuest(buyer: Client): Promise<Held> {
    const cart = (await this.#ask<{ token: string }>(buyer, "POST", "/carts")).body;
    const headers = { "cart-token": cart.token };
    const line = { productId: this.#productId, quantity: UNITS };
    const filled = await this.#ask<{ version: number }>(buyer, "POST", "/cart/lines", { headers, body: line });
    const body = {
      cart: { version: filled.body.version },
      email: `${randomUUID()}@example.test`,
      paymentMethod: "tok_success",
      shippingAddress: address,
    };
    const order = await this.#ask<Order & { token: string }>(buyer, "POST", "/guest-orders", { headers, body });
    const { id, number, token } = order.body;
    return { id, buyer, path: `/guest-orders/${number}`, headers: { "order-token": token } };
  }

  async #step(held: Held, random: Random): Promise<void> {
    const { id, buyer, path, headers } = held;
    const items = [{ productId: this.#productId, quantity: 1 }];
    const { body: order } = await this.#ask<Order>(buyer, "GET", path, { headers });
    const parcel = order.shipments?.find(({ state }) => state === "packed" || state === "shipped");
    const chance = random.upTo(6);
    if (chance === 0) await this.#ask(buyer, "POST", `${path}/cancellations`, { headers, body: { items } });
    else if (chance === 1) await this.#ask(this.#staff, "POST", `/orders/${id}/shipments`, { body: { items } });
    else if (chance < 4 && parcel) {
      const body = { state: random.pick(["shipped", "delivered", "delivered", "lost"]) };
      await this.#ask(this.#staff, "PATCH", `/shipments/${parcel.id}`, { body });
    } else if (chance > 3) await this.#return(held);
  }

  async #return({ buyer, path, headers }: Held): Promise<void> {
    const items = [{ productId: this.#productId, quantity: 1, cause: "unwanted" }];
    const { status, body } = await this.#ask<Made>(buyer, "POST", `${path}/returns`, { headers, body: { items } });
    if (status >= 300) return;
    await this.#ask(this.#staff, "PATCH", `/returns/${body.id}`, { body: { state: "approved" } });
    await this.#ask(this.#staff, "PATCH", `/returns/${body.id}`, { body: { state: "received" } });
  }

  /** Asks with one key until the answer is known. */
  async #ask<Body>(client: Client, method: string, path: string, request: Request = {}): Promise<Answer<Body>> {
    const key = method === "POST" ? { "idempotency-key": randomUUID() } : {};
    const headers = { ...key, ...request.headers };
    const deadline = performance.now() + OVERDUE;
    let last: Answer<Body> | null = null;
    while (performance.now() < deadline) {
      last = await client.send<Body>(method, path, { ...request, headers }).catch(() => null);
      if (last && isSettled(last.status)) {
        this.#answers += 1;
        return last;
      }
      await sleep(50);
    }
    throw new Error(`${method} ${path} was not answered in ${OVERDUE} ms, at last with ${JSON.stringify(last?.body)}.`);
  }
}
