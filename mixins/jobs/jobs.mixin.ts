/**
 * Jobs: work that must happen, later or at set times, in the service's own database. Adds `this.jobs`. A job is a row in the
 * transaction of the change that calls for it. Whichever node claims it holds a lease, and each write of the job is fenced:
 * a node that lost its lease changes nothing.
 *
 * @example
 * // in the contract: blocks: [jobs],
 * jobs: { writeReport: job({ summary: "Writes a report", input: Strict({ id: Id }), attempts: 5 }) },
 * // in the service:
 * implement(report, {
 *   mixins: [database<Tables>(…), jobs(report)],
 *   jobs: {
 *     async writeReport({ input, save, signal }) {
 *       const text = await compose(input.id, signal, (done, total) => save({ done, total }));
 *       return { writes: [reports.complete(input.id, text)] };
 *     },
 *   },
 *   …
 * })
 * // in a handler:
 * await this.db.write(async (tx) => tx.add(reports.request(id), this.jobs.add("writeReport", { id })));
 */
import type { Contract } from "#core/contract.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { JobDefinitions } from "#core/job.ts";
import type { JobHost, Kind } from "./attempt.ts";
import type { Jobs } from "./jobs.ts";
import { handlers } from "./operator.ts";
import { RunningJobs } from "./running.ts";
import { migrations } from "./tables.ts";

export type { Jobs } from "./jobs.ts";
export type { JobTables } from "./tables.ts";

interface Handled {
  readonly jobHandlers?: Readonly<Record<string, Kind["handler"]>>;
}
type Host = JobHost & { readonly jobs?: RunningJobs };

/** @param contract whose jobs they are */
export function jobs<const Kinds extends JobDefinitions>(
  contract: Contract & { readonly jobs: Kinds },
): Mixin<{ readonly jobs: Jobs<Kinds> }> {
  return mixin<{ readonly jobs: Jobs<Kinds> }, Host>(
    {
      async started() {
        const { jobHandlers = {} } = this.schema as unknown as Handled;
        const kinds = Object.entries(contract.jobs).map(
          ([kind, definition]) => [kind, { definition, handler: jobHandlers[kind]! }] as const,
        );
        const running = new RunningJobs(this, new Map(kinds));
        addName(this, "jobs", running);
        await running.start();
      },
      async stopped() {
        await this.jobs?.stop();
      },
    },
    { name: "jobs", migrations, handlers },
  );
}
