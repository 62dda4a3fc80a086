/** A whole cluster under a steady load through its gateways, of which every request is measured. */
import { setTimeout as sleep } from "node:timers/promises";
import { withDatabase } from "#mixins/node/services.ts";
import type { Server } from "../../../scripts/cluster/server.ts";
import type { Health } from "#mixins/gateway/health.ts";
import { type Client, orderOf } from "../actors/client.ts";
import { Cluster, orderServices } from "../systems/cluster.ts";
import { startLoadBalancer } from "../systems/load-balancer.ts";
import { violationsAtRest } from "../invariants/invariants.ts";
import { eventually } from "../fixtures/eventually.ts";
import { order, probe, read, type Report } from "../actors/prober.ts";
import { patientCaller } from "../actors/patient-caller.ts";
import { MachineSpeed } from "../invariants/machine-speed.ts";

const BUYERS = 40;
/** Milliseconds that a request may take when a node dies, and when one stands still. */
const [CRASH, FREEZE] = [500, 8000];
/** Milliseconds for which the load is measured before something breaks. */
const CALM = 1000;
/** Milliseconds of the slowest answer above which a machine does not keep up: half the load is offered, a sixteenth at least. */
const [KEEPS_UP, LEAST] = [1000, 1 / 16];

interface Load {
  /** Straight to the gateways, or to the load balancer before them. */
  readonly through?: Way;
  /** Requests a second. */
  readonly reads?: number;
  readonly writes?: number;
}

type Way = "gateways" | "haproxy";
/** Clients by the way that their requests take. */
type Buyers = Readonly<Record<Way, readonly Client[]>>;

interface Options {
  /** Nodes of each service that an order needs. */
  readonly nodes: number;
  readonly env?: Readonly<Record<string, string>>;
}

interface Fault {
  readonly report: Report;
  /** Milliseconds for the slowest answer, of which the machine has had its share. */
  readonly limit: number;
}

export class AvailabilityRun {
  readonly cluster: Cluster;
  readonly #haproxy: Server;
  readonly #productId: string;
  /** An order of each buyer, by the buyer's client. */
  readonly #orders = new Map<Client, string>();
  readonly #buyers: Buyers;
  /** Of the load, what this machine can serve: what it cannot would wait longer and longer, whatever breaks. */
  #share = 1;

  private constructor(cluster: Cluster, haproxy: Server, productId: string, buyers: Buyers) {
    this.cluster = cluster;
    this.#haproxy = haproxy;
    this.#productId = productId;
    this.#buyers = buyers;
  }

  /** Resolves when all nodes have worked for a while, so that their code is compiled. */
  static async open({ nodes, env = {} }: Options): Promise<AvailabilityRun> {
    // Where this process has its keys, with which it signs for whoever comes.
    const dataDir = process.env.DATA_DIR!;
    const cluster = await Cluster.start({ dataDir, nodes, env, services: orderServices });
    const haproxy = await startLoadBalancer(cluster);
    const productId = await addProduct(cluster, 1_000_000);
    const steadyBuyers = (url: (index: number) => string) =>
      Promise.all(Array.from({ length: BUYERS }, (_, index) => patientCaller(url(index))));
    const run = new AvailabilityRun(cluster, haproxy, productId, {
      gateways: await steadyBuyers((index) => cluster.urls[index % cluster.urls.length]!),
      haproxy: await steadyBuyers(() => haproxy.url),
    });
    await run.#warmUp();
    return run;
  }

  /** Kills everything. */
  async close(): Promise<void> {
    this.#haproxy.kill("SIGKILL");
    await this.#haproxy.stop();
    await this.cluster.dispose();
  }

  /** The load while `happen` runs; its figures are printed, and the slowest answers where they are slow or wrong. */
  async measure(name: string, happen: () => Promise<unknown>, load: Load = {}): Promise<Report> {
    const { through = "gateways" } = load;
    const [reads, writes] = [load.reads ?? 50, load.writes ?? 20].map((rate) => rate * this.#share) as [number, number];
    const clients = this.#buyers[through];
    const report = await probe(
      [
        { name: "product", clients, ask: read(`/products/${this.#productId}`), rate: reads / 2 },
        {
          name: "order",
          clients,
          ask: (client: Client) => client.get(`/orders/${this.#orders.get(client)}`),
          rate: reads / 2,
        },
        { name: "purchase", clients, ask: order(orderOf(this.#productId)), rate: writes },
      ].filter(({ rate }) => rate > 0),
      happen(),
    );
    process.stdout.write(`${name}: ${report.figures}\n`);
    if (report.worst > 500 || report.failures.length > 0)
      process.stdout.write(`  ${[...report.slowest, ...report.failures.slice(0, 12)].join("\n  ")}\n`);
    return report;
  }

  /** A crash of this node under load; another is started in its place by `revive`. */
  crash(name: string, load?: Load): Promise<Fault> {
    return this.#break(`kill -9 ${name}`, [CRASH, 2500], load, async () => {
      await sleep(500);
      this.cluster.kill(name);
      await sleep(2000);
    });
  }

  /** Starts nodes that have crashed, all at once. */
  async revive(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.cluster.startNode(name)));
    await this.whole();
  }

  /** This node stands still under load for so many milliseconds, and goes on. */
  async freeze(name: string, milliseconds: number, load?: Load): Promise<Fault> {
    const fault = await this.#break(`SIGSTOP ${name}`, [FREEZE, milliseconds + 2500], load, async () => {
      await sleep(500);
      this.cluster.kill(name, "SIGSTOP");
      await sleep(milliseconds).finally(() => this.cluster.kill(name, "SIGCONT"));
      await sleep(2000);
    });
    await this.whole();
    return fault;
  }

  /**
   * What the same load takes before anything breaks, and what processes wait for their turn, are the machine's. Where it
   * is busy, the longer the load lasts, the more waits.
   */
  async #break(
    name: string,
    [limit, milliseconds]: readonly [number, number],
    load: Load | undefined,
    happen: () => Promise<void>,
  ): Promise<Fault> {
    const machineSpeed = await MachineSpeed.start();
    const calm = await this.#calm(load);
    const report = await this.measure(name, happen, load);
    await machineSpeed.end();
    const own = calm.worst < CRASH / 2 ? 0 : calm.worst * (1 + milliseconds / CALM);
    return { report, limit: machineSpeed.allow(limit + own) };
  }

  /** Offers less until the machine keeps up. */
  async #calm(load?: Load): Promise<Report> {
    const report = await this.measure("calm", () => sleep(CALM), load);
    if (report.worst < KEEPS_UP || this.#share <= LEAST) return report;
    this.#share /= 2;
    return this.#calm(load);
  }

  /** These nodes are stopped in order and started again, one after the other. */
  async restart(names: readonly string[], load?: Load): Promise<Report> {
    await this.#calm(load);
    const happen = async () => {
      for (const name of names) {
        await this.cluster.stopNode(name);
        await this.cluster.startNode(name);
        await this.whole();
      }
    };
    return this.measure(`restart of ${names.join(", ")}`, happen, load);
  }

  /** A product with so many units. */
  newProduct(stock: number): Promise<string> {
    return addProduct(this.cluster, stock);
  }

  async stockOf(productId: string): Promise<object> {
    return (await (await this.person("staff")).get<object>(`/products/${productId}/stock`)).body;
  }

  /** A customer who asks each gateway in turn. */
  person(role?: string): Promise<Client> {
    return patientCaller(this.cluster.urls, role);
  }

  /** As the first gateway sees it, or another. */
  async health(gateway = 0): Promise<Health> {
    return (await (await fetch(`${this.cluster.urls[gateway]}/health`)).json()) as Health;
  }

  /** Resolves when every gateway knows all nodes, and none is thought ill of. */
  async whole(): Promise<void> {
    const expected = this.cluster.nodes().length;
    const isWhole = ({ status, nodes }: Health) =>
      status === "ok" && nodes.filter(({ available }) => available).length === expected;
    let seen: readonly Health[] = [];
    await eventually(async () => {
      seen = await Promise.all(this.cluster.urls.map((_, index) => this.health(index)));
      return seen.every(isWhole);
    }).catch((error: unknown) => {
      throw new Error(JSON.stringify(seen), { cause: error });
    });
  }

  /** What contradicts the invariants once all is at rest. */
  async violations(): Promise<string[]> {
    const { cluster } = this;
    const services = withDatabase([...new Set(cluster.processes.flatMap((one) => one.services))]);
    const urls = await Promise.all(
      services.map(async (name) => [name, await cluster.postgres.database(name)] as const),
    );
    const places = { dataDir: cluster.dataDir, databases: Object.fromEntries(urls) };
    return violationsAtRest(places, { output: cluster.output }, 240_000);
  }

  async #warmUp(): Promise<void> {
    const visit = async (client: Client) => {
      // Eighty at once may take a busy machine longer than an order may.
      const id = await eventually(async () => {
        const { status, body } = await client.post<{ id: string }>("/orders", orderOf(this.#productId));
        return status < 300 ? body.id : null;
      });
      this.#orders.set(client, id);
    };
    for (const clients of Object.values(this.#buyers)) await Promise.all(clients.map(visit));
    await this.measure("warm-up", () => sleep(3000));
    await this.whole();
  }
}

async function addProduct({ urls }: Cluster, stock: number): Promise<string> {
  const staff = await patientCaller(urls, "staff");
  const price = { amount: 12_300, currency: "KRW" };
  const product = { name: "Soban", description: "A small table.", price, stock };
  const { status, body } = await staff.post<{ id: string }>("/products", product);
  if (status !== 201) throw new Error(`A product was answered ${status}.`);
  return body.id;
}
