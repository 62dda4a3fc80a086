/** Migrations: plain files run in order, each in one transaction with its record. */
import { readdir } from "node:fs/promises";
import { type ColumnDefinitionBuilder, type Kysely, PostgresAdapter } from "kysely";
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

/** @throws Error naming the migration that failed; what it did is undone */
export async function migrate(db: Kysely<never>, migrations: Migrations): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: () => Promise.resolve({ ...migrations }) } });
  // One at a time: `migrateToLatest` would put all that are new into one transaction.
  const { error, results = [] } = await migrator.migrateUp();
  if (!error) return results.length > 0 ? migrate(db, migrations) : undefined;
  const failed = results.find(({ status }) => status === "Error")?.migrationName ?? "the first one";
  throw new Error(`The migration ${failed} failed: ${(error as Error).message}`, { cause: error });
}

/** A primary key that counts up, in either dialect: `addColumn("seq", "integer", sequence(db))`. */
export const sequence =
  (db: Kysely<never>) =>
  (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder =>
    db.getExecutor().adapter instanceof PostgresAdapter
      ? column.primaryKey().generatedAlwaysAsIdentity()
      : column.primaryKey().autoIncrement();
