/** Another way to the servers for chosen nodes: through proxies that make it slow, silent or broken. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { NodePlan } from "../../../scripts/cluster/plan.ts";
import type { ProxyCommand } from "./proxy.process.ts";

/** By which settings a node finds each server. */
const settings = {
  nats: ["TRANSPORTER", "NATS_SYSTEM_URL"],
  postgres: ["DATABASE_URL"],
  redis: ["REDIS_URL"],
  provider: ["PAYMENT_SANDBOX_URL"],
} as const;

export type ServerName = keyof typeof settings;

/** A proxy in a process of its own; a thread that ends while sockets are at work may spin for ever (Node 24.21). */
interface ProxyProcess {
  /** Host and port. */
  readonly address: string;
  readonly process: ChildProcess;
}

export class ProxiedServers {
  readonly #host: string;
  readonly #proxies = new Map<ServerName, Promise<ProxyProcess>>();

  /** @param host address of this machine at which the nodes find the proxies */
  constructor(host = "127.0.0.1") {
    this.#host = host;
  }

  /** The same node, which now finds the servers behind proxies. */
  async reroute(plan: NodePlan): Promise<NodePlan> {
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

  async close(): Promise<void> {
    for (const proxy of this.#proxies.values()) {
      const { process } = await proxy;
      const ended = once(process, "exit");
      process.kill("SIGKILL");
      await ended;
    }
  }

  async #tell(server: ServerName, command: ProxyCommand): Promise<void> {
    (await this.#proxies.get(server)!).process.send(command);
  }

  #before(server: ServerName, url: string): Promise<ProxyProcess> {
    const proxy = this.#proxies.get(server) ?? open(Number(new URL(url).port), this.#host);
    this.#proxies.set(server, proxy);
    return proxy;
  }
}

async function open(target: number, host: string): Promise<ProxyProcess> {
  const execArgv = ["--disable-warning=ExperimentalWarning"];
  const process = fork(new URL("./proxy.process.ts", import.meta.url), [`${target}`, host], { execArgv });
  const [address] = (await once(process, "message")) as [string];
  return { address, process };
}
