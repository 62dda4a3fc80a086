/** The project's own processes in a local cluster: nodes, the sandbox payment provider, and what makes the streams. */
import { join } from "node:path";
import { environment, serveOne, services } from "#mixins/node/runtime.mjs";
import { node as container } from "../../deploy/container.ts";
import { programs } from "../../deploy/topology.ts";
import { Child } from "./child.ts";
import type { NodePlan } from "./plan.ts";
import { answers, type Program, type Server, type ServerOptions, startServer } from "./server.ts";

const root = join(import.meta.dirname, "../..");

/** Milliseconds in which a node finishes what is under way. */
const STOP_LIMIT = 1000 * Number.parseInt(container.stop_grace_period, 10);

/** Settings of this process serve as the defaults of all; what belongs to one process alone does not. */
const inherited = (dataDir: string): NodeJS.ProcessEnv => ({
  LOG_LEVEL: "warn",
  ...process.env,
  ...environment,
  NODE_OPTIONS: "",
  NODE_ID: "",
  SERVICES: "",
  DATA_DIR: dataDir,
});

const node = [process.execPath, "--disable-warning=ExperimentalWarning"];

/** How a node is run; its port is that of its probes. */
export const nodeProgram = (plan: NodePlan, dataDir: string, options: Program["options"]): Program => ({
  name: plan.name,
  options,
  command: (port) => ({
    command: [...(plan.prefix ?? []), ...node, ...serveOne, services],
    cwd: plan.release?.() ?? root,
    env: { ...inherited(dataDir), ...plan.env, NODE_PORT: `${port}` },
  }),
  isReady: (_, child) => child.output.includes(" is ready: "),
  stopLimit: STOP_LIMIT,
});

interface ProviderOptions extends ServerOptions {
  /** Where it brings its webhooks. */
  readonly gateways: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the sandbox payment provider, with its own books in the folder. */
export async function startProvider({ gateways, env, folder, ...options }: ProviderOptions): Promise<Server> {
  const server = await startServer({
    name: "provider",
    options,
    command: (port) => ({
      command: [...node, "--max-semi-space-size=4", "--max-old-space-size=256", ...programs.provider.command],
      cwd: root,
      env: {
        ...inherited(folder),
        ...env,
        PAYMENT_SANDBOX_PORT: `${port}`,
        PAYMENT_SANDBOX_WEBHOOK_URL: gateways.map((url) => `${url}/api/v1/payments/webhooks/sandbox`).join(","),
      },
    }),
    isReady: (port) => answers(port, "GET /livez HTTP/1.0\r\n\r\n", " 200 "),
  });
  return Object.assign(server, { url: `http://127.0.0.1:${server.port}` });
}

/** Starts what makes the streams of all services, and makes them again when they are gone. */
export async function startStreams(url: string, options: ServerOptions): Promise<Server> {
  const server = await startServer({
    name: "streams",
    options,
    command: () => ({
      command: [...node, "--max-semi-space-size=1", "--max-old-space-size=64", ...programs.streams.command],
      cwd: root,
      env: { ...inherited(options.folder), TRANSPORTER: url, BUS: "nats" },
    }),
    isReady: (_, child) => child.output.includes(" are there."),
  });
  return Object.assign(server, { url });
}

/** Writes the demo data of these services through the nodes. @throws Error with what it wrote when it fails */
export async function seed(
  dataDir: string,
  env: Readonly<Record<string, string>>,
  services: readonly string[],
): Promise<void> {
  const child = new Child({
    command: [...node, programs.seed.command[0]!, "--of", services.join(",")],
    cwd: root,
    env: { ...inherited(dataDir), ...env },
  });
  await child.ended;
  if (child.exitCode !== 0) throw new Error(`The demo data could not be written:\n${child.output}`);
}
