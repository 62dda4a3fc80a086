/** Migrations: plain files run in order, each in one transaction with its record. */
import { readdir } from "node:fs/promises";
import { ColumnDefinitionBuilder, DataTypeNode, type Kysely, PostgresAdapter, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";

/** A service's migrations by name (`0001_orders`), in the order they run. */
export type Migrations = Readonly<Record<string, Migration>>;

/** Reads a folder of `0001_name.ts` files that export `up`. */
export async function migrationsIn(folder: URL): Promise<Migrations> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_.*\.ts$/.test(file)).toSorted();
  const loaded = files.map(
    async (file) => [file.replace(/\.ts$/, ""), (await import(new URL(file, folder).href)) as Migration] as const,
  );
  return Object.fromEntries(await Promise.all(loaded));
}

/**
 * Nodes that start together take turns. A node of an older version leaves alone what a newer one has added.
 * @throws Error naming the migration that failed; what it did is undone
 */
export async function migrate(db: Kysely<never>, migrations: Migrations): Promise<void> {
  const known = { ...(await newer(db, Object.keys(migrations).toSorted().at(-1) ?? "")), ...migrations };
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(known) } });
  // One at a time: `migrateToLatest` would put all that are new into one transaction.
  const { error, results = [] } = await migrator.migrateUp();
  if (!error) return results.length > 0 ? migrate(db, migrations) : undefined;
  const failed = results.find(({ status }) => status === "Error")?.migrationName ?? "the first one";
  throw new Error(`The migration ${failed} failed: ${(error as Error).message}`, { cause: error });
}

/** What has been run that comes after `last`. */
async function newer(db: Kysely<never>, last: string): Promise<Migrations> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === "kysely_migration")) return {};
  const { rows } = await sql<{ name: string }>`select name from kysely_migration where name > ${last}`.execute(db);
  return Object.fromEntries(rows.map(({ name }) => [name, { up: () => Promise.resolve() }]));
}

/** A primary key that counts up, in either dialect: `addColumn("seq", "integer", sequence(db))`. */
export const sequence =
  (db: Kysely<never>) =>
  (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    db.getExecutor().adapter instanceof PostgresAdapter
      ? bigint(column).primaryKey().generatedAlwaysAsIdentity()
      : column.primaryKey().autoIncrement();

/** Text that is compared byte by byte in either dialect, whatever the server's language. */
export const bytewise = (db: Kysely<never>) =>
  db.getExecutor().adapter instanceof PostgresAdapter ? sql`text collate "C"` : sql`text`;

/** Rows that `fill` computes at once. */
const FILL = 500;

/** Computes a column of text for the rows that are there, of a table whose ids sort: `from` another of its columns. */
export async function fill(
  db: Kysely<never>,
  { table, column, from }: { readonly table: string; readonly column: string; readonly from: readonly string[] },
  compute: (row: Readonly<Record<string, string | null>>) => string | null,
): Promise<void> {
  const [name, target] = [sql.table(table), sql.ref(column)];
  for (let after = ""; ;) {
    const { rows } = await sql<Record<string, string>>`
      select id, ${sql.join(from.map((one) => sql.ref(one)))} from ${name} where id > ${after} order by id limit ${FILL}
    `.execute(db);
    const last = rows.at(-1);
    if (!last) return;
    const values = rows.map((row) => sql`(${row["id"]}, ${compute(row)})`);
    await sql`
      update ${name} set ${target} = filled.column2 from (values ${sql.join(values)}) as filled where id = filled.column1
    `.execute(db);
    after = last["id"]!;
  }
}

/**
 * For tables whose rows are worked off, such as an outbox: whoever looks for work passes the dead rows too. PostgreSQL by
 * itself removes them when they are a fifth of the table, and so ever more rarely as it grows.
 */
export async function sweepOften(db: Kysely<never>, ...tables: readonly string[]): Promise<void> {
  if (!(db.getExecutor().adapter instanceof PostgresAdapter)) return;
  for (const table of tables)
    await sql`
      alter table ${sql.table(table)} set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000)
    `.execute(db);
}

/** SQLite counts up only what is called integer, which in PostgreSQL ends at 2^31. */
const bigint = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
  new ColumnDefinitionBuilder({ ...column.toOperationNode(), dataType: DataTypeNode.create("bigint") });
