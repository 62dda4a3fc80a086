/** One attempt at a job: it renews its lease, tells the handler when it has lost the job, and stores how it ended. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { workContext } from "#core/context.ts";
import type { JobDefinition } from "#core/job.ts";
import type { JobRun, Progress } from "#core/job-run.ts";
import type { Database } from "../database/database.ts";
import type { Statement } from "../database/statement.ts";
import { required, type Write } from "../database/write.ts";
import { isUsedUp, pauseAfter } from "./pace.ts";
import * as rows from "./rows.ts";
import type { JobRow, JobTables } from "./tables.ts";

/** Milliseconds for which a node may hold a job without renewing its lease. */
export const LEASE = 10_000;
/** Bytes of an input and of a result: both are in one answer to staff, and NATS carries 1 MiB. */
const LARGEST = 262_144;
/** Characters of the message of an error. */
const LONGEST = 500;

export type JobHost = Service & { readonly db: Database<JobTables> };

interface Ending {
  readonly writes?: readonly Write[];
  readonly result?: unknown;
}

export interface Kind {
  readonly definition: JobDefinition;
  readonly handler: (this: Service, run: JobRun) => Promise<Ending | undefined>;
}

/** What each write of an attempt says of itself, and the time of this process. */
type Mine = Pick<JobRow, "id" | "attempt"> & { readonly now: number };

/** The job was cancelled or removed, or another node has it. */
class Lost extends Error {
  override message = "This attempt does not have the job any more.";
}

/** @throws Error when it is larger than an answer carries */
export function packed(what: string, value: unknown): string {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > LARGEST) throw new Error(`${what} is larger than ${LARGEST} bytes.`);
  return text;
}

export class Attempt {
  readonly #host: JobHost;
  readonly #row: JobRow;
  readonly #kind: Kind;
  /** Called after each change that is shown live. */
  readonly #changed: () => void;
  readonly #abort = new AbortController();
  #renewedAt = performance.now();
  #isStopping = false;

  constructor(host: JobHost, row: JobRow, kind: Kind, changed: () => void) {
    this.#host = host;
    this.#row = row;
    this.#kind = kind;
    this.#changed = changed;
  }

  /** Another attempt, or nobody, has the job from now on. */
  lose(): void {
    this.#abort.abort(new Lost());
  }

  /** The node stops: the job begins again elsewhere, unless it still ends here. */
  stop(): void {
    this.#isStopping = true;
    this.#abort.abort(new Error("The node stops."));
  }

  /** @throws Error when storage failed; then the lease ends, and the job is claimed again */
  async run(): Promise<void> {
    const { failures } = this.#row;
    // It may be the job that ends its nodes.
    if (isUsedUp(this.#kind.definition, failures)) return this.#failed(failures, "Its node was lost each time.");
    const timer = setInterval(() => void this.#renew(), LEASE / 3);
    try {
      await this.#finish(await this.#kind.handler.call(this.#host, this.#described()));
    } catch (error) {
      await this.#broken(error as Error);
    } finally {
      clearInterval(timer);
    }
  }

  async #renew(): Promise<void> {
    const begun = performance.now();
    const renewed = await this.#write(rows.renew, { lease: LEASE }).catch(() => null);
    if (renewed) this.#renewedAt = begun;
    // Without the database nobody knows, but after a lease another node may have it.
    if (renewed === 0 || begun - this.#renewedAt > LEASE) this.lose();
  }

  #described(): JobRun {
    const { id, kind, attempt, input, progress, user_id } = this.#row;
    return {
      id,
      attempt,
      input: JSON.parse(input) as unknown,
      progress: progress === null ? null : (JSON.parse(progress) as Progress),
      key: `${kind}:${id}`,
      signal: this.#abort.signal,
      ctx: workContext(this.#host, user_id, id),
      save: (saved, ...writes) => {
        const progress = packed("The progress", saved);
        return this.#store(rows.saveProgress.with({ ...this.#mine(), progress, lease: LEASE }), writes as Write[]);
      },
    };
  }

  async #finish({ result, writes = [] }: Ending = {}): Promise<void> {
    const stored = result === undefined ? null : packed("The result", result);
    await this.#store(rows.finish.with({ ...this.#mine(), result: stored }), writes);
  }

  /** @throws Lost, without any change, when this attempt does not have the job any more */
  async #store(own: Write, writes: readonly Write[]): Promise<void> {
    const first = required(own, () => new Lost());
    await this.#host.db.write(async (tx) => tx.add(first, ...writes));
    this.#changed();
  }

  async #broken(error: Error): Promise<void> {
    const { id, kind, failures } = this.#row;
    if (error instanceof Lost || this.#abort.signal.reason instanceof Lost)
      this.#host.logger.info(`The job ${kind} ${id} goes on elsewhere, or was cancelled: ${error.message}`);
    else if (this.#isStopping) await this.#write(rows.giveBack, {});
    else await this.#failed(failures + 1, error.message ?? String(error));
  }

  async #failed(failures: number, message: string): Promise<void> {
    const { id, kind, attempt } = this.#row;
    const { logger } = this.#host;
    const error = message.slice(0, LONGEST);
    if (isUsedUp(this.#kind.definition, failures)) {
      if (await this.#write(rows.bury, { failures, error })) logger.error(`The job ${kind} ${id} is dead: ${error}`);
    } else {
      await this.#write(rows.postpone, { failures, error, pause: pauseAfter(failures) });
      logger.warn(`The job ${kind} ${id} failed in attempt ${attempt}: ${error}`);
    }
    this.#changed();
  }

  #write<P extends object>(statement: Statement<P & Mine, unknown>, parameters: P): Promise<number> {
    return this.#host.db.run(statement, { ...parameters, ...this.#mine() });
  }

  #mine(): Mine {
    return { id: this.#row.id, attempt: this.#row.attempt, now: now() };
  }
}
