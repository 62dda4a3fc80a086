/** Subscriptions that are renewed over two years by test clocks, while the platform and the payment provider are killed. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "../actors/client.ts";
import { eventually } from "../fixtures/eventually.ts";
import { Random } from "../fixtures/random.ts";
import { type BreakableDeployment, PlatformAndProvider } from "./breakable-deployment.ts";

const CUSTOMERS = 4;
const MONTHS = 24;
const PRICE = 11_900;
/** Milliseconds: two years, which begin with the trial of a day. */
const TERM = 2 * 365 * 86_400_000;
/** Milliseconds in which another period must be paid once everything is back, however slow the machine is. */
const PATIENCE = 300_000;
/** Milliseconds between two looks, which are work for the platform, too. */
const LOOK = 500;

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
  readonly #deployment: BreakableDeployment;
  #admin!: Client;
  #customers: readonly Customer[] = [];

  private constructor(seed: number, deployment: BreakableDeployment) {
    this.#random = new Random(seed);
    this.#deployment = deployment;
  }

  /** Answers what contradicts that each period was charged once. */
  static async survive(
    kills: number,
    start: () => Promise<BreakableDeployment> = PlatformAndProvider.start,
  ): Promise<readonly string[]> {
    const seed = Date.now() % 2 ** 31;
    const run = new RenewalRun(seed, await start());
    try {
      await run.#open();
      const to = new Date(Date.now() + TERM).toISOString();
      for (const { id: userId } of run.#customers) await run.#admin.post("/test-clocks", { userId, to });
      for (let kill = 0; kill < kills; kill += 1) await run.#kill();
      const found = await run.#found();
      process.stdout.write(`seed ${seed}: ${kills} kills, ${CUSTOMERS * MONTHS} periods\n`);
      return found;
    } finally {
      await run.#deployment.dispose();
    }
  }

  async #open(): Promise<void> {
    const anonymous = new Client(this.#deployment.url);
    this.#admin = await anonymous.as((await this.#deployment.accounts()).find(({ role }) => role === "admin")!);
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

  /** After a moment in which some periods are renewed. */
  async #kill(): Promise<void> {
    await sleep(this.#random.upTo(400));
    await this.#deployment.kill(this.#random);
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
