/** The interface through which a service uses its jobs. */
import type { Static } from "typebox";
import type { JobDefinitions } from "#core/job.ts";
import type { Write } from "../database/write.ts";
import type { Priority } from "./rows.ts";

interface Options {
  /** A UUIDv7, to find the job by. Without it, the job gets one. */
  readonly id?: string;
  /** Adds nothing while a job of the kind with this key is kept. */
  readonly key?: string;
  /** Milliseconds until it may begin. */
  readonly delay?: number;
  /** Within its kind. The default is normal. */
  readonly priority?: Priority;
}

/** Who adds a job that may hold personal data says whose. */
type OptionsOf<Kind> = Kind extends { readonly personal: true }
  ? [options: Options & { readonly userId: string }]
  : [options?: Options];

export interface Jobs<Kinds extends JobDefinitions> {
  /**
   * A job as a write of the transaction with the change that calls for it. It begins after the commit.
   * @throws Error when the input does not fit the contract, or is larger than staff can be shown
   *
   * @example
   * await this.db.write(async (tx) => tx.add(reports.request(id), this.jobs.add("writeReport", { id }, { key: id })));
   */
  add<K extends keyof Kinds & string>(
    kind: K,
    input: Static<Kinds[K]["input"]>,
    ...options: OptionsOf<Kinds[K]>
  ): Write;
  /** Changes nothing when the job has ended. While it runs, its node takes note within a few seconds. */
  cancel(id: string): Write;
  /** Removes a person's jobs, whatever their state. `erasure` calls it. */
  forget(userId: string): Write;
}
