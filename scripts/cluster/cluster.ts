/** A whole deployment as processes of this machine: servers, payment provider, and several nodes of each service. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { knownServices } from "#mixins/node/services.ts";
import { programs, services as placed } from "../../deploy/topology.ts";
import { type Carriers, carrierSecrets, carriersOf, startCarriers } from "./carriers.ts";
import {
  addressOf,
  type GatewayPorts,
  isAsked,
  isGateway,
  isWeb,
  type Links,
  type NodePlan,
  memberEnv,
  nodeNames,
  nodePlans,
} from "./plan.ts";
import { freePort } from "./ports.ts";
import { nodeProgram, seed, startProvider, startStreams } from "./processes.ts";
import { type Entry, Roster } from "./roster.ts";
import { type Change, type Server, type ServerOptions, ServerProcess } from "./server.ts";
import { type Nats, type Postgres, startNats, startPostgres, startRedis, unlock } from "./servers.ts";

const natsFile = join(import.meta.dirname, "../../deploy/nats.conf");

export interface ClusterOptions {
  readonly dataDir: string;
  /** Nodes of each service. */
  readonly nodes: number;
  /** All unless given. */
  readonly services?: readonly string[];
  /** NATS carries calls and events unless given. */
  readonly carriers?: Partial<Carriers>;
  /** Of each gateway, as many as nodes; free ones unless given. */
  readonly ports?: GatewayPorts;
  /** Starts again what ends by itself. */
  readonly restart?: boolean;
  /** For every node and the provider. */
  readonly env?: Readonly<Record<string, string>>;
  /** The last word on how a node is run. */
  readonly adapt?: (plan: NodePlan) => Promise<NodePlan>;
  readonly onLine?: (name: string, line: string) => void;
}

/** Milliseconds before something that died is started again. */
const RESTART_DELAY = 500;

export class LocalCluster {
  readonly services: readonly string[];
  readonly ports: GatewayPorts;
  readonly nodes = new Map<string, ServerProcess>();
  /** Only where it carries something. */
  nats: Nats | undefined;
  redis!: Server;
  postgres!: Postgres;
  /** Only beside the payment service. */
  provider: Server | undefined;
  readonly #options: ClusterOptions;
  readonly #carriers: Carriers;
  readonly #folder: string;
  readonly #roster: Roster;
  readonly #servers = new Map<string, Server>();
  #links!: Links;
  #isOpen = false;

  private constructor(options: ClusterOptions, services: readonly string[], ports: GatewayPorts) {
    this.#options = options;
    this.#carriers = { transporter: "nats", bus: "nats", ...options.carriers };
    this.#folder = resolve(options.dataDir);
    this.services = services;
    this.ports = ports;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    this.#roster = new Roster(join(this.#folder, "cluster.json"));
  }

  /** Resolves when every node is ready. @throws Error with the output of what did not start */
  static async start(options: ClusterOptions): Promise<LocalCluster> {
    // Before its list of processes is replaced.
    unlock(resolve(options.dataDir, "postgres"));
    const { nodes, services = knownServices(), ports: given } = options;
    const ports: Record<string, readonly number[]> = {};
    for (const name of services.filter(isGateway)) ports[name] = given?.[name] ?? (await freePorts(nodes));
    const cluster = new LocalCluster(options, services, ports);
    try {
      await cluster.#startServers();
      cluster.#links = await cluster.#link();
      cluster.#writeEnvironment();
      cluster.#isOpen = true;
      await cluster.#startNodes();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** Addresses of the gateways. */
  get addresses(): string[] {
    return Object.entries(this.ports).flatMap(([name, ports]) => ports.map((port) => addressOf(name, port)));
  }

  /** Those of the HTTP API. */
  get urls(): string[] {
    return Object.keys(this.ports)
      .filter(isWeb)
      .flatMap((name) => this.ports[name]!.map((port) => addressOf(name, port)));
  }

  /** Every process that runs. */
  get processes(): Entry[] {
    return this.#roster.entries;
  }

  /** A node or a server by its name. @throws Error when there is none */
  process(name: string): Server | ServerProcess {
    const process = this.nodes.get(name) ?? this.#servers.get(name);
    if (process) return process;
    throw new Error(`There is no ${name}, only ${[...this.nodes.keys(), ...this.#servers.keys()].join(", ")}.`);
  }

  /** Writes the demo data of the services that run. There is none without accounts. */
  async seed(): Promise<void> {
    if (this.services.includes("user")) await seed(this.#folder, memberEnv(programs.seed, this.#links), this.services);
  }

  /** In the order in which they lean on each other: gateways finish first, servers end last. */
  async stop(): Promise<void> {
    this.#isOpen = false;
    const nodes = [...this.nodes.values()];
    const isOpen = ({ name }: ServerProcess) => isGateway(name.replace(/-\d+$/, ""));
    await stopAll(nodes.filter(isOpen));
    await stopAll(nodes.filter((node) => !isOpen(node)));
    await this.provider?.stop();
    await stopAll([...this.#servers.values()]);
  }

  /** Ends everything at once, finished or not. */
  async kill(): Promise<void> {
    this.#isOpen = false;
    const all = [...this.nodes.values(), ...this.#servers.values()];
    for (const process of all) process.kill("SIGKILL");
    await stopAll(all);
  }

  /** What a process is started with to be listed, heard, and started again. */
  #watched(name: string, services: readonly string[] = [], gatewayPort?: number) {
    return {
      // How servers start and end is no news: only what they write in between.
      onLine: (line: string) => (services.length > 0 || this.#isOpen) && this.#options.onLine?.(name, line),
      onChange: (change: Change, pid: number, port: number) => {
        // What a node listens on by itself is for its probes; a server is there for its port.
        const reached = services.length === 0 ? port : gatewayPort;
        if (change === "started") this.#roster.add({ name, services, pid, ...(reached && { port: reached }) });
        else this.#roster.remove(name);
        if (change === "died" && this.#options.restart) setTimeout(() => this.#revive(name), RESTART_DELAY);
      },
    };
  }

  /** How `npm run shell` joins, readable by its owner only: it has passwords. */
  #writeEnvironment(): void {
    const lines = Object.entries(memberEnv(programs.seed, this.#links)).map(([name, value]) => `${name}=${value}\n`);
    writeFileSync(join(this.#folder, "cluster.env"), lines.join(""), { mode: 0o600 });
  }

  #revive(name: string): void {
    if (this.#isOpen) void this.process(name).begin();
  }

  async #startServers(): Promise<void> {
    const server = (name: string) => ({ folder: join(this.#folder, name), ...this.#watched(name) });
    const keep = <S extends Server>(started: S): S => {
      this.#servers.set(started.name, started);
      return started;
    };
    // All are waited for, also when one fails: what was started must be stopped.
    const results = await Promise.allSettled([
      ...(carriersOf(this.#carriers).includes("nats") ? [this.#startNats(server("nats"), keep)] : []),
      ...startCarriers(this.#carriers, server, keep),
      startRedis(server("redis")).then((redis) => (this.redis = keep(redis))),
      startPostgres(server("postgres")).then((postgres) => (this.postgres = keep(postgres))),
      this.#startProvider(),
    ]);
    const failed = results.find((result) => result.status === "rejected");
    if (failed) throw failed.reason;
  }

  async #startNats(options: ServerOptions, keep: (server: Server) => void): Promise<void> {
    this.nats = await startNats({ ...options, file: natsFile });
    keep(this.nats);
    if (this.#carriers.bus !== "nats") return;
    const watched = this.#watched("streams", ["streams"]);
    keep(await startStreams(this.nats.urlFor("streams"), { ...watched, folder: this.#folder }));
  }

  async #startProvider(): Promise<void> {
    if (!isAsked("provider", this.services)) return;
    const { env = {} } = this.#options;
    const watched = this.#watched("provider");
    this.provider = await startProvider({ ...watched, folder: this.#folder, gateways: this.urls, env });
    this.#servers.set("provider", this.provider);
  }

  async #startNodes(): Promise<void> {
    const { nodes, env, adapt = async (plan) => plan } = this.#options;
    for (const plan of nodePlans(this.services, nodes, this.ports, this.#links)) {
      // Without a server between them, nodes find each other by their names.
      const named = this.#carriers.transporter === "tcp" ? { NODE_ID: plan.name } : {};
      const full = await adapt({ ...plan, env: { ...plan.env, ...named, ...env } });
      const watched = this.#watched(plan.name, plan.services, plan.port);
      this.nodes.set(plan.name, new ServerProcess(nodeProgram(full, this.#folder, watched), await freePort()));
    }
    await Promise.all([...this.nodes.values()].map((node) => node.ready()));
  }

  async #link(): Promise<Links> {
    const parties = { users: ["node", ...this.services], nodes: nodeNames(this.services, this.#options.nodes) };
    const secrets = await carrierSecrets(this.#carriers, this.#servers, parties);
    secrets["redis_url"] = this.redis.url;
    for (const service of this.services) {
      const database = placed[service]?.secrets?.["DATABASE_URL"];
      if (database) secrets[database] = await this.postgres.database(service);
    }
    return { secrets, addresses: this.provider ? { provider: this.provider.url } : {} };
  }
}

const stopAll = async (processes: readonly { stop(): Promise<void> }[]): Promise<void> => {
  await Promise.all(processes.map((process) => process.stop()));
};

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}
