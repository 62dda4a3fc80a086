/** The SQL of order numbers. A year has one row, which nodes ask for a block of numbers at a time. */
import type { Database } from "#mixins/database/database.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { statements } from "#mixins/database/statement.ts";
import { sql as raw } from "kysely";
import type { OrderTables, Tx } from "./order.repository.ts";

const sql = statements<OrderTables>();

const take = sql((q, p: { year: number; count: number; first: number }) =>
  q
    .insertInto("order_numbers")
    .values({ year: p.year, next: p.first })
    .onConflict((one) =>
      one
        .column("year")
        .doUpdateSet((e) => ({ next: e("order_numbers.next", "+", e.cast<number>(e.val(p.count), "bigint")) })),
    )
    .returning("next"),
);
const putBack = sql((q, p: { year: number; from: number; end: number }) =>
  q.updateTable("order_numbers").set({ next: p.from }).where("year", "=", p.year).where("next", "=", p.end),
);
const listUnnumbered = sql((q, p: { limit: number }) =>
  q.selectFrom("orders").select(["id", "created_at"]).where("number", "is", null).orderBy("id").limit(p.limit),
);
const setNumbers = sql((q, p: { numbers: string }) =>
  q
    .updateTable("orders")
    .from(rowsIn(p.numbers))
    .set({ number: raw<string>`given.value ->> 0` })
    .whereRef("orders.id", "=", raw<string>`given.key` as never)
    .where("orders.number", "is", null),
);

/** Takes `count` numbers of a year, and answers the first of them. Others who take some wait for the end of `tx`. */
export async function claim(tx: Tx, year: number, count: number): Promise<number> {
  const { next } = (await tx.one(take, { year, count, first: count + 1 }))!;
  return next - count;
}

/** Gives the numbers from `from` to before `end` back, unless others were taken since. */
export const release = (db: Database<OrderTables>, year: number, from: number, end: number): Promise<number> =>
  db.run(putBack, { year, from, end });

/**
 * Numbers the oldest orders that have none, those of each year in their order.
 * @param write makes a number of its year and its place in the year
 * @returns the number of orders that it found
 */
export async function numberOldest(
  tx: Tx,
  limit: number,
  write: (year: number, serial: number) => string,
): Promise<number> {
  const rows = await tx.all(listUnnumbered, { limit });
  const years = Map.groupBy(rows, ({ created_at }) => Number(created_at.slice(0, 4)));
  for (const [year, some] of years) {
    const first = await claim(tx, year, some.length);
    const numbers = rowsText(some.map(({ id }, index) => [id, [write(year, first + index)]]));
    await tx.run(setNumbers, { numbers });
  }
  return rows.length;
}
