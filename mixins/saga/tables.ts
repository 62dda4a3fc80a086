/** The saga's journal: every row that a restart needs to go on where the process died. */
import { type Kysely, PostgresAdapter, sql } from "kysely";

export type Status = "active" | "waiting" | "completed" | "compensated" | "parked";

export interface SagaTables {
  sagas: {
    id: string;
    user_id: string;
    correlation_id: string;
    /** Of the definition whose steps it takes. */
    version: number;
    status: Status;
    direction: "forward" | "backward";
    /** Index of the step at hand. */
    step: number;
    attempt: number;
    input: string;
    results: string;
    /** What it has done, see state.ts. */
    log: string;
    reason: string | null;
    /** Milliseconds since the epoch: until then a step before the pivot may be tried. */
    deadline: number;
    /** Not before this time, milliseconds since the epoch; null when it has ended or is parked. */
    next_at: number | null;
    /** Nobody else may take the saga until then, milliseconds since the epoch by the clock of who took it. */
    lease_until: number;
    /** The node that holds the lease; null when nobody does. */
    owner: string | null;
    /** Raised at every change of owner: writes of an older epoch are refused. */
    epoch: number;
  };
}

export type SagaRow = SagaTables["sagas"];

/** Call it in a migration of the service, and `addSagaOwner`, `addSagaLog` and `addSagaVersion` after it. */
export async function createSagas(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("sagas")
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("correlation_id", "text", (column) => column.notNull())
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("direction", "text", (column) => column.notNull())
    .addColumn("step", "integer", (column) => column.notNull())
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("results", "text", (column) => column.notNull())
    .addColumn("reason", "text")
    .addColumn("deadline", "bigint", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addColumn("epoch", "integer", (column) => column.notNull())
    .execute();
  // Only unfinished sagas are in it, so it stays small however many orders there are.
  await db.schema
    .createIndex("sagas_unfinished")
    .on("sagas")
    .column("next_at")
    .where("next_at" as never, "is not", null)
    .execute();
  await db.schema
    .createTable("saga_steps")
    .addColumn("saga_id", "text", (column) => column.notNull())
    .addColumn("position", "integer", (column) => column.notNull())
    .addColumn("direction", "text", (column) => column.notNull())
    .addColumn("step", "text", (column) => column.notNull())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("started_at", "text", (column) => column.notNull())
    .addColumn("ended_at", "text")
    .addColumn("detail", "text")
    .addPrimaryKeyConstraint("saga_steps_pk", ["saga_id", "direction", "position"])
    .execute();
}

/** In a migration of its own where `createSagas` has been released: until then sagas had one process to run them. */
export async function addSagaOwner(db: Kysely<never>): Promise<void> {
  await db.schema.alterTable("sagas").addColumn("owner", "text").execute();
}

/** What the steps of a saga did moves into its row: one write for each step instead of three. */
export async function addSagaLog(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("sagas")
    .addColumn("log", "text", (column) => column.notNull().defaultTo("[]"))
    .execute();
  const isPostgres = db.getExecutor().adapter instanceof PostgresAdapter;
  const [object, array] = isPostgres ? ["json_build_object", "json_agg"] : ["json_object", "json_group_array"];
  const entry = sql`${sql.raw(object)}('step', step, 'direction', direction, 'position', position, 'state', state,
    'startedAt', started_at, 'endedAt', ended_at, 'detail', detail)`;
  await sql`
    update sagas
    set log = (
      select cast(${sql.raw(array)}(${entry} order by started_at, direction desc, position) as text)
      from saga_steps where saga_id = sagas.id
    )
    where exists (select 1 from saga_steps where saga_id = sagas.id)
  `.execute(db);
  await db.schema.dropTable("saga_steps").execute();
  // Each step writes the row anew: with room for that in its page no index is touched.
  if (isPostgres) await sql`alter table sagas set (fillfactor = 60)`.execute(db);
}

/** What was begun before sagas had versions counts as the first: an older node, which knows of none, runs only that. */
export async function addSagaVersion(db: Kysely<never>): Promise<void> {
  await db.schema
    .alterTable("sagas")
    .addColumn("version", "integer", (column) => column.notNull().defaultTo(1))
    .execute();
}
