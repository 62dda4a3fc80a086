/** All databases of a platform as one, to be read only: SQLite files are attached, PostgreSQL databases copied. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import pg from "pg";

export type Row = Readonly<Record<string, string | number | null>>;

/** Where the databases of a platform are. */
export interface DatabasePlaces {
  /** Its SQLite files, mails and keys. */
  readonly dataDir: string;
  /** PostgreSQL databases by service, of a platform that keeps them there. */
  readonly databases?: Readonly<Record<string, string>>;
  /** The sandbox provider's data folder, where it is a process of its own. */
  readonly provider?: string;
}

const PROVIDER = "sandbox-provider.db";

/** Numbers of 64 bits as numbers: none of ours is larger than a double holds exactly. */
const types = {
  getTypeParser: ((oid, format) =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

const asNumbers = (row: Readonly<Record<string, unknown>>): Row =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === "bigint" ? Number(value) : value]),
  ) as Row;

export class AllDatabases {
  readonly #db = new DatabaseSync(":memory:");
  readonly names: string[] = [];

  /** @param views SQL that is run once all databases are there */
  static async open({ dataDir, databases, provider }: DatabasePlaces, views: string): Promise<AllDatabases> {
    const all = new AllDatabases();
    if (databases) {
      await Promise.all(Object.entries(databases).map(([name, url]) => all.#copy(name, url)));
      all.#attach("provider", join(provider ?? dataDir, PROVIDER));
    } else {
      for (const file of readdirSync(dataDir).filter((one) => one.endsWith(".db")))
        all.#attach(file === PROVIDER ? "provider" : basename(file, ".db"), join(dataDir, file));
    }
    all.#db.exec(views);
    return all;
  }

  rows(sql: string, ...values: readonly string[]): Row[] {
    const statement = this.#db.prepare(sql);
    // SQLite's text index numbers its own rows beyond what a double holds, and reading these as numbers would throw.
    statement.setReadBigInts(true);
    return statement.all(...values).map(asNumbers);
  }

  tablesOf(name: string): readonly string[] {
    const tables = this.rows(
      `select name from "${name}".sqlite_schema where type = 'table' and name not like 'sqlite%'`,
    );
    return tables.map((table) => `"${name}"."${table["name"]}"`);
  }

  /** The databases that have this table. */
  with(table: string): readonly string[] {
    return this.names.filter((name) => this.tablesOf(name).includes(`"${name}"."${table}"`));
  }

  close(): void {
    this.#db.close();
  }

  #attach(name: string, path: string): void {
    this.#db.exec(`attach 'file:${path}?mode=ro' as "${name}"`);
    this.names.push(name);
  }

  /** As it stood at one moment. */
  async #copy(name: string, url: string): Promise<void> {
    this.#db.exec(`attach ':memory:' as "${name}"`);
    this.names.push(name);
    const client = new pg.Client({ connectionString: url, types });
    await client.connect();
    try {
      await this.#copyTables(name, client);
    } finally {
      await client.end();
    }
  }

  async #copyTables(name: string, client: pg.Client): Promise<void> {
    await client.query("begin isolation level repeatable read read only");
    const { rows: tables } = await client.query<{ table_name: string }>(
      "select table_name from information_schema.tables where table_schema = 'public' and table_name not like 'kysely%'",
    );
    for (const { table_name: table } of tables) {
      const { fields, rows } = await client.query({ text: `select * from "${table}"`, rowMode: "array" });
      this.#fill(
        `"${name}"."${table}"`,
        fields.map((field) => field.name),
        rows as (SQLInputValue | readonly number[])[][],
      );
    }
  }

  #fill(table: string, columns: readonly string[], rows: readonly (SQLInputValue | readonly number[])[][]): void {
    this.#db.exec(`create table ${table} (${columns.map((column) => `"${column}"`).join()}); begin`);
    const insert = this.#db.prepare(`insert into ${table} values (${columns.map(() => "?").join()})`);
    // SQLite has no lists. A letter stands between the numbers, since those of a search index are no card.
    for (const row of rows)
      insert.run(
        ...row.map((value) => (Array.isArray(value) ? value.map((one) => `n${one}`).join() : (value as SQLInputValue))),
      );
    this.#db.exec("commit");
    const id = columns.find((column) => column === "order_id" || column === "id" || column === "event_id");
    if (id) this.#db.exec(`create index ${table.replace('"."', '"."by_')} on ${table.split(".")[1]} ("${id}")`);
  }
}
