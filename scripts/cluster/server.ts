/** A process that others rely on: started until it answers, stopped, killed and restarted on the same port and data. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError } from "#core/config.ts";
import { Child, type Launch } from "./child.ts";
import { freePort } from "./ports.ts";

export interface Server {
  readonly name: string;
  readonly url: string;
  /** Changes with each start. */
  readonly pid: number;
  readonly port: number;
  /** The last lines it wrote. */
  readonly output: string;
  stop(): Promise<void>;
  /** For faults: SIGKILL, SIGSTOP, SIGCONT. */
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it answers again on the same port; it is stopped first when it runs. */
  restart(): Promise<void>;
  /** Begins to start it again unless it runs, and waits for nothing. */
  begin(): Promise<void>;
}

/** Started; stopped because somebody asked; or ended by itself, killed or not. */
export type Change = "started" | "stopped" | "died";

export interface ServerOptions {
  /** Where its files are; made when missing. */
  readonly folder: string;
  /** A free one unless given. */
  readonly port?: number;
  readonly onLine?: (line: string) => void;
  readonly onChange?: (change: Change, pid: number, port: number) => void;
}

export interface Program {
  readonly name: string;
  readonly options: Partial<ServerOptions>;
  readonly command: (port: number) => Launch;
  readonly isReady: (port: number, child: Child) => Promise<boolean> | boolean;
  /** Asks it to end in order. */
  readonly stopSignal?: NodeJS.Signals;
  /** Milliseconds that it may take to end. */
  readonly stopLimit?: number;
  /** Other processes that a fault must reach too. */
  readonly family?: (pid: number) => readonly number[];
}

/** Milliseconds that a start may take on a very busy machine: what ends before is noticed at once. And between two words of it. */
const START_LIMIT = 900_000;
const SILENCE = 15_000;

/** Sends `request` once and looks for `answer` in what comes back: enough to know that a server serves. */
export async function answers(port: number, request: string | Buffer, answer: string): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(1000, () => socket.destroy());
  try {
    socket.write(request);
    for await (const chunk of socket) if (String(chunk).includes(answer)) return true;
    return false;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export class ServerProcess implements Omit<Server, "url"> {
  readonly name: string;
  readonly port: number;
  readonly #program: Program;
  #child: Child;
  #isWanted = true;

  /** Begins to start it, and waits for nothing. */
  constructor(program: Program, port: number) {
    this.name = program.name;
    this.port = port;
    this.#program = program;
    this.#child = this.#spawn();
  }

  #spawn(): Child {
    const { command, options } = this.#program;
    const child = new Child({ ...command(this.port), ...(options.onLine && { onLine: options.onLine }) });
    this.#isWanted = true;
    options.onChange?.("started", child.pid, this.port);
    void child.ended.then(() => options.onChange?.(this.#isWanted ? "died" : "stopped", child.pid, this.port));
    return child;
  }

  get pid(): number {
    return this.#child.pid;
  }

  get output(): string {
    return this.#child.output;
  }

  get isRunning(): boolean {
    return this.#child.isRunning;
  }

  /** @throws ConfigError with what it wrote when it ends before it is ready, or is ready too late */
  async ready(): Promise<void> {
    const child = this.#child;
    const deadline = Date.now() + START_LIMIT;
    let told = Date.now();
    while (!(await this.#program.isReady(this.port, child)) || !child.isRunning) {
      if (!child.isRunning || Date.now() > deadline) {
        await this.stop();
        throw new ConfigError(`${this.name} did not start:\n${child.output}`);
      }
      if (Date.now() > told + SILENCE) {
        told = Date.now();
        this.#program.options.onLine?.("… is still starting");
      }
      await sleep(10);
    }
  }

  kill(signal: NodeJS.Signals): void {
    const family = () => this.#program.family?.(this.#child.pid) ?? [];
    // Looked up before, since the dead have no children, and after, when no more of them can come.
    const before = family();
    this.#child.kill(signal);
    for (const pid of new Set([...before, ...family()]))
      try {
        process.kill(pid, signal);
      } catch {
        // It ended with the others.
      }
  }

  async stop(): Promise<void> {
    this.#isWanted = false;
    if (this.isRunning) this.kill("SIGCONT");
    await this.#child.stop(this.#program.stopSignal, this.#program.stopLimit);
  }

  async begin(): Promise<void> {
    const child = this.#child;
    if (child.isRunning) return;
    await child.ended;
    // Two may ask for it at once.
    if (child === this.#child) this.#child = this.#spawn();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.begin();
    await this.ready();
  }
}

/** Starts it and waits until it answers. Another process may take the port between the look and the start: tried thrice. */
export async function startServer(program: Program, attempts = 3): Promise<ServerProcess> {
  const server = new ServerProcess(program, program.options.port ?? (await freePort()));
  try {
    await server.ready();
    return server;
  } catch (error) {
    if (attempts > 1 && program.options.port === undefined) return startServer(program, attempts - 1);
    throw error;
  }
}
