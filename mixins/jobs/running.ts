/** The jobs of one service on this node: added, run, begun at their times, counted, and removed when they are old. */
import { HOUR, DAY, now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { JobDefinitions } from "#core/job.ts";
import { lazily } from "#core/validation.ts";
import { violationsOf } from "#core/violations.ts";
import { observe } from "../bus/figures.ts";
import { whileStarting } from "../database/starting.ts";
import type { Write } from "../database/write.ts";
import { Worker } from "../queue/worker.ts";
import { type JobHost, type Kind, packed } from "./attempt.ts";
import type { Jobs } from "./jobs.ts";
import * as rows from "./rows.ts";
import { Runner } from "./runner.ts";
import { Schedule } from "./schedule.ts";

/** Milliseconds for which an ended job is kept. */
const KEEP = 7 * DAY;
/** Jobs that one statement removes. */
const SWEPT = 1000;

interface Options {
  readonly id?: string;
  readonly key?: string;
  readonly delay?: number;
  readonly priority?: rows.Priority;
  readonly userId?: string;
}

export class RunningJobs implements Jobs<JobDefinitions> {
  readonly #host: JobHost;
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #accepted: ReadonlyMap<string, ReturnType<typeof lazily>>;
  readonly #runner: Runner;
  readonly #schedule: Schedule;
  readonly #sweep: Worker;
  #observed: readonly (() => void)[] = [];

  constructor(host: JobHost, kinds: ReadonlyMap<string, Kind>) {
    this.#host = host;
    this.#kinds = kinds;
    this.#accepted = new Map([...kinds].map(([kind, { definition }]) => [kind, lazily(definition.input)]));
    this.#runner = new Runner(host, kinds);
    this.#schedule = new Schedule(host, (delay) => this.#runner.wake(delay));
    this.#sweep = new Worker(host.logger, () => this.#removeOld(), { idle: HOUR });
  }

  async start(): Promise<void> {
    const { db, broker, name } = this.#host;
    await this.#schedule.read(this.#kinds);
    for (const kind of this.#kinds.keys()) await whileStarting(() => db.run(rows.insertKind, { kind }));
    await this.#runner.start();
    this.#schedule.start();
    this.#sweep.wake();
    const figures = ["madang_jobs_due", "madang_jobs_running", "madang_jobs_dead"] as const;
    this.#observed = [...this.#kinds.keys()].map((kind) =>
      observe(broker, `service="${name}",kind="${kind}"`, figures, async () => {
        const { due, running, dead } = await this.#count(kind);
        return [due, running, dead];
      }),
    );
  }

  async stop(): Promise<void> {
    for (const end of this.#observed) end();
    await Promise.all([this.#schedule.stop(), this.#sweep.stop()]);
    await this.#runner.stop();
  }

  add(kind: string, input: unknown, options: Options = {}): Write {
    const { id = newId(), key = null, delay = 0, priority = "normal", userId: user_id = null } = options;
    this.#check(kind, input);
    const job = {
      id,
      kind,
      key,
      user_id,
      input: packed(`The input of ${kind}`, input),
      priority: rows.priorities[priority],
    };
    return {
      ...rows.insert.with({ ...job, at: null, delay, now: now() }),
      afterCommit: () => this.#runner.wake(delay),
    };
  }

  cancel(id: string): Write {
    return { ...rows.cancel.with({ id, now: now() }), afterCommit: () => this.#runner.taken(id) };
  }

  forget(userId: string): Write {
    return rows.removeOfPerson.with({ user_id: userId });
  }

  /** Answers how many jobs are tried again: none unless it is dead. */
  async retry(id: string): Promise<number> {
    const changed = await this.#host.db.run(rows.retry, { id, now: now() });
    if (changed > 0) this.#runner.wake();
    return changed;
  }

  /** Answers how many kinds were changed: none when there is no such kind. */
  async setPaused(kind: string, paused: 0 | 1): Promise<number> {
    const changed = await this.#host.db.run(rows.setPaused, { kind, paused });
    this.#runner.wake();
    return changed;
  }

  async kinds() {
    const standing = await this.#host.db.all(rows.standing, { now: now() });
    const isPaused = (kind: string) => standing.some((one) => one.kind === kind && one.paused === 1);
    const shown = [...this.#kinds].map(async ([kind, { definition }]) => {
      const { summary, cron = null } = definition;
      return { kind, summary, cron, paused: isPaused(kind), ...(await this.#count(kind)) };
    });
    return Promise.all(shown);
  }

  async #count(kind: string): Promise<{ due: number; running: number; dead: number }> {
    const { due, running, dead } = (await this.#host.db.one(rows.count, { kind, now: now() }))!;
    return { due: due ?? 0, running: running ?? 0, dead: dead ?? 0 };
  }

  #check(kind: string, input: unknown): void {
    const accepted = this.#accepted.get(kind)?.();
    if (!accepted) throw new Error(`The contract of ${this.#host.name} has no jobs of the kind ${kind}.`);
    if (accepted.Check(input)) return;
    const violations = violationsOf(this.#kinds.get(kind)!.definition.input, input);
    throw new Error(`The input of ${kind} does not fit its contract: ${JSON.stringify(violations)}`);
  }

  /** A dead job stays until somebody retries it or gives it up. */
  async #removeOld(): Promise<boolean> {
    let isMore = false;
    for (const [kind, { definition }] of this.#kinds)
      for (const state of ["done", "cancelled"] as const) {
        const old = { kind, state, keep: definition.keep ?? KEEP, limit: SWEPT, now: now() };
        isMore = (await this.#host.db.run(rows.removeOld, old)) === SWEPT || isMore;
      }
    return isMore;
  }
}
