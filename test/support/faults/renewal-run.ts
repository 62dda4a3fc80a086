/** Subscriptions that are renewed over two years by test clocks, while the platform and the payment provider are killed. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../actors/client.ts";
import { eventually } from "../fixtures/eventually.ts";
import { Random } from "../fixtures/random.ts";
import { freePort, Platform } from "../systems/platform.ts";
import { ProviderProcess } from "../systems/provider.ts";

const CUSTOMERS = 4;
const MONTHS = 24;
const PRICE = 11_900;
/** Milliseconds: two years, which begin with the trial of a day. */
const TERM = 2 * 365 * 86_400_000;
/** Milliseconds in which another period must be paid once everything is back, however slow the machine is. */
const PATIENCE = 300_000;
/** Milliseconds between two looks, which are work for the platform, too. */
const LOOK = 500;

const secrets = { PAYMENT_SANDBOX_SECRET: "signs what it tells", PAYMENT_SANDBOX_KEY: "opens its door" };

interface List<Item> {
  readonly items: readonly Item[];
}
interface Invoice {
  readonly id: string;
  readonly status: string;
  readonly lines: readonly { readonly from: string }[];
}
interface Charge {
  readonly reference: string;
  readonly captured: { readonly amount: number };
  readonly refunded: { readonly amount: number };
}
interface Customer {
  readonly id: string;
  readonly client: Client;
}

const NEW_PLAN = {
  code: "monthly",
  name: { en: "Monthly", ko: "월간" },
  interval: "month",
  price: { amount: PRICE, currency: "KRW" },
  taxRate: 1000,
  maxStreams: 2,
  maxHeight: 720,
  regions: [],
  trialDays: 1,
};

export class RenewalRun {
  readonly #random: Random;
  readonly #books = mkdtempSync(join(tmpdir(), "madang-books-"));
  readonly #env: Record<string, string> = {
    ...secrets,
    RATE_LIMIT: "off",
    PAYMENT_PROVIDER_TIMEOUT: "1000",
    PAYMENT_RECONCILE_AFTER: "500",
  };
  #provider!: ProviderProcess;
  #platform!: Platform;
  #admin!: Client;
  #customers: readonly Customer[] = [];

  private constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Answers what contradicts that each period was charged once. */
  static async survive(kills: number): Promise<readonly string[]> {
    const seed = Date.now() % 2 ** 31;
    const run = new RenewalRun(seed);
    try {
      await run.#open();
      const to = new Date(Date.now() + TERM).toISOString();
      for (const { id: userId } of run.#customers) await run.#admin.post("/test-clocks", { userId, to });
      for (let kill = 0; kill < kills; kill += 1) await run.#kill();
      const found = await run.#found();
      process.stdout.write(`seed ${seed}: ${kills} kills, ${CUSTOMERS * MONTHS} periods\n`);
      return found;
    } finally {
      await run.#platform.dispose();
      await run.#provider.end("SIGKILL");
      rmSync(run.#books, { recursive: true, force: true });
    }
  }

  async #open(): Promise<void> {
    const port = await freePort();
    const webhooks = `http://127.0.0.1:${port}/api/v1/payments/webhooks/sandbox`;
    this.#provider = await ProviderProcess.start({
      ...secrets,
      DATA_DIR: this.#books,
      PAYMENT_SANDBOX_WEBHOOK_URL: webhooks,
    });
    this.#env["PAYMENT_SANDBOX_URL"] = this.#provider.url;
    this.#platform = await Platform.start({ env: this.#env, port });
    const anonymous = new Client(this.#platform.url);
    this.#admin = await anonymous.as((await this.#platform.accounts()).find(({ role }) => role === "admin")!);
    const plan = await this.#admin.post<{ id: string }>("/plans", NEW_PLAN);
    const made = Array.from({ length: CUSTOMERS }, async () => {
      const account = { email: `${randomUUID()}@example.test`, password: randomUUID() };
      const { body } = await anonymous.post<{ id: string }>("/users", { ...account, name: "Viewer" });
      const client = await anonymous.as(account);
      await client.post("/subscription", { planId: plan.body.id, paymentMethod: "tok_success" });
      return { id: body.id, client };
    });
    this.#customers = await Promise.all(made);
  }

  /** One of the two, after a moment in which some periods are renewed. */
  async #kill(): Promise<void> {
    await sleep(this.#random.upTo(400));
    if (this.#random.chance(0.4)) {
      await this.#provider.end("SIGKILL");
      await this.#provider.restart();
      return;
    }
    const { dataDir, port } = this.#platform;
    await this.#platform.end("SIGKILL");
    this.#platform = await Platform.launch({ env: this.#env, dataDir, port });
    await this.#platform.ready();
  }

  async #found(): Promise<readonly string[]> {
    const all = await Promise.all(this.#customers.map((customer) => this.#foundOf(customer)));
    return all.flat();
  }

  /** Whether all is done, or how many invoices are paid when there are more of them than before. */
  async #progress({ id, client }: Customer, before: number): Promise<"ready" | { readonly paid: number } | null> {
    await sleep(LOOK);
    const clock = await this.#admin.get<{ status: string }>(`/test-clocks/${id}`).catch(() => null);
    if (clock?.status === 200 && clock.body.status === "ready") return "ready";
    const invoices = await client.get<List<Invoice>>("/invoices?limit=100").catch(() => null);
    const paid = invoices?.body.items?.filter(({ status }) => status === "paid").length ?? before;
    return paid > before ? { paid } : null;
  }

  async #foundOf(customer: Customer): Promise<readonly string[]> {
    const { id, client } = customer;
    for (let before = -1; ;) {
      const state = await eventually(() => this.#progress(customer, before), PATIENCE);
      if (state === "ready") break;
      before = state.paid;
    }
    const { items: invoices } = (await client.get<List<Invoice>>("/invoices?limit=100")).body;
    const charges = await Promise.all(
      invoices.map(async (invoice) => {
        const path = `/payments/sandbox/charges?reference=${invoice.id}`;
        return (await this.#admin.get<List<Charge>>(path)).body.items;
      }),
    );
    const wrong = invoices.flatMap(({ id: invoice, status }, index) => {
      const taken = charges[index]!.map(({ captured, refunded }) => captured.amount - refunded.amount);
      const isRight = status === "paid" && taken.length === 1 && taken[0] === PRICE;
      return isRight ? [] : [`The invoice ${invoice} is ${status}, and the provider has taken ${taken.join(" and ")}.`];
    });
    const periods = new Set(invoices.map(({ lines }) => lines[0]!.from)).size;
    const counted = invoices.length === MONTHS && periods === MONTHS;
    return counted ? wrong : [...wrong, `${id} has ${invoices.length} invoices of ${periods} periods.`];
  }
}
