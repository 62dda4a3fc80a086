/** The tables of jobs: each job, and what is true of all jobs of a kind. */
import type { Kysely } from "kysely";
import { type Migrations, sweepOften } from "../database/migrate.ts";

/** `waiting` until it is due or retried; the last three are ends. A dead job can be retried. */
export type JobState = "waiting" | "running" | "done" | "dead" | "cancelled";

export interface JobTables {
  jobs: {
    id: string;
    kind: string;
    /** No other job of the kind has it, for as long as this one is kept. */
    key: string | null;
    /** Whose data the input may hold. */
    user_id: string | null;
    input: string;
    state: JobState;
    /** The lowest number first, see `priorities`. */
    priority: number;
    /** Milliseconds since the epoch, like all times here by the database's clock: when it may begin, or when its lease ends. */
    next_at: number | null;
    /** Increased by every claim, and never set back. Writes of an earlier attempt change nothing. */
    attempt: number;
    /** Attempts that failed, since it was added or retried by hand. */
    failures: number;
    /** The node that runs it. */
    owner: string | null;
    progress: string | null;
    result: string | null;
    error: string | null;
    /** Increased by every change that is shown live. */
    revision: number;
    created_at: number;
    started_at: number | null;
    ended_at: number | null;
  };
  job_kinds: {
    kind: string;
    /** 1 while no job of the kind may begin. */
    paused: number;
    /** When the next job may begin, for kinds with a rate. */
    ready_at: number;
  };
}

export type JobRow = JobTables["jobs"];

async function createJobs(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("jobs")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("key", "text")
    .addColumn("user_id", "text")
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("priority", "integer", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("failures", "integer", (column) => column.notNull())
    .addColumn("owner", "text")
    .addColumn("progress", "text")
    .addColumn("result", "text")
    .addColumn("error", "text")
    .addColumn("revision", "integer", (column) => column.notNull())
    .addColumn("created_at", "bigint", (column) => column.notNull())
    .addColumn("started_at", "bigint")
    .addColumn("ended_at", "bigint")
    .execute();
  const index = (name: string, column: string, ...columns: readonly string[]) =>
    db.schema
      .createIndex(name)
      .on("jobs")
      .columns([...columns, column])
      .where(column as never, "is not", null);
  await index("jobs_open", "next_at", "kind", "priority").execute();
  await index("jobs_held", "owner", "kind").execute();
  await index("jobs_ended", "ended_at", "kind", "state").execute();
  await index("jobs_key", "key", "kind").unique().execute();
  await index("jobs_of_person", "user_id").execute();
  await sweepOften(db, "jobs");
  await db.schema
    .createTable("job_kinds")
    .addColumn("kind", "text", (column) => column.primaryKey())
    .addColumn("paused", "integer", (column) => column.notNull())
    .addColumn("ready_at", "bigint", (column) => column.notNull())
    .execute();
}

export const migrations: Migrations = { "0001_jobs": { up: createJobs } };
