/** The whole platform as users run it: a process of its own, a port, a data folder, and signals to end it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../scripts/cluster/ports.ts";
import { environment, serve, services } from "#mixins/node/runtime.mjs";

export { freePort };

const root = join(import.meta.dirname, "../../..");

export interface Account {
  readonly role: "customer" | "staff" | "admin";
  readonly email: string;
  readonly password: string;
}

interface Options {
  /** Settings beside PORT, DATA_DIR and LOG_LEVEL, and beside CONTENT_ENCODERS, without which no film is encoded. */
  readonly env?: Readonly<Record<string, string>>;
  /** An existing folder to go on with. */
  readonly dataDir?: string;
  readonly port?: number;
  /** Bytes that no file may grow beyond, as if the disk were full then. */
  readonly largestFile?: number;
}

const command = [process.execPath, "--disable-warning=ExperimentalWarning", ...serve, services];

/** The shell's limit, in blocks of 512 bytes (POSIX): every system has it. */
const limited = (bytes: number) => ["sh", "-c", `ulimit -f ${Math.ceil(bytes / 512)} && exec "$@"`, "sh", ...command];

export class Platform {
  readonly port: number;
  readonly url: string;
  readonly dataDir: string;
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess, port: number, dataDir: string) {
    this.#child = child;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.dataDir = dataDir;
    const keep = (chunk: Buffer) => (this.#output += chunk.toString());
    child.stdout!.on("data", keep);
    child.stderr!.on("data", keep);
  }

  /** Resolves when the platform is ready. @throws Error with the output when the process ends before */
  static async start(options: Options = {}): Promise<Platform> {
    const platform = await Platform.launch(options);
    await platform.ready();
    return platform;
  }

  /** Begins to start it, and waits for nothing. */
  static async launch({
    env = {},
    dataDir = mkdtempSync(join(tmpdir(), "madang-")),
    port,
    largestFile,
  }: Options): Promise<Platform> {
    const listen = port ?? (await freePort());
    const [file, ...args] = largestFile === undefined ? command : limited(largestFile);
    const child = spawn(file!, args, {
      cwd: root,
      env: {
        ...process.env,
        ...environment,
        NODE_OPTIONS: "",
        LOG_LEVEL: "warn",
        PORT: String(listen),
        HOST: "127.0.0.1",
        DATA_DIR: dataDir,
        // Else each new platform encodes the sample film, which takes longer than most specs.
        CONTENT_ENCODERS: "0",
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return new Platform(child, listen, dataDir);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get output(): string {
    return this.#output;
  }

  /** The demo sign-ins of this data folder, once they are seeded. */
  async accounts(): Promise<readonly Account[]> {
    while (!this.#output.includes("Ctrl-C")) await sleep(20);
    return JSON.parse(readFileSync(join(this.dataDir, "demo-accounts.json"), "utf8")) as Account[];
  }

  /** Ends the process and waits until it is gone; SIGKILL leaves it no time for anything. */
  async end(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return exitCode;
    this.#child.kill(signal);
    const [code] = (await once(this.#child, "exit")) as [number | null];
    return code;
  }

  /** Its exit code, when it has ended by itself. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null) await once(this.#child, "close");
    return this.#child.exitCode;
  }

  /** Ends it and removes its data. */
  async dispose(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Resolves when `/readyz` answers 200. @throws Error with the output when the process ends before */
  async ready(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`The platform ended early:\n${this.#output}`);
      const answer = await fetch(`${this.url}/readyz`).catch(() => null);
      await answer?.arrayBuffer();
      if (answer?.ok) return;
      await sleep(20);
    }
  }
}
