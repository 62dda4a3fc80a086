/**
 * Adds the jobs of kinds with a cron expression: the next one is in the table before its time comes, so that operators see
 * it, and so that it is not missed when no node runs at that moment. Its key has its time, so nodes add it once.
 */
import type { Cron } from "croner";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { Worker } from "../queue/worker.ts";
import type { JobHost, Kind } from "./attempt.ts";
import * as rows from "./rows.ts";

/** Milliseconds: the longest time until this node looks whether the next job is there, in case another removed it. */
const IDLE = 60_000;
/** Milliseconds until it looks again when the database's clock is behind this node's. */
const SOON = 50;

export class Schedule {
  readonly #host: JobHost;
  readonly #added: (delay: number) => void;
  readonly #times = new Map<string, Cron>();
  readonly #worker: Worker;

  /** @param added called when a job is there that is due after `delay` milliseconds */
  constructor(host: JobHost, added: (delay: number) => void) {
    this.#host = host;
    this.#added = added;
    this.#worker = new Worker(host.logger, () => this.#step(), { idle: IDLE });
  }

  /** Call it before anything is started. @throws Error for an expression that names no time */
  async read(kinds: ReadonlyMap<string, Kind>): Promise<void> {
    for (const [kind, { definition }] of kinds) {
      if (definition.cron === undefined) continue;
      const { Cron } = await import("croner");
      this.#times.set(kind, new Cron(definition.cron, { timezone: "UTC", paused: true }));
    }
  }

  start(): void {
    if (this.#times.size > 0) this.#worker.wake();
  }

  async stop(): Promise<void> {
    await this.#worker.stop();
  }

  async #step(): Promise<boolean> {
    const { db } = this.#host;
    const { clock } = (await db.one(rows.clock, { now: now() }))!;
    for (const [kind, times] of this.#times) {
      const at = times.nextRun(new Date(clock))?.getTime();
      if (at === undefined) continue;
      const key = `${kind}@${new Date(at).toISOString()}`;
      const job = { id: newId(), kind, key, user_id: null, input: "{}", priority: rows.priorities.normal };
      await db.run(rows.insert, { ...job, at, delay: 0, now: now() });
      this.#added(at - clock);
      this.#worker.wake(now() + Math.max(at - clock, SOON));
    }
    return false;
  }
}
