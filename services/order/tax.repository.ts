/** All SQL of taxes. A country's rates are set together, so an order is never taxed by half of them. */
import { columns, statements } from "#mixins/database/statement.ts";
import type { CountryRate } from "./tax.model.ts";
import type { TaxRate } from "./tax.contract.ts";
import type { Db, OrderTables, Tx } from "./order.repository.ts";

type Row = OrderTables["tax_rates"];
const sql = statements<OrderTables>();

const listOfCountry = sql((q, p: { country: string }) =>
  q.selectFrom("tax_rates").selectAll().where("country", "=", p.country).orderBy("home_rate"),
);
const listAll = sql((q) => q.selectFrom("tax_rates").selectAll().orderBy("country").orderBy("home_rate"));
const removeOfCountry = sql((q, p: { country: string }) => q.deleteFrom("tax_rates").where("country", "=", p.country));
const insertRate = sql((q, p: Row) =>
  q.insertInto("tax_rates").values(columns(p, "country", "home_rate", "rate", "included")),
);

/** In place of a product's rate: all others. */
const OTHERS = -1;

const toRate = ({ rate, included, home_rate }: Row): TaxRate => ({
  rate,
  included: included === 1,
  ...(home_rate !== OTHERS && { homeRate: home_rate }),
});

/** The rates of a country; none where it is not known. */
export const ratesOf = async (db: Db, country: string | undefined): Promise<CountryRate[]> =>
  country === undefined ? [] : (await db.all(listOfCountry, { country })).map(toRate);

export async function list(db: Db): Promise<{ country: string; rates: TaxRate[] }[]> {
  const byCountry = Map.groupBy(await db.all(listAll, {}), ({ country }) => country);
  return [...byCountry].map(([country, rows]) => ({ country, rates: rows.map(toRate) }));
}

export function set(tx: Tx, country: string, rates: readonly TaxRate[]): void {
  tx.lock(`tax_rates:${country}`);
  tx.add(removeOfCountry.with({ country }));
  for (const { rate, included, homeRate = OTHERS } of rates)
    tx.add(insertRate.with({ country, home_rate: homeRate, rate, included: included ? 1 : 0 }));
}
