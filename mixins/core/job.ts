/** Jobs in contracts: work that a service does later or at set times. */
import type { TSchema } from "typebox";

export interface JobDefinition {
  readonly summary: string;
  /** What the handler is given. It is stored, and staff see it: ids rather than data, and nothing secret. */
  readonly input: TSchema;
  /** The result, which is kept with the job. Without it, there is none. */
  readonly output?: TSchema;
  /** The input may be about a person. Who adds such a job says whose it is, and it goes with that account. */
  readonly personal?: true;
  /**
   * A cron expression in UTC, with five fields or with six, which begin with seconds. Each time has one job, however many
   * nodes there are. Times that passed while no node ran are made up for by one job.
   */
  readonly cron?: string;
  /** Failures after which the job is dead and a person must look. The default is 10, which takes some three minutes. */
  readonly attempts?: number;
  /** The most jobs of this kind that run at once, on all nodes together. */
  readonly concurrency?: number;
  /** The most jobs of this kind that begin per second, on all nodes together. 0.1 is one in ten seconds. */
  readonly rate?: number;
  /** Milliseconds for which an ended job is kept, with its result and its key. The default is a week. */
  readonly keep?: number;
}

export type JobDefinitions = Readonly<Record<string, JobDefinition>>;
