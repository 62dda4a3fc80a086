/** The two sides over each server that is here, and which patterns run between them. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "#core/config.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { descendantsOf } from "../../scripts/cluster/descendants.ts";
import { startKafka } from "../../scripts/cluster/kafka.ts";
import { type Server, startNats, startRabbitMq, startRedis } from "../../scripts/cluster/servers.ts";
import { cpuTime } from "../support/process.ts";
import { Peer } from "./peer.ts";

export interface Pair {
  readonly names: readonly string[];
  readonly shop: Peer;
  /** Null where both sides are one process. */
  readonly depot: Peer | null;
  /** Milliseconds of processor time of the server between them. */
  readonly broker: () => number;
  end(): Promise<void>;
}

interface Kind {
  readonly names: readonly string[];
  readonly start?: (folder: string) => Promise<Server>;
  /** Settings of both sides. */
  readonly env: (url: string) => Promise<NodeJS.ProcessEnv> | NodeJS.ProcessEnv;
}

const overNats = async (url: string) => {
  const [http, grpc] = [await freePort(), await freePort()];
  return {
    TRANSPORTER: url,
    PORT: `${http}`,
    DEPOT_URL: `http://127.0.0.1:${http}`,
    GRPC_PORT: `${grpc}`,
    DEPOT_GRPC: `127.0.0.1:${grpc}`,
  };
};

/** In the order in which readers meet them. */
const kinds: readonly Kind[] = [
  { names: ["call-alone", "event-alone"], env: () => ({}) },
  {
    names: ["call", "http", "grpc", "job", "event-nats"],
    start: (folder) => startNats({ folder }),
    env: overNats,
  },
  {
    names: ["event-redis", "pubsub"],
    start: (folder) => startRedis({ folder, isDurable: true }),
    env: (url) => ({ BUS_URL: url, CHANNEL_URL: url }),
  },
  { names: ["event-rabbitmq"], start: (folder) => startRabbitMq({ folder }), env: (url) => ({ BUS_URL: url }) },
  { names: ["event-kafka"], start: (folder) => startKafka({ folder }), env: (url) => ({ BUS_URL: url }) },
];

const settings = { LOG_LEVEL: "fatal", RATE_LIMIT: "off", NODE_ENV: "production" };

async function openPair({ names, start, env }: Kind, folder: string): Promise<Pair> {
  mkdirSync(folder, { recursive: true });
  const server = await start?.(join(folder, "server"));
  const common = {
    ...settings,
    DATA_DIR: join(folder, "data"),
    EFFECTS_PORT: `${await freePort()}`,
    ...(await env(server?.url ?? "")),
  };
  mkdirSync(common.DATA_DIR);
  const { GRPC_PORT: _, ...withoutGateways } = common as typeof common & { GRPC_PORT?: string };
  const depot = server ? new Peer(["depot"], { ...common, NODE_ID: "depot.bench" }) : null;
  // The keys that the first one makes are those of both.
  await depot?.ready;
  const shop = new Peer(depot ? ["shop"] : ["shop", "depot"], { ...withoutGateways, NODE_ID: "shop.bench" });
  await shop.ready;
  return {
    names,
    shop,
    depot,
    broker: () => (server ? cpuOf(server.pid) : 0),
    async end() {
      await Promise.all([shop.end(), depot?.end()]);
      await server?.stop();
    },
  };
}

/** Of a process and of those that it started. */
const cpuOf = (pid: number): number => [pid, ...descendantsOf(pid)].reduce((sum, one) => sum + (cpuTime(one) || 0), 0);

/**
 * A kind of server that is not here is passed over with a sentence.
 * @param wanted names of patterns, whose neighbours come along; none for all
 */
export async function openPairs(
  folder: string,
  wanted: readonly string[],
  tell: (line: string) => void,
): Promise<readonly Pair[]> {
  const known = kinds.flatMap(({ names }) => names);
  const unknown = wanted.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new ConfigError(`There is no pattern ${unknown.join(", ")}: choose from ${known.join(", ")}.`);
  const pairs: Pair[] = [];
  for (const kind of kinds) {
    if (wanted.length > 0 && !kind.names.some((name) => wanted.includes(name))) continue;
    tell(`starting ${kind.names.join(", ")}`);
    try {
      pairs.push(await openPair(kind, join(folder, kind.names[0]!)));
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      console.error(`Without ${kind.names.join(", ")}: ${error.message}`);
    }
  }
  return pairs;
}
