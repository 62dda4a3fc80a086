/** `npm run cluster` as its users know it: one command brings a deployment up, and nothing outlives it. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "#mixins/node/alive.ts";
import { freePort } from "../../scripts/cluster/ports.ts";
import { Client, orderOf } from "../support/actors/client.ts";
import { orderServices } from "../support/systems/cluster.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { root } from "../support/fixtures/source.ts";

interface Entry {
  readonly name: string;
  readonly services: readonly string[];
  readonly pid: number;
  readonly port?: number;
}

const launcher = [process.execPath, "scripts/run.mjs", "cluster"];
const command = [process.execPath, "--disable-warning=ExperimentalWarning", "scripts/cluster/run.ts"];
const env = (dataDir: string) => ({ ...process.env, NODE_OPTIONS: "", RATE_LIMIT: "off", DATA_DIR: dataDir });

let dataDir: string;
let child: ChildProcess;
let output: string;

const entries = (): Entry[] => JSON.parse(readFileSync(join(dataDir, "cluster.json"), "utf8")) as Entry[];
const pids = (): number[] => entries().map(({ pid }) => pid);
const entry = (name: string): Entry | undefined => entries().find((one) => one.name === name);

/** Resolves when it says that it is open. Nothing but the end of the test bounds it: a busy machine starts many processes slowly. */
async function start([file, ...words]: readonly string[], ...args: readonly string[]): Promise<void> {
  output = "";
  child = spawn(file!, [...words, ...args], { cwd: root, env: env(dataDir), stdio: ["ignore", "pipe", "pipe"] });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const keep = (chunk: Buffer) => {
    output += chunk.toString();
    if (output.includes("processes run after")) resolve();
  };
  child.stdout!.on("data", keep);
  child.stderr!.on("data", keep);
  child.once("exit", () => reject(new Error(`The cluster ended early:\n${output}`)));
  await promise;
}

/** Kills one of its processes; resolves when the cluster has missed it. */
async function end(name: string): Promise<Entry> {
  const killed = entry(name)!;
  process.kill(killed.pid, "SIGKILL");
  await eventually(() => entry(name)?.pid !== killed.pid);
  return killed;
}

/** Runs it to an end that is expected soon. */
function run(...args: readonly string[]) {
  const [file, ...words] = command;
  return spawnSync(file!, [...words, ...args], { cwd: root, env: env(dataDir), encoding: "utf8", timeout: 90_000 });
}

const nothingLeft = (left: readonly number[]) => eventually(() => !left.some(isAlive));

beforeAll(() => {
  dataDir = mkdtempSync(join(tmpdir(), "madang-command-"));
});
// The next one has the same data folder, so nothing of this one may be left.
afterEach(async () => {
  child.kill("SIGKILL");
  await nothingLeft(existsSync(join(dataDir, "cluster.json")) ? pids() : []);
});
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

it("takes orders at every gateway, restarts nothing by itself, and ends with Ctrl-C", async () => {
  let port = await freePort();
  // Each gateway has the port after the one before it.
  for (let next = await freePort(); next !== port + 1; next = await freePort()) port = next;
  await start(launcher, "--nodes", "2", "--services", orderServices.join(","), "--port", `${port}`);
  expect(entries().map(({ name }) => name)).toEqual(
    expect.arrayContaining(["nats", "redis", "postgres", "provider", "api-1", "api-2", "order-1", "order-2"]),
  );
  expect(entry("api-2")).toMatchObject({ services: ["api"], port: port + 1 });
  expect(output).toContain(`http://127.0.0.1:${port}`);

  for (const gateway of [port, port + 1]) {
    const url = `http://127.0.0.1:${gateway}`;
    const customer = await eventually(() => new Client(url).newCustomer().catch(() => null));
    const { body } = await customer.get<{ items: { id: string }[] }>("/products?inStock=true&limit=1");
    const order = await customer.post<{ status: string }>("/orders", orderOf(body.items[0]!.id));
    expect([order.status, order.body.status]).toEqual([201, "confirmed"]);
  }

  await end("order-2");
  const left = pids();
  child.kill("SIGINT");
  expect(await once(child, "exit")).toEqual([0, null]);
  expect([left.filter(isAlive), entries()]).toEqual([[], []]);
});

it("starts again what died when it is told to, and leaves nothing behind when it is killed", async () => {
  await start(command, "--services", "product", "--restart");
  const { pid } = await end("product-1");
  await eventually(() => (entry("product-1")?.pid ?? pid) !== pid);
  const left = pids();
  expect(left.filter(isAlive)).toEqual(left);
  child.kill("SIGKILL");
  await nothingLeft(left);
});

it("ends when its launcher is killed", async () => {
  await start(launcher, "--services", "product");
  const left = pids();
  const second = run("--services", "product");
  expect(second.status).toBe(1);
  expect(second.stderr).toMatch(/^PostgreSQL already runs in \S+: another cluster uses this data folder\.\n$/);
  expect(pids()).toEqual(left);
  child.kill("SIGKILL");
  await nothingLeft(left);
});

it.each([
  ["an unknown flag", ["--node", "3"], /Unknown option '--node': npm run cluster takes .+\./],
  ["a number that is none", ["--nodes", "many"], /--nodes must be a whole number from 1 to 20, not "many"\./],
  [
    "an unknown service",
    ["--services", "ordr"],
    /--services names ordr, but the services are account, api, .+, webhook\./,
  ],
])("tells %s in one sentence", (_, args, text) => {
  const { status, stdout, stderr } = run(...args);
  expect([status, stdout, stderr]).toEqual([1, "", expect.stringMatching(new RegExp(`^${text.source}\\n$`))]);
});
