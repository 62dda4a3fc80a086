/** A shop on a whole local cluster under load, and what each part of it costs. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalCluster } from "../../../scripts/cluster/cluster.ts";
import { address, Client } from "../../../test/support/actors/client.ts";
import { load, type Result } from "../../support/load.ts";
import { cpuTime } from "../../support/process.ts";

export const BUYERS = 64;
/** What they buy, each time another: a shop that sells one thing only would measure one row. */
export const PRODUCTS = 20;

interface Account {
  readonly role: string;
  readonly email: string;
  readonly password: string;
}

export class ClusterShop {
  readonly cluster: LocalCluster;
  readonly #dataDir: string;
  #tokens: readonly string[] = [];
  #bodies: readonly string[] = [];
  #orders = 0;

  private constructor(cluster: LocalCluster, dataDir: string) {
    this.cluster = cluster;
    this.#dataDir = dataDir;
  }

  /** @param nodes of each service */
  static async open(nodes: number): Promise<ClusterShop> {
    const dataDir = mkdtempSync(join(tmpdir(), "madang-bench-"));
    const env = { RATE_LIMIT: "off", LOG_LEVEL: "warn", NOTIFICATION_RATE: "0" };
    const cluster = await LocalCluster.start({ dataDir, nodes, env });
    await cluster.seed();
    const shop = new ClusterShop(cluster, dataDir);
    await shop.#prepare();
    return shop;
  }

  async #prepare(): Promise<void> {
    const client = new Client(this.cluster.urls[0]!);
    const accounts = JSON.parse(readFileSync(join(this.#dataDir, "demo-accounts.json"), "utf8")) as Account[];
    const admin = await client.as(accounts.find(({ role }) => role === "admin")!);
    const products = await Promise.all(Array.from({ length: PRODUCTS }, () => newProduct(admin)));
    // Few at once: hashing a password is meant to be slow.
    const tokens: string[] = [];
    const lane = async () => {
      while (tokens.length < BUYERS) tokens.push(await buyer(client));
    };
    await Promise.all([lane(), lane()]);
    this.#tokens = tokens;
    this.#bodies = products.map((productId) =>
      JSON.stringify({ items: [{ productId, quantity: 1 }], paymentMethod: "tok_success", shippingAddress: address }),
    );
  }

  /**
   * Buyers place one order after another, each on a connection of its own, spread over the gateways.
   * @param clients connections; when there are more than buyers, buyers have several
   * @throws Error when an order was not confirmed
   */
  async checkout(seconds: number, clients = BUYERS): Promise<Result> {
    const ports = this.cluster.ports["api"]!;
    const connections = Math.ceil(clients / ports.length);
    const results = await Promise.all(
      ports.map((port, gateway) =>
        load({ port, connections, seconds, request: (n) => this.#request((gateway * connections + n) % BUYERS) }),
      ),
    );
    const statuses = results.flatMap((result) => Object.entries(result.statuses));
    const failed = statuses.filter(([status]) => status !== "201");
    if (failed.length > 0) throw new Error(`Not every order was confirmed: ${JSON.stringify(failed)}.`);
    const requests = results.reduce((sum, result) => sum + result.requests, 0);
    return { ...results[0]!, requests, perSecond: results.reduce((sum, result) => sum + result.perSecond, 0) };
  }

  /** Milliseconds of processor time so far: of the nodes, and of the servers and the provider. */
  cpu(): { nodes: number; servers: number } {
    const { cluster } = this;
    const own = cluster.processes.filter(({ services }) => services.length > 0).map(({ pid }) => pid);
    const servers = [cluster.nats!.pid, cluster.redis.pid, cluster.provider!.pid, ...familyOf(cluster.postgres.pid)];
    // The process of a connection may have ended since it was listed.
    const sum = (pids: readonly number[]) => pids.reduce((total, pid) => total + (cpuTime(pid) || 0), 0);
    return { nodes: sum(own), servers: sum(servers) };
  }

  /** URL of each database by service. */
  async databases(): Promise<ReadonlyMap<string, string>> {
    const services = ["user", "product", "order", "payment", "notification"];
    const urls = services.map(async (service) => [service, await this.cluster.postgres.database(service)] as const);
    return new Map(await Promise.all(urls));
  }

  async close(): Promise<void> {
    await this.cluster.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }

  #request(connection: number): string {
    const body = this.#bodies[this.#orders++ % PRODUCTS]!;
    return [
      "POST /api/v1/orders HTTP/1.1",
      "Host: localhost",
      `Authorization: Bearer ${this.#tokens[connection]}`,
      `Idempotency-Key: ${randomUUID()}`,
      "Content-Type: application/json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n");
  }
}

async function newProduct(admin: Client): Promise<string> {
  const { status, body } = await admin.post<{ id: string }>("/products", {
    name: "Bench",
    description: "Never runs out.",
    price: { amount: 39_000, currency: "KRW" },
    stock: 1_000_000,
  });
  if (status !== 201) throw new Error(`A product was answered ${status}.`);
  return body.id;
}

async function buyer(client: Client): Promise<string> {
  const account = { email: `${randomUUID()}@example.test`, password: randomUUID() };
  await client.post("/users", { ...account, name: "Buyer" });
  const { status, body } = await client.post<{ accessToken: string }>("/sessions", account);
  if (status !== 201) throw new Error(`A sign-in was answered ${status}.`);
  return body.accessToken;
}

/** PostgreSQL works in processes of its own for each connection. */
function familyOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
  return [pid, ...children.split(" ").filter(Boolean).map(Number)];
}

/** Processor time of one order: of nodes and servers together, milliseconds. */
export async function costOf(
  shop: ClusterShop,
  seconds: number,
  clients = BUYERS,
): Promise<{ result: Result; nodes: number; servers: number }> {
  const before = shop.cpu();
  const result = await shop.checkout(seconds, clients);
  const after = shop.cpu();
  return {
    result,
    nodes: (after.nodes - before.nodes) / result.requests,
    servers: (after.servers - before.servers) / result.requests,
  };
}
