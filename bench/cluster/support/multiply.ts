/** Multiplies the orders in PostgreSQL, so that a shop with years of orders can be measured without waiting years. */
import type pg from "pg";
import { connect } from "./rows.ts";

interface Column {
  readonly name: string;
  readonly isText: boolean;
  readonly isIdentity: boolean;
}

/** Letters of a column that names things by their ids; more are a document. */
const LONGEST = 120;

/** The same text with other ids: each copy has UUIDs of version 8, which no service makes, with its own three digits. */
const renamed = (column: string): string =>
  `regexp_replace("${column}", '([0-9a-f]{8}-[0-9a-f]{4}-)[0-9a-f]{4}(-[0-9a-f]{4}-[0-9a-f]{12})', ` +
  `'\\18' || lpad(to_hex(copy), 3, '0') || '\\2', 'g')`;

async function columnsOf(client: pg.Client, table: string): Promise<Column[]> {
  const { rows } = await client.query<Column>(
    `select column_name as name, data_type = 'text' as "isText", is_identity = 'YES' as "isIdentity"
     from information_schema.columns where table_schema = 'public' and table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows.filter(({ isIdentity }) => !isIdentity);
}

/** True for a column whose values tell one order from another. Documents may go on naming the order they were copied from. */
async function isTelling(client: pg.Client, table: string, column: string, rows: number): Promise<boolean> {
  const { rows: found } = await client.query<{ n: string; longest: number }>(
    `select count(distinct "${column}") as n, max(length("${column}")) as longest from "${table}"`,
  );
  const { n, longest } = found[0]!;
  return Number(n) > rows / 8 && longest <= LONGEST;
}

async function multiplyTable(client: pg.Client, table: string, rows: number, times: number): Promise<void> {
  const columns = await columnsOf(client, table);
  const values: string[] = [];
  for (const { name, isText } of columns)
    values.push(isText && (await isTelling(client, table, name, rows)) ? renamed(name) : `"${name}"`);
  const names = columns.map(({ name }) => `"${name}"`).join();
  await client.query(
    `insert into "${table}" (${names}) select ${values.join()} from "${table}", generate_series(1, ${times - 1}) as copy`,
  );
}

/**
 * Every table that grew with the orders grows by as much again; all must be at rest.
 * @param urls of the databases, as an account that may switch foreign keys off
 * @param orders placed so far
 */
export async function multiplyOrders(urls: Iterable<string>, orders: number, times: number): Promise<void> {
  for (const url of urls) {
    const client = await connect(url);
    await client.query("set session_replication_role = replica; set synchronous_commit = off");
    const { rows: tables } = await client.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public' and table_name not like 'kysely%'",
    );
    for (const { name } of tables) {
      const { rows } = await client.query<{ n: string }>(`select count(*) as n from "${name}"`);
      const count = Number(rows[0]!.n);
      if (count < orders / 2) continue;
      process.stderr.write(`… ${name}: ${(count * times).toLocaleString("en")} rows${" ".repeat(20)}\r`);
      await multiplyTable(client, name, count, times);
    }
    await client.query("vacuum analyze");
    await client.end();
  }
}

/** Resolves when every order has ended, and every event has been handled. */
export async function rest(urls: ReadonlyMap<string, string>): Promise<void> {
  const unfinished = [
    ["order", "select count(*) as n from sagas where next_at is not null"],
    ["order", "select count(*) as n from outbox where waiting is not null"],
    ["payment", "select count(*) as n from outbox where waiting is not null"],
    ["notification", "select count(*) as n from deliveries where next_at is not null"],
  ] as const;
  for (const [service, sql] of unfinished) {
    const client = await connect(urls.get(service)!);
    while (Number((await client.query<{ n: string }>(sql)).rows[0]!.n) > 0)
      await new Promise((resolve) => setTimeout(resolve, 200));
    await client.end();
  }
}
