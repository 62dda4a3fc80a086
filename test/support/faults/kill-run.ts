/** A platform under load: buyers go on ordering while its process is killed again and again. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Buyer, type Basket } from "../actors/buyer.ts";
import { Client } from "../actors/client.ts";
import { violationsAtRest } from "../invariants/invariants.ts";
import { eventually } from "../fixtures/eventually.ts";
import { Platform } from "../systems/platform.ts";
import { Random } from "../fixtures/random.ts";

const BUYERS = 16;
/** Answers of the platform between two kills. */
const MOST_ANSWERS = 40;
/** Kills before all must come to rest and the invariants are checked. */
const ROUND = 10;
/** Milliseconds in which every order must end once its services are back. */
const PATIENCE = 240_000;

/** Shortened, so that what takes its time is met by a kill, and ends soon after. */
const env = {
  RATE_LIMIT: "off",
  LOG_LEVEL: "info",
  ORDER_ANSWER_BUDGET: "500",
  ORDER_PATIENCE: "4000",
  PAYMENT_PROVIDER_TIMEOUT: "250",
  PAYMENT_RECONCILE_AFTER: "500",
  PAYMENT_SANDBOX_DELAY: "300",
  PAYMENT_SANDBOX_LATE_ANSWER: "500",
  USER_SIGN_UP_VERIFIED: "on",
  NOTIFICATION_RATE: "0",
  NOTIFICATION_RETRY_DELAY: "100",
};

export class KillRun {
  readonly #random: Random;
  readonly #basket: Basket;
  readonly #buyers: readonly Buyer[];
  readonly #passwords: readonly string[];
  #platform: Platform;
  #output = "";
  #kills = 0;

  private constructor(random: Random, platform: Platform, basket: Basket, accounts: readonly Account[]) {
    this.#random = random;
    this.#platform = platform;
    this.#basket = basket;
    this.#passwords = accounts.map(({ password }) => password);
    this.#buyers = accounts.map((account) => new Buyer(() => new Client(platform.url).as(account), random.fork()));
  }

  /** Prints the figures of the run. Fails at the first round after which an invariant is broken. */
  static async survive(kills: number): Promise<void> {
    const seed = Date.now() % 2 ** 31;
    const run = await KillRun.open(seed);
    try {
      while (run.#kills < kills) {
        const found = await run.#round();
        process.stdout.write(`seed ${seed}: ${run.#figures}\n`);
        if (found.length > 0) process.stdout.write(run.#platform.output);
        expect(found).toEqual([]);
      }
    } finally {
      await run.#platform.dispose();
    }
  }

  /** @param seed of all that is left to chance; the moments of the kills depend on the machine, too */
  private static async open(seed: number): Promise<KillRun> {
    const platform = await Platform.start({ env });
    const client = new Client(platform.url);
    const admin = await client.as((await platform.accounts()).find(({ role }) => role === "admin")!);
    const [scarce, ...plenty] = await Promise.all([25, 100_000, 100_000].map((stock) => addProduct(admin, stock)));
    const accounts = Array.from({ length: BUYERS }, () => ({
      email: `${randomUUID()}@example.test`,
      password: randomUUID(),
    }));
    const signUp = (account: Account) =>
      eventually(async () => {
        const { status, body } = await client.post<{ id: string }>("/users", { ...account, name: "Buyer" });
        return status === 201 ? body.id : null;
      });
    const ids = await Promise.all(accounts.map(signUp));
    const welcome = { points: 300_000, note: "Welcome" };
    const given = await Promise.all(ids.map((id) => admin.post(`/users/${id}/points/adjustments`, welcome)));
    expect(given.map(({ status }) => status)).toEqual(ids.map(() => 200));
    return new KillRun(new Random(seed), platform, { plenty, scarce: scarce!, points: 40_000 }, accounts);
  }

  #count(name: "orders" | "answers" | "unanswered"): number {
    return this.#buyers.reduce((sum, buyer) => sum + buyer[name], 0);
  }

  get #figures(): string {
    return (
      `${this.#kills} kills, ${this.#count("orders")} orders acknowledged, ` +
      `${this.#count("answers")} answers, ${this.#count("unanswered")} requests without an answer`
    );
  }

  /** Kills under load, lets all come to rest, and answers what contradicts the invariants. */
  async #round(): Promise<string[]> {
    await Promise.all(this.#buyers.map((buyer) => buyer.signIn()));
    const over = new AbortController();
    const buying = Promise.all(this.#buyers.map((buyer) => buyer.buyUntil(over.signal, this.#basket)));
    for (const until = this.#kills + ROUND; this.#kills < until;) await this.#kill();
    over.abort();
    await buying;
    const acknowledged = new Map(this.#buyers.flatMap((buyer) => [...buyer.acknowledged]));
    const known = { acknowledged, secrets: this.#passwords, output: this.#output + this.#platform.output };
    return [
      ...this.#buyers.flatMap((buyer) => buyer.complaints),
      ...(await violationsAtRest(this.#platform.dataDir, known, PATIENCE)),
    ];
  }

  /** After so many answers, however long they take: a kill finds work to break. */
  async #answered(count: number): Promise<void> {
    const enough = this.#count("answers") + count;
    while (this.#count("answers") < enough) await sleep(1);
  }

  /** Now and then it is killed again before it has started. */
  async #kill(isUp = true): Promise<void> {
    if (isUp) await this.#answered(this.#random.upTo(MOST_ANSWERS));
    else await sleep(this.#random.upTo(500));
    const { dataDir, port } = this.#platform;
    await this.#platform.end("SIGKILL");
    this.#output += this.#platform.output;
    this.#kills += 1;
    this.#platform = await Platform.launch({ env, dataDir, port });
    if (this.#random.chance(0.1)) await this.#kill(false);
    else await this.#platform.ready();
  }
}

interface Account {
  readonly email: string;
  readonly password: string;
}

async function addProduct(admin: Client, stock: number): Promise<string> {
  const price = { amount: 12_300, currency: "KRW" };
  const { body } = await admin.post<{ id: string }>("/products", {
    name: "Soban",
    description: "A small table.",
    price,
    stock,
  });
  return body.id;
}
