/** All SQL of shipping fees. The rules of a currency are set together. */
import type { Money } from "#core/schema.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { ShippingRule } from "./shipping.contract.ts";
import type { Db, OrderTables, Tx } from "./order.repository.ts";

type Row = OrderTables["shipping_rules"];
type Currency = Money["currency"];
const sql = statements<OrderTables>();

/** In place of a country: all that have no rule of their own. */
const OTHERS = "";

const listForCountry = sql((q, p: { country: string }) =>
  q.selectFrom("shipping_rules").selectAll().where("country", "in", [p.country, OTHERS]),
);
const listAll = sql((q) => q.selectFrom("shipping_rules").selectAll().orderBy("currency").orderBy("country"));
const removeOfCurrency = sql((q, p: { currency: Currency }) =>
  q.deleteFrom("shipping_rules").where("currency", "=", p.currency),
);
const insertRule = sql((q, p: Row) =>
  q.insertInto("shipping_rules").values(columns(p, "currency", "country", "name", "steps")),
);

const toRule = ({ country, name, steps }: Row): ShippingRule => ({
  name,
  ...(country !== OTHERS && { country }),
  steps: JSON.parse(steps) as ShippingRule["steps"],
});

/** The rules by which a parcel to this country may be charged, by currency. */
export async function rulesFor(db: Db, country = OTHERS): Promise<(currency: Currency) => ShippingRule[]> {
  const rows = await db.all(listForCountry, { country });
  return (currency) => rows.filter((row) => row.currency === currency).map(toRule);
}

export async function list(db: Db): Promise<{ currency: Currency; rules: ShippingRule[] }[]> {
  const byCurrency = Map.groupBy(await db.all(listAll, {}), ({ currency }) => currency);
  return [...byCurrency].map(([currency, rows]) => ({ currency, rules: rows.map(toRule) }));
}

export function set(tx: Tx, currency: Currency, rules: readonly ShippingRule[]): void {
  tx.lock(`shipping_rules:${currency}`);
  tx.add(removeOfCurrency.with({ currency }));
  for (const { country = OTHERS, name, steps } of rules)
    tx.add(insertRule.with({ currency, country, name, steps: JSON.stringify(steps) }));
}
