/** Another way to the servers for chosen nodes: through proxies that make it slow, silent or broken. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { NodePlan } from "../../scripts/cluster/plan.ts";

/** By which settings a node finds each server. */
const settings = {
  nats: ["TRANSPORTER", "NATS_SYSTEM_URL"],
  postgres: ["DATABASE_URL"],
  redis: ["REDIS_URL"],
  provider: ["PAYMENT_SANDBOX_URL"],
} as const;

export type ServerName = keyof typeof settings;

/** A proxy in a thread. */
interface Gate {
  /** Host and port. */
  readonly address: string;
  readonly thread: Worker;
}

export class Detour {
  readonly #host: string;
  readonly #gates = new Map<ServerName, Promise<Gate>>();

  /** @param host address of this machine at which the nodes find the proxies */
  constructor(host = "127.0.0.1") {
    this.#host = host;
  }

  /** The same node, which now finds the servers behind proxies. */
  async lead(plan: NodePlan): Promise<NodePlan> {
    const env = { ...plan.env };
    for (const server of Object.keys(settings) as ServerName[])
      for (const name of settings[server]) {
        const url = env[name];
        if (url) env[name] = url.replace(/127\.0\.0\.1:\d+/, (await this.#before(server, url)).address);
      }
    return { ...plan, env };
  }

  /** @param milliseconds that every byte takes longer, either way */
  delay(server: ServerName, milliseconds: number): Promise<void> {
    return this.#tell(server, { delay: milliseconds });
  }

  /** Bytes go in and never come out; connections stay open. */
  blackHole(server: ServerName): Promise<void> {
    return this.#tell(server, { blackHole: true });
  }

  /** Cuts all connections. */
  reset(server: ServerName): Promise<void> {
    return this.#tell(server, { reset: true });
  }

  heal(server: ServerName): Promise<void> {
    return this.#tell(server, { heal: true });
  }

  /** Ends the threads in order: one that is terminated while its sockets are at work may spin for ever (Node 24.21). */
  async close(): Promise<void> {
    for (const [server, gate] of this.#gates) {
      const ended = once((await gate).thread, "exit");
      await this.#tell(server, { close: true });
      await ended;
    }
  }

  async #tell(server: ServerName, order: object): Promise<void> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    (await this.#gates.get(server)!).thread.postMessage(order);
  }

  #before(server: ServerName, url: string): Promise<Gate> {
    const gate = this.#gates.get(server) ?? open(Number(new URL(url).port), this.#host);
    this.#gates.set(server, gate);
    return gate;
  }
}

async function open(target: number, host: string): Promise<Gate> {
  const thread = new Worker(new URL("./proxy.thread.ts", import.meta.url), { workerData: { target, host } });
  const [address] = (await once(thread, "message")) as [string];
  return { address, thread };
}
