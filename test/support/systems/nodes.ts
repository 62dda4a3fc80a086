/** Nodes of a cluster as processes that a test may kill, freeze and stop. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";

export interface NodeOptions {
  readonly id: string;
  /** Modules of services, relative to the project. */
  readonly services: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The script that runs them; a node with all middlewares unless given. */
  readonly script?: string;
}

const root = join(import.meta.dirname, "../../..");

export class NodeProcess {
  readonly id: string;
  readonly #child: ChildProcess;
  #output = "";

  private constructor(id: string, child: ChildProcess) {
    this.id = id;
    this.#child = child;
    const keep = (chunk: Buffer) => (this.#output += chunk.toString());
    child.stdout!.on("data", keep);
    child.stderr!.on("data", keep);
  }

  /** Resolves when its services have started. @throws Error with its output when it ends before */
  static async start({
    id,
    services,
    env,
    script = "test/support/systems/node.ts",
  }: NodeOptions): Promise<NodeProcess> {
    const child = fork(
      join(root, script),
      services.map((path) => join(root, path)),
      {
        cwd: root,
        env: { ...process.env, NODE_OPTIONS: "", LOG_LEVEL: "warn", NODE_ID: id, ...env },
        execArgv: ["--disable-warning=ExperimentalWarning"],
        stdio: ["ignore", "pipe", "pipe", "ipc"],
      },
    );
    const node = new NodeProcess(id, child);
    await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => {
        throw new Error(`The node ${id} ended early:\n${node.output}`);
      }),
    ]);
    return node;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** For faults: SIGSTOP, SIGCONT. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends it and waits until it is gone; answers its exit code. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    if (!this.isRunning) return this.#child.exitCode;
    this.#child.kill(signal);
    if (signal === "SIGKILL") this.#child.kill("SIGCONT");
    const [code] = (await once(this.#child, "exit")) as [number | null];
    return code;
  }
}

/**
 * Joins the cluster from within the test's own process, once per spec file: the environment is read when the code is
 * loaded.
 */
export async function joinCluster(
  id: string,
  env: Readonly<Record<string, string>>,
  services: () => Promise<readonly ServiceSchema[]> = () => Promise.resolve([]),
): Promise<ServiceBroker> {
  Object.assign(process.env, env, { NODE_ID: id });
  const { default: config } = await import("../../../moleculer.config.ts");
  const broker = new ServiceBroker({ ...config, logger: false, skipProcessEventRegistration: true });
  for (const service of await services()) broker.createService(service);
  await broker.start();
  return broker;
}
