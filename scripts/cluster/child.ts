/** A process that belongs to this one: its output line by line, signals by pid, and an end no later than ours. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";

export interface Launch {
  readonly command: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Arguments of setpriv(1) for a process that must not be root. */
  readonly privileges?: readonly string[];
  readonly onLine?: (line: string) => void;
}

/** Without setpriv (it comes with Linux) only a `kill -9` of this process leaves its children behind. */
const canOutlive = spawnSync("setpriv", ["--version"], { stdio: "ignore" }).error !== undefined;

/** The kernel ends the child when this process ends in any way; `$PPID` tells that it did before the kernel was asked. */
function bound(command: readonly string[], privileges: readonly string[] = []): readonly string[] {
  if (canOutlive) return command;
  const orphaned = `[ "$PPID" = ${process.pid} ] && exec "$@"`;
  return ["setpriv", ...privileges, "--pdeathsig", "KILL", "--", "sh", "-c", orphaned, "sh", ...command];
}

export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #lines: string[] = [];

  /** In a session of its own: a Ctrl-C of the terminal must not reach it before its turn. */
  constructor({ command, env, cwd, privileges, onLine }: Launch) {
    const [file, ...args] = bound(command, privileges);
    this.#process = spawn(file!, args, { env, cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#process.stdout!, this.#process.stderr!])
      createInterface({ input: stream }).on("line", (line) => {
        this.#lines.push(line);
        if (this.#lines.length > 2000) this.#lines.splice(0, 1000);
        onLine?.(line);
      });
    this.#ended = new Promise((resolve) => this.#process.once("close", () => resolve()));
    // `close` follows also when the command cannot be started at all.
    this.#process.on("error", (error) => this.#lines.push(error.message));
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** The last lines it wrote. */
  get output(): string {
    return this.#lines.join("\n");
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null && this.#process.pid !== undefined;
  }

  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** Resolves when it has ended and everything it wrote was read. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Asks it to end, and insists after `limit` milliseconds. */
  async stop(signal: NodeJS.Signals = "SIGTERM", limit = 10_000): Promise<void> {
    if (this.isRunning) this.kill(signal);
    const insist = setTimeout(() => this.kill("SIGKILL"), limit);
    await this.#ended;
    clearTimeout(insist);
  }
}
