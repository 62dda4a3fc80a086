/** `npm run cluster`: runs a deployment on this machine, shows what its processes write, and ends them in order. */
import { existsSync, readFileSync } from "node:fs";
import { parseArgs, styleText } from "node:util";
import { ConfigError, dataDir, dataPath } from "#core/config.ts";
import { requireClient } from "#mixins/node/clients.ts";
import { accountsFile, config as demo, type DemoAccount } from "#mixins/node/demo.ts";
import { knownServices } from "#mixins/node/services.ts";
import { welcome } from "#mixins/node/welcome.ts";
import { services as placed } from "../../deploy/topology.ts";
import { provide } from "./binaries.ts";
import { buses, type Carriers, carriersOf, findServer, transporters } from "./carriers.ts";
import { LocalCluster } from "./cluster.ts";
import { insist } from "./late.ts";
import { type GatewayPorts, isGateway, isWeb } from "./plan.ts";
import { isFree } from "./ports.ts";

interface Wanted {
  readonly carriers: Carriers;
  readonly nodes: number;
  readonly restart: boolean;
  readonly services: readonly string[];
  readonly port: number;
}

const usage =
  "npm run cluster takes --nodes 3, --services order,payment, --port 3000, --transporter amqp, --bus rabbitmq and --restart";

function number(flag: string, value: string, most: number): number {
  const parsed = Number(value);
  if (Number.isInteger(parsed) && parsed >= 1 && parsed <= most) return parsed;
  throw new ConfigError(`--${flag} must be a whole number from 1 to ${most}, not "${value}".`);
}

function oneOf<T extends object>(flag: string, value: string, known: T): keyof T {
  if (Object.hasOwn(known, value)) return value as keyof T;
  throw new ConfigError(`--${flag} must be one of ${Object.keys(known).join(", ")}, not "${value}".`);
}

/** @throws ConfigError before anything starts, when a package of a client or the program of a server is missing */
function carriers(transporter: string, bus: string): Carriers {
  const wanted = { transporter: oneOf("transporter", transporter, transporters), bus: oneOf("bus", bus, buses) };
  requireClient("--transporter", wanted.transporter);
  requireClient("--bus", wanted.bus);
  carriersOf(wanted).forEach(findServer);
  return wanted;
}

function flags(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        nodes: { type: "string", default: "1" },
        restart: { type: "boolean", default: false },
        services: { type: "string", default: "" },
        transporter: { type: "string", default: "nats" },
        bus: { type: "string", default: "nats" },
        port: { type: "string", default: process.env.PORT || "3000" },
      },
    }).values;
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split(".")[0]}: ${usage}.`);
  }
}

/** @throws ConfigError in one sentence */
function parse(args: readonly string[]): Wanted {
  const { nodes, restart, services, port, transporter, bus } = flags(args);
  const known = knownServices();
  const wanted = services
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new ConfigError(`--services names ${unknown.join(", ")}, but the services are ${known.join(", ")}.`);
  return {
    carriers: carriers(transporter, bus),
    nodes: number("nodes", nodes, 20),
    restart,
    services: wanted.length > 0 ? wanted : known,
    port: number("port", port, 65_000),
  };
}

/** Whoever reads the address of a gateway for people keeps it; programs are told theirs. */
async function gatewayPorts({ nodes, port, services }: Wanted): Promise<GatewayPorts> {
  const ports: Record<string, number[]> = {};
  for (const gateway of services.filter(isGateway)) {
    const own: number[] = (ports[gateway] = []);
    for (let next = isWeb(gateway) ? port : placed[gateway]!.port!; own.length < nodes; next += 1) {
      if (await isFree(next)) own.push(next);
      else if (isWeb(gateway)) throw new ConfigError(`The port ${next} is taken: choose others with --port.`);
    }
  }
  return ports;
}

const colours = ["cyan", "green", "yellow", "blue", "magenta", "redBright", "greenBright", "blueBright"] as const;

/** Writes each line behind the name of its process, in the colour of its service. */
function log(services: readonly string[]) {
  const width = Math.max(...[...services, "postgres"].map((name) => name.length)) + 3;
  return (name: string, line: string): void => {
    const colour = colours[services.findIndex((service) => name.startsWith(`${service}-`)) % colours.length] ?? "gray";
    console.log(`${styleText(colour, `${name.padEnd(width)}|`)} ${line}`);
  };
}

/** The launcher and a terminal may both pass the same Ctrl-C on; while all is still starting, the kernel ends it with us. */
function stopWith(end: () => Promise<void>): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    console.log("Stopping: gateways first, then the services, then the servers …");
    void end().then(() => process.exit(0));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const launcher = process.ppid;
  setInterval(() => process.ppid !== launcher && stop(), 500).unref();
}

/** On a busy machine the demo data comes late; the nodes run all the same. */
function tellLate(why: string, isLast: boolean): void {
  const next = isLast ? "everything runs without it, and `npm run shell` shows what does not" : "it is tried again";
  console.error(`The demo data could not be written yet, ${next}:\n${why}`);
}

/** The sign-ins that the seeding left in the data folder. */
function accounts(): readonly DemoAccount[] {
  const path = accountsFile();
  return demo.DEMO && existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as DemoAccount[]) : [];
}

/** @throws ConfigError for what the user can mend */
export async function command(args: readonly string[]): Promise<void> {
  const wanted = parse(args);
  provide(["nats-server", "redis-server"]);
  const ports = await gatewayPorts(wanted);
  const list = dataPath("cluster.json");
  const count = wanted.nodes * wanted.services.length;
  let cluster: LocalCluster | undefined;
  stopWith(async () => cluster?.stop());

  const started = performance.now();
  const servers = new Set(["redis", "postgres", ...carriersOf(wanted.carriers).filter((name) => name !== null)]);
  console.log(`Starting ${[...servers].join(", ")}, the payment provider and ${count} nodes …`);
  cluster = await LocalCluster.start({ dataDir: dataDir(), ...wanted, ports, onLine: log(wanted.services) });
  const running = cluster;
  if (demo.DEMO) await insist(() => running.seed(), { tell: tellLate });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`All ${cluster.processes.length} processes run after ${seconds} s; ${list} lists them.`);
  if (cluster.urls.length > 0) welcome(cluster.addresses, accounts());
}
