/** A side of the comparison, as the process that measures it sees it. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { cpuTime } from "../support/process.ts";
import type { Commands } from "./node.ts";

interface Told {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

export class Peer {
  readonly #sides: readonly string[];
  readonly #env: NodeJS.ProcessEnv;
  readonly #asked = new Map<number, PromiseWithResolvers<unknown>>();
  #child: ChildProcess;
  #ready: Promise<void>;
  #last = 0;

  constructor(sides: readonly string[], env: NodeJS.ProcessEnv) {
    this.#sides = sides;
    this.#env = env;
    this.#child = this.#spawn();
    this.#ready = this.#begin();
  }

  #spawn(): ChildProcess {
    return fork(join(import.meta.dirname, "node.ts"), [...this.#sides], {
      env: { ...process.env, ...this.#env },
      execArgv: ["--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
  }

  async #begin(): Promise<void> {
    const child = this.#child;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    child.on("message", ({ id, result, error }: Told) => {
      if (id === 0) return resolve();
      const asked = this.#asked.get(id);
      this.#asked.delete(id);
      if (error === undefined) asked?.resolve(result);
      else asked?.reject(new Error(error));
    });
    child.once("exit", () => reject(new Error(`${this.#sides.join(" and ")} ended early.`)));
    await promise;
  }

  get ready(): Promise<void> {
    return this.#ready;
  }

  /** Milliseconds of processor time so far. */
  get cpu(): number {
    return cpuTime(this.#child.pid!);
  }

  ask<C extends keyof Commands>(
    command: C,
    argument: Parameters<Commands[C]>[0],
  ): Promise<Awaited<ReturnType<Commands[C]>>> {
    const asked = Promise.withResolvers<unknown>();
    this.#asked.set((this.#last += 1), asked);
    this.#child.send({ id: this.#last, command, argument });
    return asked.promise as Promise<Awaited<ReturnType<Commands[C]>>>;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Starts it again after it was killed. */
  restart(): Promise<void> {
    this.#child = this.#spawn();
    return (this.#ready = this.#begin());
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGKILL");
    await once(this.#child, "exit");
  }
}
