/**
 * Nodes write their heartbeats into a directory that all read (Redis or etcd), instead of each sending them to every other node.
 * What a node does it says itself, over the transporter, so that nobody becomes a node by writing into the directory.
 */
import type { Directory } from "./directory.ts";
import { SimultaneousHeartbeats } from "./heartbeats.ts";

/** @param patience milliseconds that an exchange may take */
type Open = (url: string, patience: number) => Promise<Directory>;

/** Loaded on demand, so that a node without a directory starts as fast as ever. */
const kinds = {
  redis: async (url, patience) => new (await import("./redis.directory.ts")).RedisDirectory(url, patience),
  etcd3: async (url, patience) => new (await import("./etcd.directory.ts")).EtcdDirectory(url, patience),
} satisfies Record<string, Open>;

export type DirectoryKind = keyof typeof kinds;

/** The first of these is different in each, so that a line that stands still is known from a sign of life. */
interface Line {
  readonly beat: number;
  readonly seq: number;
  readonly instanceID: string;
  readonly cpu: number | null;
}

function parse(line: string): Line | null {
  try {
    const { beat, seq, instanceID, cpu } = JSON.parse(line) as Line;
    return typeof seq === "number" && typeof instanceID === "string" ? { beat, seq, instanceID, cpu } : null;
  } catch {
    return null;
  }
}

export class DirectoryHeartbeats extends SimultaneousHeartbeats {
  declare readonly opts: { readonly heartbeatInterval: number; readonly kind: DirectoryKind; readonly url: string };
  #directory: Promise<Directory> | undefined;
  /** The last line of each node. */
  #lines: ReadonlyMap<string, string> = new Map();
  #beats = 0;
  #isAway = false;
  /** True while this node hears of no other, so that their silence means nothing. */
  isBlind = true;

  override async sendHeartbeat(): Promise<void> {
    const isLate = this.#isAway;
    // Nodes that reach the directory must hear of one that does not.
    if (isLate) await super.sendHeartbeat();
    if (!(await this.#exchange()) && !isLate) await super.sendHeartbeat();
  }

  override async localNodeDisconnected(): Promise<void> {
    await super.localNodeDisconnected();
    await (await this.#directory)?.remove(this.broker.nodeID).catch(() => {});
  }

  override async stop(): Promise<void> {
    await super.stop();
    (await this.#directory)?.close();
  }

  /** False when the directory could not be reached. */
  async #exchange(): Promise<boolean> {
    const { heartbeatInterval, kind, url } = this.opts;
    const { nodeID, instanceID } = this.broker;
    const { seq, cpu } = this.localNode as unknown as Line;
    const line: Line = { beat: (this.#beats += 1), seq, instanceID, cpu };
    try {
      // Half of the time until the next one.
      this.#directory ??= kinds[kind](url, heartbeatInterval * 500);
      this.#hear(await (await this.#directory).exchange(nodeID, JSON.stringify(line)));
      if (this.#isAway) this.logger.warn(`The ${kind} directory of nodes is back.`);
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway)
        this.logger.warn(`The ${kind} directory of nodes is away (${(error as Error).message}): ${KEPT}.`);
      this.#isAway = true;
    }
    this.isBlind = this.#isAway;
    return !this.#isAway;
  }

  /** A line that has changed is a heartbeat. */
  #hear(lines: ReadonlyMap<string, string>): void {
    for (const [node, line] of lines) {
      if (node === this.broker.nodeID || line === this.#lines.get(node)) continue;
      const heard = parse(line);
      if (heard) this.heartbeatReceived(node, heard);
    }
    this.#lines = lines;
  }
}

const KEPT = "nodes go on with those that they know, and ask each other";
