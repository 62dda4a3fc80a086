/** The saga's journal: everything that a restarted process needs to continue. */
import { type ColumnDefinitionBuilder, type Kysely, PostgresAdapter, sql } from "kysely";
import { type Migrations, sweepOften } from "../database/migrate.ts";

export type Status = "active" | "waiting" | "completed" | "compensated" | "parked";

export interface SagaTables {
  sagas: {
    id: string;
    user_id: string;
    correlation_id: string;
    /** The version of the definition whose steps it follows. */
    version: number;
    status: Status;
    direction: "forward" | "backward";
    /** Index of the present step. */
    step: number;
    attempt: number;
    input: string;
    results: string;
    /** The log of its steps, see state.ts. */
    log: string;
    reason: string | null;
    /** Milliseconds since the epoch: a step before the pivot may be tried until then. */
    deadline: number;
    /** Milliseconds since the epoch: it is not claimed before this time; null when it has ended or is parked. */
    next_at: number | null;
    /** Milliseconds since the epoch, by the owner's clock: no other node may claim the saga until then. */
    lease_until: number;
    /** The node that holds the lease; null when none does. */
    owner: string | null;
    /** Increased with every change of owner. Writes with an older epoch are refused. */
    epoch: number;
  };
}

export type SagaRow = SagaTables["sagas"];

async function createSagas(db: Kysely<never>): Promise<void> {
  await db.schema
    .createTable("sagas")
    .ifNotExists()
    .addColumn("id", "text", (column) => column.primaryKey())
    .addColumn("user_id", "text", (column) => column.notNull())
    .addColumn("correlation_id", "text", (column) => column.notNull())
    .addColumn("version", "integer", version)
    .addColumn("status", "text", (column) => column.notNull())
    .addColumn("direction", "text", (column) => column.notNull())
    .addColumn("step", "integer", (column) => column.notNull())
    .addColumn("attempt", "integer", (column) => column.notNull())
    .addColumn("input", "text", (column) => column.notNull())
    .addColumn("results", "text", (column) => column.notNull())
    .addColumn("log", "text", log)
    .addColumn("reason", "text")
    .addColumn("deadline", "bigint", (column) => column.notNull())
    .addColumn("next_at", "bigint")
    .addColumn("lease_until", "bigint", (column) => column.notNull())
    .addColumn("owner", "text")
    .addColumn("epoch", "integer", (column) => column.notNull())
    .execute();
  await completeSagas(db);
  // Only unfinished sagas are in these, so they stay small however many orders there are.
  const index = (name: string) => db.schema.createIndex(name).ifNotExists().on("sagas");
  const isUnfinished = sql<boolean>`next_at is not null`;
  await index("sagas_unfinished").column("next_at").where(isUnfinished).execute();
  await index("sagas_unfinished_by_user").column("user_id").where(isUnfinished).execute();
  await index("sagas_parked")
    .column("id")
    .where(sql<boolean>`status = 'parked'`)
    .execute();
  await sweepOften(db, "sagas");
  // Each step rewrites the row. With free space in its page, no index has to change.
  if (isPostgres(db)) await sql`alter table sagas set (fillfactor = 60)`.execute(db);
}

export const migrations: Migrations = { "0001_sagas": { up: createSagas } };

/** Sagas from before this column have version 1, which is the only one that an older node runs. */
const version = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo(1);
const log = (column: ColumnDefinitionBuilder) => column.notNull().defaultTo("[]");
const isPostgres = (db: Kysely<never>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;

/** Services made the table by migrations of their own before, and each release added what its table lacked. */
async function completeSagas(db: Kysely<never>): Promise<void> {
  const tables = await db.introspection.getTables();
  const columns = new Set(tables.find(({ name }) => name === "sagas")!.columns.map(({ name }) => name));
  const alter = db.schema.alterTable("sagas");
  if (!columns.has("owner")) await alter.addColumn("owner", "text").execute();
  if (!columns.has("version")) await alter.addColumn("version", "integer", version).execute();
  if (columns.has("log")) return;
  await alter.addColumn("log", "text", log).execute();
  const [object, array] = isPostgres(db) ? ["json_build_object", "json_agg"] : ["json_object", "json_group_array"];
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
}
