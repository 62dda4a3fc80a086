/**
 * What the database itself keeps of the stock ledger, whatever a program does.
 * @databases sqlite postgres
 */
import { sql } from "kysely";
import { timestamp } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import { migrationsIn } from "#mixins/database/migrate.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import { add } from "./catalogue.repository.ts";
import type { ProductTables } from "./product.tables.ts";
import { adjust, find, list } from "./stock.repository.ts";

const folder = new URL("./migrations/", import.meta.url);
const price = { amount: 1000, currency: "KRW" } as const;
const entry = (id: string) => ({
  product_id: id,
  kind: "adjustment" as const,
  on_hand_change: 2,
  held_change: 0,
  order_id: null,
  reason: null,
  at: timestamp(),
});

let db: Database<ProductTables>;
let id: string;
const make = async (): Promise<string> =>
  (await db.write((tx) => add(tx, [{ name: "Tea", description: "", categoryId: null, price, stock: 5 }])))[0]!;

beforeAll(async () => {
  db = await openStorage<ProductTables>();
  await db.migrate(await migrationsIn(folder));
  id = await make();
});
afterAll(() => db.close());
afterEach(async () => {
  expect(await find(db, id)).toMatchObject({ onHand: 5, held: 0 });
  expect((await list(db, id, 10)).items).toHaveLength(1);
});

it("refuses a level that changes without an entry", async () => {
  const change = db.write((tx) =>
    tx.query.updateTable("stock_levels").set({ on_hand: 6 }).where("product_id", "=", id).execute(),
  );
  await expect(change).rejects.toThrow();
});

it("refuses an entry without a change of the level", async () => {
  await expect(db.write((tx) => tx.query.insertInto("movements").values(entry(id)).execute())).rejects.toThrow();
});

it("refuses another change than the entry says", async () => {
  const change = db.write(async (tx) => {
    await tx.query.insertInto("movements").values(entry(id)).execute();
    await tx.query.updateTable("stock_levels").set({ on_hand: 8 }).where("product_id", "=", id).execute();
  });
  await expect(change).rejects.toThrow();
});

it("keeps entries as they are", async () => {
  const changed = db.write((tx) => tx.query.updateTable("movements").set({ on_hand_change: 9 }).execute());
  await expect(changed).rejects.toThrow("append-only");
  await expect(db.write((tx) => tx.query.deleteFrom("movements").execute())).rejects.toThrow("append-only");
});

it("takes both in either order, as nodes of the release before write them", async () => {
  const other = await make();
  await db.write(async (tx) => {
    await tx.query.updateTable("stock_levels").set({ on_hand: 7 }).where("product_id", "=", other).execute();
    await tx.query.insertInto("movements").values(entry(other)).execute();
  });
  await db.write((tx) => adjust(tx, { id: other, quantity: -7, reason: "count", at: timestamp() }));
  expect(await find(db, other)).toMatchObject({ onHand: 0 });
});

it("books what an earlier release left different", async () => {
  const earlier = await openStorage<ProductTables>();
  const migrations = await migrationsIn(folder);
  const before = Object.fromEntries(Object.entries(migrations).filter(([name]) => name < "0011"));
  await earlier.migrate(before);
  const sold = "01a1fce1-e04c-7423-b251-56879fb500d6";
  await earlier.write(async (tx) => {
    await sql`insert into products (id, name, description, search_text, currency, tax_rate, created_at, version)
      values (${sold}, 'Tea', '', '', 'KRW', 0, ${timestamp()}, 1)`.execute(tx.query);
    await sql`insert into stock_levels (product_id, on_hand, held) values (${sold}, 3, 1)`.execute(tx.query);
  });
  await earlier.migrate(migrations);
  expect((await list(earlier, sold, 10)).items).toMatchObject([{ kind: "adjustment", onHand: 3, held: 1 }]);
  await earlier.close();
});
