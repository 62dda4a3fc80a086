/** Multiplies the orders in a data folder, so that a shop with years of orders can be measured without waiting years. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";

const UUID_END = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)([0-9a-f]{4})([0-9a-f]{8})/g;

/** The same text with other ids: each copy counts four digits of every UUID on by a number of its own. */
const renamed = (value: SQLInputValue, copy: number): SQLInputValue =>
  typeof value === "string"
    ? value.replace(UUID_END, (_, head: string, digits: string, tail: string) => {
        const counted = (Number.parseInt(digits, 16) + copy) % 0x10000;
        return `${head}${counted.toString(16).padStart(4, "0")}${tail}`;
      })
    : value;

interface Column {
  readonly name: string;
  readonly type: string;
  readonly pk: number;
}

/** Copies every row of one table, giving new ids to the columns that tell the orders apart. */
function multiplyTable(database: DatabaseSync, table: string, times: number): void {
  const rows = database.prepare(`select * from "${table}"`).all();
  const columns = database.prepare(`pragma table_info("${table}")`).all() as unknown as Column[];
  const counted = ({ type, pk }: Column) => pk === 1 && type.toLowerCase() === "integer";
  const telling = columns.map(({ name }) => new Set(rows.map((row) => row[name])).size > rows.length / 8);
  const insert = database.prepare(`insert into "${table}" values (${columns.map(() => "?").join()})`);
  for (let copy = 1; copy < times; copy += 1) {
    database.exec("BEGIN");
    for (const row of rows) {
      const values = columns.map((column, index) => {
        const value = row[column.name] as SQLInputValue;
        return counted(column) ? null : telling[index] ? renamed(value, copy) : value;
      });
      insert.run(...values);
    }
    database.exec("COMMIT");
  }
}

/** @param times how many times as many orders there are afterwards */
export function multiplyOrders(dataDir: string, times: number): void {
  const orders = countOf(join(dataDir, "order.db"), "orders");
  for (const file of readdirSync(dataDir).filter((name) => name.endsWith(".db"))) {
    const database = new DatabaseSync(join(dataDir, file));
    database.exec("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF");
    const tables = database.prepare("select name from sqlite_master where type = 'table'").all();
    for (const { name } of tables) {
      const table = name as string;
      const { n } = database.prepare(`select count(*) as n from "${table}"`).get()!;
      process.stderr.write(`… multiplying ${file} ${table}${" ".repeat(20)}\r`);
      if (!table.startsWith("sqlite_") && (n as number) >= orders / 2) multiplyTable(database, table, times);
    }
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    database.close();
  }
}

export function countOf(path: string, table: string): number {
  const database = new DatabaseSync(path, { readOnly: true });
  const { n } = database.prepare(`select count(*) as n from "${table}"`).get()!;
  database.close();
  return n as number;
}
