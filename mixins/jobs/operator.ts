/** The handlers of the actions that jobs add to a service's contract: for staff, and for the export of a person's data. */
import { timestamp } from "#core/clock.ts";
import { type Ctx, userId } from "#core/context.ts";
import type { Paging } from "#core/cursor.ts";
import { sharedError } from "#core/errors.ts";
import type { BlockHandlers } from "#core/implement.ts";
import type { Progress } from "#core/job-run.ts";
import type { Database } from "../database/database.ts";
import { pageById } from "../database/paging.ts";
import { required } from "../database/write.ts";
import type { jobs as contract } from "./jobs.contract.ts";
import { find, priorities, type Priority } from "./rows.ts";
import type { RunningJobs } from "./running.ts";
import type { JobRow, JobState, JobTables } from "./tables.ts";

interface Host {
  readonly db: Database<JobTables>;
  readonly jobs: RunningJobs;
}
type ById = Ctx<{ id: string }>;

const timeOf = (milliseconds: number | null) => (milliseconds === null ? null : timestamp(milliseconds));
const parsed = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
const names = Object.keys(priorities) as Priority[];

const toJob = (row: JobRow) => ({
  id: row.id,
  kind: row.kind,
  key: row.key,
  state: row.state,
  priority: names.find((name) => priorities[name] === row.priority)!,
  nextAt: timeOf(row.next_at),
  attempt: row.attempt,
  failures: row.failures,
  error: row.error,
  owner: row.owner,
  progress: parsed(row.progress) as Progress | null,
  createdAt: timestamp(row.created_at),
  startedAt: timeOf(row.started_at),
  endedAt: timeOf(row.ended_at),
});

/** @throws NOT_FOUND when nothing was changed */
function known(changed: number): null {
  if (changed === 0) throw sharedError("NOT_FOUND");
  return null;
}

/** @throws NOT_FOUND */
async function found(db: Database<JobTables>, id: string): Promise<JobRow> {
  const row = await db.one(find, { id });
  if (!row) throw sharedError("NOT_FOUND");
  return row;
}

export const handlers = {
  listJobs(this: Host, { params: { kind, state, ...paging } }: Ctx<Paging & { kind?: string; state?: JobState }>) {
    const rows = this.db.query
      .selectFrom("jobs")
      .selectAll()
      .$if(kind !== undefined, (q) => q.where("kind", "=", kind!))
      .$if(state !== undefined, (q) => q.where("state", "=", state!));
    return pageById(rows, paging, toJob);
  },
  async getJob(this: Host, { params }: ById) {
    const row = await found(this.db, params.id);
    return { ...toJob(row), input: parsed(row.input), result: parsed(row.result) };
  },
  /** Its present state, when that is another than the client has seen. */
  async watchJob(this: Host, { params: { id, after = 0 } }: Ctx<{ id: string; after?: number }>) {
    const row = await found(this.db, id);
    return { items: row.revision > after ? [{ id: `${row.revision}`, event: "job.changed", data: toJob(row) }] : [] };
  },
  async retryJob(this: Host, { params }: ById) {
    return known(await this.jobs.retry(params.id));
  },
  async cancelJob(this: Host, { params }: ById) {
    const cancelled = required(this.jobs.cancel(params.id), () => sharedError("NOT_FOUND"));
    await this.db.write(async (tx) => tx.add(cancelled));
    return null;
  },
  async listJobKinds(this: Host) {
    return { items: await this.jobs.kinds() };
  },
  async pauseJobs(this: Host, { params }: Ctx<{ kind: string }>) {
    return known(await this.jobs.setPaused(params.kind, 1));
  },
  async resumeJobs(this: Host, { params }: Ctx<{ kind: string }>) {
    return known(await this.jobs.setPaused(params.kind, 0));
  },
  listOwnJobs(this: Host, ctx: Ctx<Paging>) {
    const own = this.db.query.selectFrom("jobs").selectAll().where("user_id", "=", userId(ctx));
    return pageById(own, ctx.params, ({ kind, state, input, result, created_at }) => ({
      kind,
      state,
      input: parsed(input),
      result: parsed(result),
      createdAt: timestamp(created_at),
    }));
  },
} satisfies BlockHandlers<typeof contract>;
