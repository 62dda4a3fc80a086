/** What the handler of a job sees, and what it answers. */
import type { Static, TSchema } from "typebox";
import type { Ctx } from "./context.ts";
import type { JobDefinitions } from "./job.ts";

/** How far a job is. It is shown to staff, and an attempt after this one finds it. */
export interface Progress {
  readonly done: number;
  readonly total?: number;
  /** Where a later attempt goes on. */
  readonly position?: string;
}

/** A statement that changes something, see `Write` of the database. */
interface Change {
  readonly statement: object;
  readonly parameters: object;
}

/** An attempt at a job. */
export interface JobRun<Input = unknown> {
  readonly id: string;
  readonly input: Input;
  /** The idempotency key for calls of other services and systems. It is the same for every attempt. */
  readonly key: string;
  /** Counts from 1. */
  readonly attempt: number;
  /** What this attempt or one before it has saved. */
  readonly progress: Progress | null;
  /** Fires when the job was cancelled, when another node has it now, and when the node stops. The job should end then. */
  readonly signal: AbortSignal;
  /** A context on behalf of the job's person, or of nobody. */
  readonly ctx: Ctx<null>;
  /**
   * Stores progress and the writes that belong to it in one transaction.
   * @throws Error, without any change, when this attempt does not have the job any more
   */
  save(progress: Progress, ...writes: readonly Change[]): Promise<void>;
}

interface Ending {
  /** Stored in one transaction with the end of the job: all of them once, or none. */
  readonly writes?: readonly Change[];
}

/** What a handler answers: the result that the contract names, and the writes that belong to the end of the job. */
export type JobEnding<J> = J extends { readonly output: infer O extends TSchema }
  ? Ending & { readonly result: Static<O> }
  : Ending | void;

/** A handler for each kind of job. */
export type JobHandlers<Kinds extends JobDefinitions> = {
  readonly [K in keyof Kinds]: (run: JobRun<Static<Kinds[K]["input"]>>) => Promise<JobEnding<Kinds[K]>>;
};
