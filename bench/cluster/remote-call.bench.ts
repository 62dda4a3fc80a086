/** A call between two processes: Madang's whole stack, bare Moleculer, and what else could carry it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface, type Interface } from "node:readline";
import { type Nats, startNats } from "../../scripts/cluster/servers.ts";
import { freePort } from "../../test/support/systems/platform.ts";
import { cpuTime } from "../support/process.ts";
import type { Benchmark, Row } from "../support/table.ts";

const CALLS = 20_000;
const ROUNDS = 15;
/** Before that: until then V8 still compiles what is called often. */
const WARM_UP = 3;
const kinds = {
  madang: "Madang: validation, authorization, metrics, tracing, breaker",
  open: "the same with Moleculer's own transporter: no sender in the subject",
  moleculer: "bare Moleculer over NATS",
  nats: "bare nats request",
  grpc: "gRPC-js",
  fastify: "HTTP: undici to Fastify",
};
type Kind = keyof typeof kinds;
const targets: Partial<Record<Kind, string>> = { open: "≥ 0.97 ×", moleculer: "≥ 0.80 ×" };

class Peer {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess, lines: Interface) {
    this.#child = child;
    this.#lines = lines[Symbol.asyncIterator]();
  }

  static async start(file: string, env: NodeJS.ProcessEnv): Promise<Peer> {
    const path = join(import.meta.dirname, "peers", `${file}.ts`);
    const child = spawn(process.execPath, [path], { env, stdio: ["pipe", "pipe", "inherit"] });
    const peer = new Peer(child, createInterface({ input: child.stdout }));
    await peer.#line();
    return peer;
  }

  /** Calls per second. */
  async measure(calls: number): Promise<number> {
    this.#child.stdin!.write(`${calls}\n`);
    return Number(await this.#line());
  }

  /** Milliseconds. */
  get cpu(): number {
    return cpuTime(this.#child.pid!);
  }

  async end(): Promise<void> {
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }

  async #line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("The peer ended early.");
    return value;
  }
}

interface Pair {
  readonly kind: Kind;
  readonly server: Peer;
  readonly client: Peer;
  rates: number[];
  /** Microseconds of both processes for a call. */
  cost: number;
}

async function start(kind: Kind, nats: Nats, dataDir: string): Promise<Pair> {
  const env = {
    ...process.env,
    TRANSPORTER: kind === "madang" ? nats.urlFor("node") : nats.url,
    DATA_DIR: dataDir,
    LOG_LEVEL: "fatal",
    PORT: String(await freePort()),
  };
  const peer = kind === "open" ? "madang" : kind;
  const server = await Peer.start(`${peer}-server`, env);
  const client = await Peer.start(`${peer}-client`, env);
  return { kind, server, client, rates: [], cost: 0 };
}

async function round(pair: Pair): Promise<void> {
  const before = pair.server.cpu + pair.client.cpu;
  pair.rates.push(await pair.client.measure(CALLS));
  pair.cost = ((pair.server.cpu + pair.client.cpu - before) / CALLS) * 1000;
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1]!;

export const benchmark: Benchmark = {
  title: "A call from process to process, 64 in flight",
  async run() {
    const dataDir = mkdtempSync(join(tmpdir(), "madang-bench-"));
    const nats = await startNats({ folder: dataDir });
    const pairs: Pair[] = [];
    for (const kind of Object.keys(kinds) as Kind[]) pairs.push(await start(kind, nats, dataDir));
    for (let n = 0; n < WARM_UP; n += 1) for (const { client } of pairs) await client.measure(CALLS);
    // In turn, so that what disturbs one disturbs all.
    for (let n = 0; n < ROUNDS; n += 1) for (const pair of pairs) await round(pair);
    for (const { server, client } of pairs) await Promise.all([server.end(), client.end()]);
    await nats.stop();
    rmSync(dataDir, { recursive: true, force: true });
    const madang = pairs[0]!.rates;
    return pairs.map(({ kind, rates, cost }): Row => {
      const value = `${Math.round(median(rates)).toLocaleString("en")} calls/s, ${cost.toFixed(0)} µs of processor time`;
      if (kind === "madang") return { what: kinds[kind], value };
      const target = targets[kind] ? { target: targets[kind] } : {};
      return { what: kinds[kind], value, ratio: median(rates.map((rate, n) => madang[n]! / rate)), ...target };
    });
  },
};
