/** The rows that orders left behind, written again by bare node:sqlite: what the same data costs without a platform. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { countOf } from "./multiply.ts";

interface Copy {
  readonly database: DatabaseSync;
  /** For each order its statements with their values. */
  readonly orders: readonly (readonly [StatementSync, SQLInputValue[]])[][];
}

/** The rows of every table that grew with the orders, dealt out evenly over `orders`. */
function copy(source: string, target: string, orders: number, placed: number): Copy {
  const from = new DatabaseSync(source, { readOnly: true });
  const database = new DatabaseSync(target);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF");
  // Without triggers, whose rows are among those that are written, and without indexes of full texts, which no order changes.
  const tables = from
    .prepare("select name from pragma_table_list where schema = 'main' and type = 'table' and name not like 'sqlite_%'")
    .all() as { name: string }[];
  const schema = from.prepare(
    "select sql from sqlite_master where sql is not null and type in ('table', 'index') and tbl_name = ? order by type desc",
  );
  for (const { name } of tables) for (const { sql } of schema.all(name)) database.exec(sql as string);
  const batches = Array.from({ length: orders }, () => [] as [StatementSync, SQLInputValue[]][]);
  for (const { name } of tables) {
    const total = from.prepare(`select count(*) as n from "${name}"`).get()!["n"] as number;
    if (total < orders / 2) continue;
    const columns = from.prepare("select name from pragma_table_xinfo(?) where hidden = 0").all(name);
    const written = columns.map((column) => `"${String(column["name"])}"`).join();
    // As many rows for each of the `orders` as there are for each order that was placed.
    const rows = from
      .prepare(`select ${written} from "${name}" order by rowid limit ?`)
      .all(Math.round((total / placed) * orders));
    const insert = database.prepare(`insert into "${name}" (${written}) values (${columns.map(() => "?").join()})`);
    rows.forEach((row, index) =>
      batches[Math.floor((index * orders) / rows.length)]!.push([insert, Object.values(row)]),
    );
  }
  from.close();
  return { database, orders: batches };
}

/**
 * @param group orders in one commit of each database
 * @returns orders per second
 */
export function writeBare(dataDir: string, orders: number, group: number): number {
  const folder = mkdtempSync(join(tmpdir(), "madang-bare-"));
  const placed = countOf(join(dataDir, "order.db"), "orders");
  const copies = readdirSync(dataDir)
    .filter((file) => file.endsWith(".db"))
    .map((file) => copy(join(dataDir, file), join(folder, file), orders, placed));
  const began = performance.now();
  for (let first = 0; first < orders; first += group) {
    for (const { database, orders: batches } of copies) {
      database.exec("BEGIN IMMEDIATE");
      for (const batch of batches.slice(first, first + group))
        for (const [insert, values] of batch) insert.run(...values);
      database.exec("COMMIT");
    }
  }
  const seconds = (performance.now() - began) / 1000;
  for (const { database } of copies) database.close();
  rmSync(folder, { recursive: true });
  return orders / seconds;
}
