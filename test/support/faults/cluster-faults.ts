/** What may happen to a deployment while people buy in it. Each fault begins and ends with everything in order. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../systems/cluster.ts";
import type { ProxiedServers, ServerName } from "./proxied-servers.ts";
import type { IsolatedNetwork } from "./isolated-network.ts";
import type { Random } from "../fixtures/random.ts";

/** The cluster to which a fault happens, and what it needs for that. */
export interface FaultContext {
  readonly cluster: Cluster;
  readonly random: Random;
  /** The way of some nodes to the servers. */
  readonly proxiedServers: ProxiedServers;
  /** The way of the isolated node to the servers. */
  readonly isolatedServers: ProxiedServers;
  /** The network of one node alone; null where there can be none. */
  readonly isolated: IsolatedNetwork | null;
  /** Nodes that were killed so far. */
  kills: number;
}

export type ClusterFault = (context: FaultContext) => Promise<void>;

/** Milliseconds from one fault to the next. */
const PAUSE = 1000;

interface KillOptions {
  /** Nodes that may be down at once; 4 unless given. */
  readonly down?: number;
  /** Milliseconds at most from one node that is back to the next that goes; a second unless given. */
  readonly pause?: number;
}

/** One after the other. */
export const inTurn =
  (...all: readonly ClusterFault[]): ClusterFault =>
  async (context) => {
    for (const fault of all) {
      await fault(context);
      await sleep(PAUSE);
    }
  };

/** All together, each with its own moments. */
export const atOnce =
  (...all: readonly ClusterFault[]): ClusterFault =>
  async (context) => {
    const ends = await Promise.allSettled(all.map((fault) => fault(context)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  };

/** `kill -9` of any nodes, a few at a time, each started again a moment later, and now and then killed while it starts. */
export const killNodes =
  (count: number, { down: most = 4, pause = PAUSE }: KillOptions = {}): ClusterFault =>
  async (context) => {
    const until = context.kills + count;
    const down = new Set<string>();
    const killer = async () => {
      while (context.kills < until) {
        const name = context.random.pick(context.cluster.nodes().filter((one) => !down.has(one)));
        down.add(name);
        await killNode(context, name);
        down.delete(name);
        await sleep(context.random.upTo(pause));
      }
    };
    await atOnce(...Array.from({ length: most }, () => killer))(context);
  };

async function killNode(context: FaultContext, name: string): Promise<void> {
  const { cluster, random } = context;
  cluster.kill(name);
  context.kills += 1;
  await sleep(random.upTo(PAUSE));
  while (random.chance(0.15)) {
    const started = cluster.startNode(name).catch(() => "killed");
    await sleep(random.upTo(PAUSE));
    cluster.kill(name);
    context.kills += 1;
    await started;
  }
  await cluster.startNode(name);
}

/** SIGSTOP of a node of each of these services in turn, and SIGCONT after so many milliseconds. */
export const freezeNodes =
  (services: readonly string[], milliseconds: number): ClusterFault =>
  async ({ cluster, random }) => {
    for (const service of services) {
      const name = random.pick(cluster.nodes(service));
      cluster.kill(name, "SIGSTOP");
      await sleep(milliseconds);
      cluster.kill(name, "SIGCONT");
      await sleep(PAUSE);
    }
  };

/** SIGKILL of a server, which is gone for a moment. */
export const restartServer =
  (name: string): ClusterFault =>
  async ({ cluster, random }) => {
    cluster.kill(name);
    await sleep(random.upTo(PAUSE));
    await cluster.startNode(name);
  };

/** NATS starts again with nothing of what JetStream had stored, while one subscriber still had much to read there. */
export const wipeJetStream =
  (subscriber: string): ClusterFault =>
  async ({ cluster }) => {
    for (const name of cluster.nodes(subscriber)) cluster.kill(name, "SIGSTOP");
    // What they have asked for already comes to them; what follows stays in the streams.
    await sleep(3 * PAUSE);
    await cluster.nats.wipe();
    for (const name of cluster.nodes(subscriber)) cluster.kill(name, "SIGCONT");
  };

/** Every byte between some nodes and a server takes longer. */
export const delay =
  (server: ServerName, by: number, milliseconds: number): ClusterFault =>
  async ({ proxiedServers }) => {
    await proxiedServers.delay(server, by);
    await sleep(milliseconds);
    await proxiedServers.heal(server);
  };

/** Some nodes hear nothing of a server, which looks as if it were there. */
export const blackHole =
  (server: ServerName, milliseconds: number): ClusterFault =>
  async ({ proxiedServers }) => {
    await proxiedServers.blackHole(server);
    await sleep(milliseconds);
    await proxiedServers.heal(server);
  };

/** The connections of some nodes to a server are cut, again and again. */
export const reset =
  (server: ServerName, times: number): ClusterFault =>
  async ({ proxiedServers, random }) => {
    for (let time = 0; time < times; time += 1) {
      await proxiedServers.reset(server);
      await sleep(random.upTo(PAUSE));
    }
  };

/** The network of one node is cut off from everything else: packets vanish without a refusal. */
export const partition =
  (milliseconds: number): ClusterFault =>
  async ({ isolated }) => {
    isolated?.cut();
    await sleep(isolated ? milliseconds : 0);
    isolated?.join();
  };
