/** Starts a node: checks what often goes wrong, runs its services, seeds a new shop once, and says where it is. */
import { existsSync, globSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { connect } from "node:net";
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { type BrokerOptions, Runner, type ServiceBroker } from "moleculer";
import { ConfigError, dataPath } from "#core/config.ts";
import { serviceKey, tokenPublicKey } from "./keys.ts";
import { setPreparing } from "./standby.ts";
import { databaseUrl, hasDatabaseEach, topology } from "./topology.ts";
import { lockFile } from "../database/sqlite/lock.ts";
import { openShell } from "../repl/open-shell.ts";
import { config as demo, seedDemo } from "./demo.ts";
import { toldOnce } from "./fault.ts";
import { say } from "./say.ts";
import { withDatabase } from "./services.ts";
import { welcome } from "./welcome.ts";

/** Milliseconds after which a node tells what it waits for. */
const SILENCE = 3000;
/** Milliseconds within which a node ends, longer than calls under way are waited for. */
const STOP_LIMIT = 20_000;
/** Milliseconds that a watching Node may take to end us. */
const WATCHER_LIMIT = 10_000;

/** What moleculer-runner does; but where that prints the stack of every fault, what can be mended is one sentence. */
export async function serve(): Promise<void> {
  // What a node writes is for its own account alone, whatever writes it.
  process.umask(0o077);
  const runner = new Runner();
  runner.processFlags(process.argv);
  const paths = runner as unknown as { servicePaths: string[] };
  select(paths);
  // All settings are read before anything is written: those of a service stand beside its code.
  await Promise.all(paths.servicePaths.map((path) => import(pathToFileURL(path).href)));
  const checks = await startChecks(paths.servicePaths);
  for (const { check } of checks.values()) await check?.();
  paths.servicePaths = paths.servicePaths.filter((file) => checks.get(file)?.isOn?.() ?? true);
  const services = paths.servicePaths.map(nameOf);
  checkDatabases(services);
  const config = await runner.loadConfigFile();
  // Before anything else: whatever the second of two says must not depend on which port it wants.
  for (const service of withDatabase(services)) if (databaseUrl(service) === null) lockFile(dataPath(`${service}.db`));
  if (!topology.isCluster) dataPath("keys", "token.jwk");
  // The broker needs them while it is made, and would show a fault of theirs with its stack.
  tokenPublicKey();
  serviceKey();
  const addresses: string[] = [];
  for (const { openAddress } of checks.values()) {
    const address = await openAddress?.();
    if (address !== undefined) addresses.push(address);
  }

  // Moleculer's own merge would overwrite options with any variable of their name: METRICS=off would switch them on.
  runner.config = preparing(toldOnce(config as unknown as BrokerOptions));
  const hasDemo = !topology.isCluster && topology.services.length === 0 && demo.DEMO;
  const waiting = setTimeout(tellWaiting, SILENCE);
  const flags = runner.flags as { repl?: boolean };
  const hasShell = flags.repl === true;
  flags.repl = false;
  const broker = await runner.startBroker();
  clearTimeout(waiting);
  const stop = stopOnce(broker);
  if (topology.isCluster) announce(services, addresses);
  else welcome(addresses, hasDemo ? await seedDemo(broker) : []);
  setPreparing(broker, false);
  if (hasShell) openShell(broker, stop);
  // Not left to the end, which a process that is killed does not have.
  flushCompileCache();
}

/** The demo accounts exist before `/readyz` answers 200. */
const preparing = (options: BrokerOptions): BrokerOptions => ({
  ...options,
  middlewares: [
    ...(options.middlewares ?? []),
    { name: "Preparing", created: (broker: ServiceBroker) => setPreparing(broker, true) },
  ],
});

const nameOf = (file: string): string => basename(file, ".service.ts");

/** Leaves the runner the files of the services that this node runs. */
function select(runner: { servicePaths: string[] }): void {
  const files = globSync(runner.servicePaths);
  const known = new Map(files.map((file) => [nameOf(file), file]));
  const wanted = topology.services.length > 0 ? topology.services : [...known.keys()];
  const unknown = wanted.filter((name) => !known.has(name));
  if (unknown.length > 0)
    throw new ConfigError(
      `SERVICES names ${unknown.join(", ")}, but the services are ${[...known.keys()].toSorted().join(", ")}.`,
    );
  runner.servicePaths = wanted.map((name) => known.get(name)!);
  // The runner would take the variable for paths.
  delete process.env.SERVICES;
}

/** @throws ConfigError when services would share a database */
function checkDatabases(services: readonly string[]): void {
  const stored = withDatabase(services);
  if (!hasDatabaseEach && stored.length > 1)
    throw new ConfigError(
      `DATABASE_URL must have {service} in the place of the database, since ${stored.join(", ")} each need their own.`,
    );
}

/** What `<service>.config.ts` may export, so that the process knows no service by name. The last two throw a ConfigError. */
interface StartChecks {
  /** False while its settings leave the service off. It is not run then. */
  readonly isOn?: () => boolean;
  /** Refuses settings that do not fit together, before anything is written. */
  readonly check?: () => void | Promise<void>;
  /** Refuses an address that is taken, once the data folder is ours. @returns where clients reach the service */
  readonly openAddress?: () => Promise<string | undefined>;
}

/** By the file of the service, in the order of their names. */
async function startChecks(files: readonly string[]): Promise<ReadonlyMap<string, StartChecks>> {
  const entries = files.toSorted().map(async (file) => {
    const config = file.replace(/\.service\.ts$/, ".config.ts");
    return [file, existsSync(config) ? ((await import(pathToFileURL(config).href)) as StartChecks) : {}] as const;
  });
  return new Map(await Promise.all(entries));
}

/** Where the others are met, without the password. */
const meeting = (): string => new URL(topology.transporter!.split(",")[0]!).host;

function announce(services: readonly string[], addresses: readonly string[]): void {
  const where = addresses.map((address) => ` at ${address}`).join("");
  say(`${topology.nodeId} is ready: runs ${services.join(", ")}${where}, and meets the others at ${meeting()}`);
}

/** The port of an address that names none. With TCP there is no server, and nothing to wait for. */
const ports: Readonly<Record<string, number>> = {
  "nats:": 4222,
  "redis:": 6379,
  "rediss:": 6379,
  "amqp:": 5672,
  "amqps:": 5671,
  "kafka:": 9092,
  "mqtt:": 1883,
  "mqtts:": 8883,
};

/** A node waits for its transporter while it starts. This tells the operator what it waits for. */
function tellWaiting(): void {
  if (!topology.isCluster) return;
  const { protocol, hostname, port } = new URL(topology.transporter!.split(",")[0]!);
  const usual = ports[protocol];
  if (usual === undefined) return;
  const probe = connect(Number(port) || usual, hostname, () => probe.destroy()).on("error", () =>
    say(`${topology.nodeId} waits for ${meeting()}, which does not answer yet.`, "warn"),
  );
}

/** A terminal and the launcher may both pass the same Ctrl-C on. */
function stopOnce(broker: ServiceBroker): () => void {
  let stopping = false;
  let isRestarted = false;
  const leave = (code: number) => (isWatched && !isRestarted ? leaveWithWatcher(code) : process.exit(code));
  const stop = () => {
    if (stopping) return;
    stopping = true;
    say("Stopping: finishing what is under way …");
    setTimeout(() => {
      say("Stopping took too long: what is unfinished is left to the other nodes and the next start.", "warn");
      leave(1);
    }, STOP_LIMIT).unref();
    void broker.stop().then(() => leave(0));
  };
  // A watching Node ends us by SIGTERM to start us anew.
  process.once("SIGTERM", () => (isRestarted = true));
  process.on("SIGINT", stop).on("SIGTERM", stop);
  return stop;
}

/** By `npm run dev`. */
const isWatched = process.env.WATCH_REPORT_DEPENDENCIES !== undefined;

/**
 * A watching Node that hears of our end would wait for the next change. So it is asked to end first: it then ends us by the
 * same signal, and ends when we have.
 */
function leaveWithWatcher(code: number): void {
  process.on("SIGINT", () => process.exit(code));
  setTimeout(() => process.exit(code), WATCHER_LIMIT);
  process.kill(process.ppid, "SIGINT");
}
