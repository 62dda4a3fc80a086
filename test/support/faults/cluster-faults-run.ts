/** A whole cluster that goes on selling while something breaks, and whose databases are checked when all is at rest. */
import { randomUUID } from "node:crypto";
import { withDatabase } from "#mixins/node/services.ts";
import { type Answer, Client } from "../actors/client.ts";
import { Cluster, orderServices } from "../systems/cluster.ts";
import { SteadyBuyers, person } from "../actors/steady-buyers.ts";
import { ProxiedServers } from "./proxied-servers.ts";
import { isolatedNetwork } from "./isolated-network.ts";
import { violationsAtRest } from "../invariants/invariants.ts";
import { buses, type Carriers } from "../../../scripts/cluster/carriers.ts";
import type { ClusterFault, FaultContext } from "./cluster-faults.ts";
import { eventually } from "../fixtures/eventually.ts";
import { Random } from "../fixtures/random.ts";
import { Quiescence } from "../invariants/quiescence.ts";

/** Milliseconds in which every order must end, and every event be handled, once all is healed. */
const PATIENCE = 240_000;
/** Purchases that begin in a second: many machines cannot keep up with it while they lose nodes. */
const RATE = 100;
/** Milliseconds of calm in which code is compiled, and then what is measured. */
const [WARM_UP, CALM] = [30_000, 10_000];
/** Of what the processes wrote, shown when something is wrong. */
const LINES = 500;
/** Goods that do not run out. */
const PRODUCTS = 20;
/** Buyers with an account, who get mails. */
const CUSTOMERS = 16;

/** Shortened, so that what takes its time is met by more faults, and ends soon after. */
const env = {
  LOG_LEVEL: "info",
  ORDER_ANSWER_BUDGET: "1000",
  ORDER_PATIENCE: "4000",
  PAYMENT_PROVIDER_TIMEOUT: "500",
  PAYMENT_RECONCILE_AFTER: "500",
  PAYMENT_SANDBOX_DELAY: "300",
  PAYMENT_SANDBOX_LATE_ANSWER: "1000",
  USER_SIGN_UP_VERIFIED: "on",
  NOTIFICATION_RATE: "0",
  NOTIFICATION_RETRY_DELAY: "100",
  NOTIFICATION_LEASE: "5000",
};

interface Options {
  /** Nodes of each service. */
  readonly nodes: number;
  /** All that an order needs unless given, over NATS unless given. */
  readonly services?: readonly string[];
  readonly carriers?: Partial<Carriers>;
  /** Purchases that begin in a second; 100 unless given. */
  readonly rate?: number;
  /** Share of the purchases that go the usual way, none unless given; the others meet all that a platform must be ready for. */
  readonly ordinary?: number;
  /** The node that a partition cuts off. */
  readonly isolatedNode?: string;
  /** The last word on settings, and on the release that a node runs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly release?: (node: string) => string;
  /** Nothing will come between the nodes and the servers, so none reaches them through proxies, which takes some 4 % of two processors. */
  readonly direct?: boolean;
}

interface Account {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

const servers = Object.values(buses);
/** A server's own log has times and numbers that look like card numbers now and then. */
const isOfNode = (line: string): boolean => !servers.some((name) => line.startsWith(`${name} |`));

export class ClusterFaultsRun {
  readonly #seed: number;
  readonly #rate: number;
  readonly #ordinary: number;
  readonly #context: FaultContext;
  readonly #watch: Quiescence;
  readonly #databases: Readonly<Record<string, string>>;
  readonly #accounts: readonly Account[];
  readonly #acknowledged = new Map<string, readonly string[]>();

  private constructor(
    seed: number,
    { rate, ordinary }: { readonly rate: number; readonly ordinary: number },
    context: FaultContext,
    databases: Readonly<Record<string, string>>,
    accounts: readonly Account[],
  ) {
    this.#seed = seed;
    this.#rate = rate;
    this.#ordinary = ordinary;
    this.#context = context;
    this.#databases = databases;
    this.#watch = new Quiescence(context.cluster.dataDir, databases);
    this.#accounts = accounts;
  }

  /** The last node of each service reaches the servers through proxies, and one node has a network of its own where that is possible. */
  static async open({
    nodes,
    rate = RATE,
    ordinary = 0,
    isolatedNode,
    direct = false,
    env: own = {},
    services = orderServices,
    release,
    ...which
  }: Options): Promise<ClusterFaultsRun> {
    const seed = Date.now() % 2 ** 31;
    const isolated = isolatedNode === undefined ? null : isolatedNetwork();
    const [proxiedServers, isolatedServers] = [new ProxiedServers(), new ProxiedServers(isolated?.hostAddress)];
    const cluster = await Cluster.start({
      // Where this process has its keys, with which it signs for whoever comes.
      dataDir: process.env.DATA_DIR!,
      nodes,
      services,
      ...which,
      env: { ...env, ...own },
      async adapt(made) {
        const plan = release ? { ...made, release: () => release(made.name) } : made;
        if (isolated && plan.name === isolatedNode)
          return { ...(await isolatedServers.reroute(plan)), prefix: isolated.command };
        return plan.name.endsWith(`-${nodes}`) && !direct ? proxiedServers.reroute(plan) : plan;
      },
    });
    const urls = await Promise.all(
      withDatabase(services).map(async (name) => [name, await cluster.postgres.database(name)] as const),
    );
    const accounts = await signUp(cluster);
    const context = { cluster, random: new Random(seed), proxiedServers, isolatedServers, isolated, kills: 0 };
    return new ClusterFaultsRun(seed, { rate, ordinary }, context, Object.fromEntries(urls), accounts);
  }

  /** Sells while all is well, and prints how much: first with cold nodes, then with warm ones. */
  async warmUp(): Promise<void> {
    await this.#calm(WARM_UP);
    await this.#calm(CALM);
  }

  async #calm(milliseconds: number): Promise<void> {
    const steadyBuyers = new SteadyBuyers(await this.#startSelling(), this.#context.random.fork());
    await steadyBuyers.come(this.#rate, AbortSignal.timeout(milliseconds));
    await this.#watch.rest(performance.now(), PATIENCE);
    this.#remember(steadyBuyers);
    process.stdout.write(`${this.#rate} purchases/s while all is well: ${steadyBuyers.figures}\n`);
  }

  /** Sells while the fault lasts, then waits for rest. Fails when anything contradicts the invariants. */
  async survive(name: string, fault: ClusterFault): Promise<void> {
    const { cluster, random, kills } = this.#context;
    const steadyBuyers = new SteadyBuyers(await this.#startSelling(), random.fork());
    const over = new AbortController();
    const coming = steadyBuyers.come(this.#rate, over.signal);
    const failed = await fault(this.#context).then(
      () => [],
      (error: Error) => [error.message],
    );
    over.abort();
    const healed = performance.now();
    await coming;
    const { orders, all, left } = await this.#watch.rest(healed, PATIENCE);
    this.#remember(steadyBuyers);
    const found = [...failed, ...steadyBuyers.complaints, ...left, ...(await this.#violations())];
    process.stdout.write(
      `${name}: ${steadyBuyers.figures}, ${this.#context.kills - kills} kills, ` +
        `orders at rest after ${orders.toFixed(1)} s, all after ${all.toFixed(1)} s, seed ${this.#seed}\n`,
    );
    if (found.length > 0) process.stdout.write(`${cluster.output.split("\n").slice(-LINES).join("\n")}\n`);
    expect(found).toEqual([]);
    expect(orders).toBeLessThan(PATIENCE / 1000);
  }

  #remember(steadyBuyers: SteadyBuyers): void {
    for (const [id, states] of steadyBuyers.acknowledged) this.#acknowledged.set(id, states);
  }

  async close(): Promise<void> {
    const { cluster, proxiedServers, isolatedServers, isolated } = this.#context;
    await this.#watch.close();
    await cluster.dispose();
    await Promise.all([proxiedServers.close(), isolatedServers.close()]);
    isolated?.remove();
  }

  async #violations(): Promise<string[]> {
    const { cluster } = this.#context;
    const places = { dataDir: cluster.dataDir, databases: this.#databases };
    const secrets = this.#accounts.map(({ password }) => password);
    const output = cluster.output.split("\n").filter(isOfNode).join("\n");
    return violationsAtRest(places, { acknowledged: this.#acknowledged, secrets, output }, 2000);
  }

  /** New goods each time, so that the scarce ones run out each time. */
  async #startSelling() {
    const { cluster, random } = this.#context;
    const gateway = () => random.pick(cluster.urls);
    const staff = await person(gateway, "staff");
    const stock = [25, ...Array.from({ length: PRODUCTS }, () => 1_000_000)];
    const [scarce, ...plenty] = await Promise.all(stock.map((units) => addProduct(staff, units)));
    const customers = await Promise.all(this.#accounts.map(({ id }) => person(gateway, "customer", id)));
    return { gateway, basket: { plenty, scarce: scarce! }, customers, ordinary: this.#ordinary };
  }
}

async function signUp(cluster: Cluster): Promise<Account[]> {
  const client = new Client(cluster.urls[0]!);
  const all = Array.from({ length: CUSTOMERS }, async () => {
    const account = { email: `${randomUUID()}@example.test`, password: randomUUID() };
    const id = await made(() => client.post<{ id: string }>("/users", { ...account, name: "Buyer" }));
    return { ...account, id };
  });
  return Promise.all(all);
}

const addProduct = (staff: Client, stock: number): Promise<string> => {
  const price = { amount: 12_300, currency: "KRW" };
  const product = { name: "Soban", description: "A small table.", price, stock };
  return made(() => staff.post<{ id: string }>("/products", product));
};

/** The id of what was made, once the cluster is ready to make it. */
const made = (make: () => Promise<Answer<{ readonly id: string }>>): Promise<string> =>
  eventually(async () => {
    const answer = await make().catch(() => null);
    return answer?.status === 201 ? answer.body.id : null;
  }, PATIENCE);
