/**
 * How slow the machine is while a test measures what customers wait: without this measure, such a test would fail on a
 * busy machine whatever the product does, and a limit that is wide enough for one would prove little on a quiet one.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Milliseconds between two looks. */
const PAUSE = 10;
/** A request wakes so many processes one after the other, and each may wait as long for its turn. */
const WAKINGS = 10;

export class MachineSpeed {
  /** Milliseconds of the slowest round trip between two processes that do nothing else. */
  worst = 0;
  readonly #child: ChildProcess;
  #over = false;
  readonly #measuring: Promise<void>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#measuring = this.#measure();
  }

  static async start(): Promise<MachineSpeed> {
    const child = fork(join(import.meta.dirname, "echo.process.ts"), {
      env: { ...process.env, NODE_OPTIONS: "" },
      execArgv: ["--disable-warning=ExperimentalWarning"],
    });
    await once(child, "message");
    return new MachineSpeed(child);
  }

  /** What may take so many milliseconds on a machine that has time: what this one has taken for itself comes on top. */
  allow(milliseconds: number): number {
    return milliseconds + WAKINGS * this.worst;
  }

  async end(): Promise<void> {
    this.#over = true;
    await this.#measuring;
    this.#child.disconnect();
    await once(this.#child, "exit");
  }

  async #measure(): Promise<void> {
    while (!this.#over) {
      const began = performance.now();
      this.#child.send("wake");
      await once(this.#child, "message");
      this.worst = Math.max(this.worst, performance.now() - began);
      await sleep(PAUSE);
    }
  }
}
