/** Migrations: plain files run in order, each in one transaction with its record. */
import { readdir } from "node:fs/promises";
import { ColumnDefinitionBuilder, DataTypeNode, type Kysely, PostgresAdapter, sql } from "kysely";
import { DEFAULT_MIGRATION_TABLE, type Migration, Migrator } from "kysely/migration";
import { ConfigError } from "#core/config.ts";

/** By name, in the order they run: those of building blocks (`inbox/0001_inbox`), then the service's own (`0001_orders`). */
export type Migrations = Readonly<Record<string, Migration>>;

/**
 * Blocks have a table of their own for what has run. Kysely wants the names of one table in order, and any block may get a
 * migration at any time; a node of the release before blocks had migrations never looks into this table.
 */
const BLOCKS = "kysely_block_migration";

/** Finds the `0001_name.ts` files of a folder, which export `up`. Each is loaded when it is run: most starts need none. */
export async function migrationsIn(folder: URL): Promise<Migrations> {
  const files = (await readdir(folder)).filter((file) => /^\d{4}_.*\.ts$/.test(file)).toSorted();
  return Object.fromEntries(files.map((file) => [file.replace(/\.ts$/, ""), migrationOf(new URL(file, folder).href)]));
}

const migrationOf = (url: string): Migration => ({
  up: async (db) => ((await import(url)) as Migration).up(db),
});

/**
 * Nodes that start together take turns. A node of an older version leaves alone what a newer one has added.
 * @param place of the database, for people
 * @returns the names of what it leaves alone
 * @throws ConfigError when the database is another's
 * @throws Error naming the migration that failed, caused by why; what it did is undone
 */
export async function migrate(db: Kysely<never>, migrations: Migrations, place: string): Promise<readonly string[]> {
  const names = Object.keys(migrations).toSorted();
  const [blocks, own] = [names.filter((name) => name.includes("/")), names.filter((name) => !name.includes("/"))];
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  const has = (table: string) => tables.some(({ name }) => name === table);
  const run = has(DEFAULT_MIGRATION_TABLE) ? await executed(db, DEFAULT_MIGRATION_TABLE) : [];
  const runBlocks = has(BLOCKS) ? await executed(db, BLOCKS) : [];
  const newer = unknown(run, own, place);
  const newerBlocks = runBlocks.filter((name) => !blocks.includes(name));
  const having = (known: readonly string[], left: readonly string[]): Migrations => ({
    ...Object.fromEntries(left.map((name) => [name, { up: () => Promise.resolve() }])),
    ...Object.fromEntries(known.map((name) => [name, migrations[name]!])),
  });
  if (blocks.length > 0)
    await runAll(db, having(blocks, newerBlocks), runBlocks, {
      migrationTableName: BLOCKS,
      allowUnorderedMigrations: true,
    });
  await runAll(db, having(own, newer), run);
  return [...newer, ...newerBlocks];
}

/**
 * One at a time, because each may wait for readers and move many rows: `migrateToLatest` puts all that are new into one transaction.
 * That is quicker in a database which has nothing yet. Where all have been run, as at most starts, Kysely's look at all tables is saved.
 */
async function runAll(
  db: Kysely<never>,
  migrations: Migrations,
  run: readonly string[],
  table: object = {},
): Promise<void> {
  const isNew = run.length === 0;
  if (!isNew && Object.keys(migrations).every((name) => run.includes(name))) return;
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve(migrations) }, ...table });
  for (;;) {
    const { error, results = [] } = await (isNew ? migrator.migrateToLatest() : migrator.migrateUp());
    const failed = results.find(({ status }) => status === "Error")?.migrationName ?? "the first one";
    if (error) throw new Error(`The migration ${failed} failed: ${(error as Error).message}`, { cause: error });
    if (isNew || results.length === 0) return;
  }
}

/** What has been run in this database by the records of `table`, in order. */
async function executed(db: Kysely<never>, table: string): Promise<readonly string[]> {
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(table)} order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** What a newer release has run. @throws ConfigError when it was another service, or a release that went another way */
function unknown(run: readonly string[], known: readonly string[], place: string): readonly string[] {
  const newer = run.filter((name) => !known.includes(name));
  const last = known.at(-1) ?? "";
  const foreign = newer.find((name) => name < last);
  if (foreign !== undefined || (run.length > 0 && run[0] !== known[0]))
    throw new ConfigError(
      `The database ${place} was made by something else (its migration ${foreign ?? run[0]} is not known here): ` +
        "give each service one of its own, or run the release that made it.",
    );
  return newer;
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
 * Has PostgreSQL remove dead rows often from a table whose rows are worked off, such as an outbox. A search for work passes
 * over the dead rows too, and by default they are removed only when they are a fifth of the table.
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
