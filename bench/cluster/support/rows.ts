/** The rows that orders left in PostgreSQL, written again by bare `pg` on the same server. */
import pg from "pg";

/** Connections that write at the same time, as a node's pool would. */
const CONNECTIONS = 8;

type Insert = { readonly name: string; readonly text: string; readonly values: unknown[] };

/** For each order its inserts, into copies of the tables that have no rows yet. */
async function copies(client: pg.Client, service: string, orders: number, placed: number): Promise<Insert[][]> {
  await client.query("drop schema if exists bare cascade; create schema bare");
  const { rows: tables } = await client.query<{ name: string }>(
    "select table_name as name from information_schema.tables where table_schema = 'public' and table_name not like 'kysely%'",
  );
  const batches = Array.from({ length: orders }, (): Insert[] => []);
  for (const { name } of tables) {
    const { rows: counts } = await client.query<{ n: string }>(`select count(*) as n from public."${name}"`);
    const total = Number(counts[0]!.n);
    if (total < placed / 2) continue;
    await client.query(
      `create table bare."${name}" (like public."${name}" including defaults including constraints including indexes)`,
    );
    // As many rows for each of the orders as there are for each that was placed.
    const limit = Math.round((total / placed) * orders);
    const { rows, fields } = await client.query({
      text: `select * from public."${name}" limit ${limit}`,
      rowMode: "array",
    });
    const places = fields.map((_, index) => `$${index + 1}`).join();
    const text = `insert into bare."${name}" values (${places})`;
    rows.forEach((values: unknown[], index) =>
      batches[Math.floor((index * orders) / rows.length)]!.push({ name: `${service}-${name}`, text, values }),
    );
  }
  return batches;
}

/** @returns orders per second, a commit for each order in each database */
export async function writeBare(urls: ReadonlyMap<string, string>, orders: number): Promise<number> {
  const placed = await countOf(urls.get("order")!, "orders");
  const services = await Promise.all(
    [...urls].map(async ([service, url]) => {
      const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => connect(url)));
      return { clients, batches: await copies(clients[0]!, service, orders, placed) };
    }),
  );
  let next = 0;
  const lane = async (connection: number) => {
    for (let order = next++; order < orders; order = next++) {
      for (const { clients, batches } of services) await write(clients[connection]!, batches[order]!);
    }
  };
  const began = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, (_, connection) => lane(connection)));
  const seconds = (performance.now() - began) / 1000;
  await Promise.all(services.flatMap(({ clients }) => clients.map((client) => client.end())));
  return orders / seconds;
}

async function write(client: pg.Client, inserts: readonly Insert[]): Promise<void> {
  if (inserts.length === 0) return;
  await client.query("begin");
  for (const insert of inserts) await client.query(insert);
  await client.query("commit");
}

export async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  // Whoever asks hears what went wrong; a connection that ends with its server is no fault.
  client.on("error", () => {});
  await client.connect();
  return client;
}

export async function countOf(url: string, table: string): Promise<number> {
  const client = await connect(url);
  const { rows } = await client.query<{ n: string }>(`select count(*) as n from "${table}"`);
  await client.end();
  return Number(rows[0]!.n);
}
