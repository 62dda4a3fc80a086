/** What shipping costs, by currency, country and subtotal, as staff set it. Without a rule, it costs nothing. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Country, MAX_AMOUNT, Money, Strict, Text } from "#core/schema.ts";

const Amount = Type.Integer({ minimum: 0, maximum: MAX_AMOUNT });
const Step = Strict(
  {
    from: { ...Amount, description: "The subtotal, in minor units, from which on the fee is this" },
    fee: { ...Amount, description: "Minor units" },
  },
  { title: "ShippingStep" },
);

export const ShippingRule = Strict(
  {
    name: Text(100),
    country: Type.Optional({ ...Country, description: "Without it, for every country that has no rule of its own" }),
    steps: Type.Array(Step, {
      minItems: 1,
      maxItems: 10,
      description: "One step is a flat fee; a last one without a fee is free shipping from there on",
      examples: [
        [
          { from: 0, fee: 3000 },
          { from: 50_000, fee: 0 },
        ],
      ],
    }),
  },
  { title: "ShippingRule" },
);
export type ShippingRule = Static<typeof ShippingRule>;

const { currency: Currency } = Money.properties;
const ShippingRules = Type.Object({ currency: Currency, rules: Type.Array(ShippingRule) }, { title: "ShippingRules" });

export const shippingActions = {
  listShippingRules: action({
    summary: "What shipping costs in each currency",
    rest: "GET /shipping-rules",
    auth: "staff",
    input: Strict({}),
    output: Type.Object({ items: Type.Array(ShippingRules) }),
  }),
  setShippingRules: action({
    summary: "Set what shipping costs in a currency, for orders from now on; an empty list makes it free",
    rest: "PUT /shipping-rules/:currency",
    auth: "staff",
    input: Strict({ currency: Currency, rules: Type.Array(ShippingRule, { maxItems: 50 }) }),
    output: ShippingRules,
    errors: ["RULES_AMBIGUOUS"],
  }),
};
