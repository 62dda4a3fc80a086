/** Orders whose parts are packed, sent, lost, cancelled and returned while the process of the platform is killed again and again. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, Client, orderOf } from "../actors/client.ts";
import { Random } from "../fixtures/random.ts";
import { violationsAtRest } from "../invariants/invariants.ts";
import { Platform } from "../systems/platform.ts";

const PEOPLE = 6;
/** Answers between two kills. */
const MOST_ANSWERS = 25;
/** Milliseconds in which everything must be given back once the platform is up. */
const PATIENCE = 120_000;
/** Milliseconds after which a request is overdue. */
const OVERDUE = 300_000;

const env = {
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
  readonly shipments?: readonly (Made & { readonly state: string })[];
}

/** Answers that are told again after a kill, or are the refusals of a step that cannot be taken. */
const isSettled = (status: number): boolean => status < 300 || status === 409 || status === 412;

export class FulfilmentRun {
  readonly #random: Random;
  #platform: Platform;
  #output = "";
  #answers = 0;
  #isOver = false;

  private constructor(random: Random, platform: Platform) {
    this.#random = random;
    this.#platform = platform;
  }

  static async survive(kills: number): Promise<void> {
    const seed = Date.now() % 2 ** 31;
    const run = new FulfilmentRun(new Random(seed), await Platform.start({ env }));
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
    const staff = await client.as((await this.#platform.accounts()).find(({ role }) => role === "admin")!);
    const goods = {
      name: "Soban",
      description: "A small table.",
      price: { amount: 7001, currency: "KRW" },
      stock: 100_000,
    };
    const { body } = await staff.post<Made>("/products", goods);
    const people = await Promise.all(Array.from({ length: PEOPLE }, () => client.newCustomer()));
    const living = people.map((one) => this.#live(one, staff, body.id, this.#random.fork()));
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
    this.#platform = await Platform.launch({ env, dataDir, port });
    await this.#platform.ready();
  }

  /** One order after the other, with random steps of its customer and of staff. */
  async #live(customer: Client, staff: Client, productId: string, random: Random): Promise<void> {
    while (!this.#isOver) {
      const { body: order } = await this.#ask<Order>(customer, "POST", "/orders", orderOf(productId, 3));
      for (let step = 0; step < 8; step += 1) await this.#step(order.id, { customer, staff, productId, random });
    }
  }

  async #step(
    id: string,
    { customer, staff, productId, random }: { customer: Client; staff: Client; productId: string; random: Random },
  ): Promise<void> {
    const items = [{ productId, quantity: 1 }];
    const { body: order } = await this.#ask<Order>(customer, "GET", `/orders/${id}`);
    const parcel = order.shipments?.find(({ state }) => state === "packed" || state === "shipped");
    const chance = random.upTo(6);
    if (chance === 0) await this.#ask(customer, "POST", `/orders/${id}/cancellations`, { items });
    else if (chance === 1) await this.#ask(staff, "POST", `/orders/${id}/shipments`, { items });
    else if (chance < 4 && parcel) {
      const state = random.pick(["shipped", "delivered", "delivered", "lost"]);
      await this.#ask(staff, "PATCH", `/shipments/${parcel.id}`, { state });
    } else if (chance > 3) await this.#return(id, productId, { customer, staff });
  }

  async #return(
    id: string,
    productId: string,
    { customer, staff }: { customer: Client; staff: Client },
  ): Promise<void> {
    const items = [{ productId, quantity: 1, cause: "unwanted" }];
    const { status, body } = await this.#ask<Made>(customer, "POST", `/orders/${id}/returns`, { items });
    if (status >= 300) return;
    await this.#ask(staff, "PATCH", `/returns/${body.id}`, { state: "approved" });
    await this.#ask(staff, "PATCH", `/returns/${body.id}`, { state: "received" });
  }

  /** Asks with one key until the answer is known. */
  async #ask<Body>(client: Client, method: string, path: string, body?: object): Promise<Answer<Body>> {
    const headers = method === "POST" ? { "idempotency-key": randomUUID() } : {};
    const deadline = performance.now() + OVERDUE;
    while (performance.now() < deadline) {
      const answer = await client.send<Body>(method, path, { body, headers }).catch(() => null);
      if (answer && isSettled(answer.status)) {
        this.#answers += 1;
        return answer;
      }
      await sleep(50);
    }
    throw new Error(`${method} ${path} was not answered in ${OVERDUE} ms.`);
  }
}
