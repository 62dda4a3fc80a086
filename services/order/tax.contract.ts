/** The taxes of countries, which staff set. Without any, a price includes the tax of its product, wherever it goes. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Country, Strict } from "#core/schema.ts";

const Rate = Type.Integer({ minimum: 0, maximum: 10_000, description: "Basis points" });

export const TaxRate = Strict(
  {
    rate: Rate,
    included: Type.Boolean({ description: "true: prices include it; false: it is added to them" }),
    homeRate: Type.Optional({
      ...Rate,
      description:
        "Only for products whose own rate is this, such as what is taxed less at home; without it, for all others",
    }),
  },
  { title: "TaxRate" },
);
export type TaxRate = Static<typeof TaxRate>;

const CountryTaxes = Type.Object({ country: Country, rates: Type.Array(TaxRate) }, { title: "CountryTaxes" });

export const taxActions = {
  listTaxRates: action({
    summary: "The taxes of all countries that have their own",
    rest: "GET /tax-rates",
    auth: "staff",
    input: Strict({}),
    output: Type.Object({ items: Type.Array(CountryTaxes) }),
  }),
  setTaxRates: action({
    summary: "Set all taxes of a country, for orders from now on; an empty list removes them",
    rest: "PUT /tax-rates/:country",
    auth: "staff",
    input: Strict({ country: Country, rates: Type.Array(TaxRate, { maxItems: 10 }) }),
    output: CountryTaxes,
    errors: ["RATES_AMBIGUOUS"],
  }),
};
