/** A deployment to break: servers, payment provider and several nodes of each service, as processes with names. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Carriers } from "../../../scripts/cluster/carriers.ts";
import { LocalCluster } from "../../../scripts/cluster/cluster.ts";
import type { NodePlan } from "../../../scripts/cluster/plan.ts";
import type { Entry } from "../../../scripts/cluster/roster.ts";
import type { Server } from "../../../scripts/cluster/servers.ts";
import { eventually } from "../fixtures/eventually.ts";
import type { Account } from "./platform.ts";

/** All that an order needs. */
export const orderServices = ["api", "user", "product", "order", "payment", "notification"];

interface Options {
  /** A new one unless given; removed in the end. */
  readonly dataDir?: string;
  /** Nodes of each service. */
  readonly nodes?: number;
  /** All unless given. */
  readonly services?: readonly string[];
  /** NATS carries calls and events unless given. */
  readonly carriers?: Partial<Carriers>;
  /** Starts again what ends by itself. */
  readonly restart?: boolean;
  /** For every node and the provider. */
  readonly env?: Readonly<Record<string, string>>;
  /** The last word on how a node is run. */
  readonly adapt?: (plan: NodePlan) => Promise<NodePlan>;
}

export class Cluster {
  readonly dataDir: string;
  readonly #cluster: LocalCluster;
  readonly #lines: string[];

  private constructor(dataDir: string, cluster: LocalCluster, lines: string[]) {
    this.dataDir = dataDir;
    this.#cluster = cluster;
    this.#lines = lines;
  }

  /** Resolves when every gateway knows every service, and the demo data is there. */
  static async start({ nodes = 1, env = {}, dataDir = temporary(), ...options }: Options = {}): Promise<Cluster> {
    const lines: string[] = [];
    const onLine = (name: string, line: string) => void lines.push(`${name} | ${line}`);
    const cluster = await LocalCluster.start({
      dataDir,
      nodes,
      ...options,
      onLine,
      env: { RATE_LIMIT: "off", ...env },
    });
    await cluster.seed();
    const open = new Cluster(dataDir, cluster, lines);
    await Promise.all(open.urls.map(isReady));
    return open;
  }

  /** Addresses of the gateways. */
  get urls(): string[] {
    return this.#cluster.urls;
  }

  /** Every process that runs. */
  get processes(): Entry[] {
    return this.#cluster.processes;
  }

  get nats() {
    return this.#cluster.nats!;
  }

  get redis(): Server {
    return this.#cluster.redis;
  }

  get postgres() {
    return this.#cluster.postgres;
  }

  /** The sandbox payment provider. */
  get provider(): Server {
    return this.#cluster.provider!;
  }

  /** Everything that the processes wrote, each line behind the name of its process. */
  get output(): string {
    return this.#lines.join("\n");
  }

  /** The demo sign-ins. */
  get accounts(): readonly Account[] {
    return JSON.parse(readFileSync(join(this.dataDir, "demo-accounts.json"), "utf8")) as Account[];
  }

  /** Names of the nodes, or of those of one service. */
  nodes(service?: string): string[] {
    return [...this.#cluster.nodes.keys()].filter((name) => service === undefined || name.startsWith(`${service}-`));
  }

  /** Sends a signal to a node or server by its name: SIGKILL, SIGSTOP, SIGCONT. */
  kill(name: string, signal: NodeJS.Signals = "SIGKILL"): void {
    this.#cluster.process(name).kill(signal);
  }

  /** Ends a node in order and waits until it is gone. */
  stopNode(name: string): Promise<void> {
    return this.#cluster.process(name).stop();
  }

  /** Starts a node that has ended, under its old name, and waits until it is ready. */
  startNode(name: string): Promise<void> {
    return this.#cluster.process(name).restart();
  }

  /** Ends everything in order: gateways, services, servers. */
  stop(): Promise<void> {
    return this.#cluster.stop();
  }

  /** Ends everything at once and removes its data. */
  async dispose(): Promise<void> {
    await this.#cluster.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

const temporary = (): string => mkdtempSync(join(tmpdir(), "madang-cluster-"));

const isReady = (url: string): Promise<boolean> =>
  eventually(async () => {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    await answer?.arrayBuffer();
    return answer?.ok ? true : null;
  });
