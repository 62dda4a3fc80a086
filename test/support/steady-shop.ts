/** A shop on a whole cluster under a steady load through its gateways, of which every request is measured. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { withDatabase } from "../../scripts/cluster/plan.ts";
import { startHaproxy } from "../../scripts/cluster/haproxy.ts";
import type { Server } from "../../scripts/cluster/server.ts";
import type { Health } from "../../services/api/health.ts";
import { type Client, orderOf } from "./client.ts";
import { Cluster } from "./cluster.ts";
import { violationsAtRest } from "./ledger.ts";
import { eventually } from "./notebook.ts";
import { order, probe, read, type Report } from "./prober.ts";
import { visitor } from "./visitor.ts";
import { Yardstick } from "./yardstick.ts";

const root = join(import.meta.dirname, "../..");
const BUYERS = 40;
/** Milliseconds that a request may take when a node dies, and when one stands still. */
const [CRASH, FREEZE] = [500, 8000];

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
  /** Nodes of each service. */
  readonly nodes: number;
  readonly env?: Readonly<Record<string, string>>;
}

interface Fault {
  readonly report: Report;
  /** Milliseconds for the slowest answer, of which the machine has had its share. */
  readonly limit: number;
}

export class SteadyShop {
  readonly cluster: Cluster;
  readonly #haproxy: Server;
  readonly #productId: string;
  /** An order of each buyer, by the buyer's client. */
  readonly #orders = new Map<Client, string>();
  readonly #buyers: Buyers;

  private constructor(cluster: Cluster, haproxy: Server, productId: string, buyers: Buyers) {
    this.cluster = cluster;
    this.#haproxy = haproxy;
    this.#productId = productId;
    this.#buyers = buyers;
  }

  /** Resolves when all nodes have worked for a while, so that their code is compiled. */
  static async open({ nodes, env = {} }: Options): Promise<SteadyShop> {
    // Where this process has its keys, with which it signs for whoever comes.
    const dataDir = process.env.DATA_DIR!;
    const cluster = await Cluster.start({ dataDir, nodes, env });
    const haproxy = await startEdge(cluster);
    const productId = await addProduct(cluster, 1_000_000);
    const crowd = (url: (index: number) => string) =>
      Promise.all(Array.from({ length: BUYERS }, (_, index) => visitor(url(index))));
    const shop = new SteadyShop(cluster, haproxy, productId, {
      gateways: await crowd((index) => cluster.urls[index % cluster.urls.length]!),
      haproxy: await crowd(() => haproxy.url),
    });
    await shop.#warmUp();
    return shop;
  }

  /** Kills everything. */
  async close(): Promise<void> {
    this.#haproxy.kill("SIGKILL");
    await this.#haproxy.stop();
    await this.cluster.dispose();
  }

  /** The load while `happen` runs; its figures are printed, and the slowest answers where they are slow or wrong. */
  async measure(name: string, happen: () => Promise<unknown>, load: Load = {}): Promise<Report> {
    const { through = "gateways", reads = 50, writes = 20 } = load;
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

  /** A crash of this node under load; another is started in its place. */
  async crash(name: string, load?: Load): Promise<Fault> {
    const fault = await this.#break(`kill -9 ${name}`, CRASH, load, async () => {
      await sleep(500);
      this.cluster.kill(name);
      await sleep(2000);
    });
    await this.cluster.startNode(name);
    await this.whole();
    return fault;
  }

  /** This node stands still under load for so many milliseconds, and goes on. */
  async freeze(name: string, milliseconds: number, load?: Load): Promise<Fault> {
    const fault = await this.#break(`SIGSTOP ${name}`, FREEZE, load, async () => {
      await sleep(500);
      this.cluster.kill(name, "SIGSTOP");
      await sleep(milliseconds).finally(() => this.cluster.kill(name, "SIGCONT"));
      await sleep(2000);
    });
    await this.whole();
    return fault;
  }

  /** What the same load takes before anything breaks, and what processes wait for their turn, are the machine's. */
  async #break(name: string, limit: number, load: Load | undefined, happen: () => Promise<void>): Promise<Fault> {
    const yardstick = await Yardstick.start();
    const calm = await this.measure("calm", () => sleep(1000), load);
    const report = await this.measure(name, happen, load);
    await yardstick.end();
    return { report, limit: yardstick.allow(limit + (calm.worst < limit / 2 ? 0 : calm.worst)) };
  }

  /** Each node of these services is stopped in order and started again, one after the other. */
  async restart(services: readonly string[], load?: Load): Promise<Report> {
    const names = services.flatMap((service) => this.cluster.nodes(service));
    const happen = async () => {
      for (const name of names) {
        await this.cluster.stopNode(name);
        await this.cluster.startNode(name);
        await this.whole();
      }
    };
    return this.measure(`restart of ${services.join(", ")}`, happen, load);
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
    return visitor(this.cluster.urls, role);
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
    const shelves = { dataDir: cluster.dataDir, databases: Object.fromEntries(urls) };
    return violationsAtRest(shelves, { output: cluster.output }, 240_000);
  }

  async #warmUp(): Promise<void> {
    const visit = async (client: Client) => {
      const { status, body } = await client.post<{ id: string }>("/orders", orderOf(this.#productId));
      if (status !== 201) throw new Error(`An order was answered ${status} ${JSON.stringify(body)}.`);
      this.#orders.set(client, body.id);
    };
    for (const clients of Object.values(this.#buyers)) await Promise.all(clients.map(visit));
    await this.measure("warm-up", () => sleep(3000));
    await this.whole();
  }
}

/** HAProxy with the rules of deploy/ before the gateways of a cluster. */
async function startEdge({ dataDir, urls }: Cluster): Promise<Server> {
  const folder = join(dataDir, "haproxy");
  mkdirSync(folder);
  symlinkSync(join(root, "deploy/haproxy/edge.cfg"), join(folder, "edge.cfg"));
  const servers = urls.map((url, index) => `  server gateway${index} ${new URL(url).host}\n`);
  writeFileSync(join(folder, "gateways.cfg"), `backend gateways from to-gateways\n${servers.join("")}`);
  return startHaproxy({ folder, file: folder, env: (port) => ({ HAPROXY_BIND: `127.0.0.1:${port}` }) });
}

async function addProduct({ urls }: Cluster, stock: number): Promise<string> {
  const staff = await visitor(urls, "staff");
  const price = { amount: 12_300, currency: "KRW" };
  const product = { name: "Soban", description: "A small table.", price, stock };
  const { status, body } = await staff.post<{ id: string }>("/products", product);
  if (status !== 201) throw new Error(`A product was answered ${status}.`);
  return body.id;
}
