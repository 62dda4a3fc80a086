/** Options, such as colour and size, and the variants that they make: each is sold as a product of its own. */
import Type from "typebox";
import { action, type Block } from "#core/contract.ts";
import { Id, Money, Page, paging, Strict, Text } from "#core/schema.ts";
import { Metadata, Product, Quantity, Sku, Version } from "./catalogue.contract.ts";

const Values = Type.Array(Strict({ id: Type.Optional(Id), value: Text(100) }), { minItems: 1, maxItems: 50 });
const Options = Type.Array(Strict({ id: Type.Optional(Id), name: Text(50), values: Values }), {
  maxItems: 3,
  description: "In their order; one with an `id` keeps it under another name, and no options end the sale in variants",
});

const actions = {
  setOptions: action({
    summary: "Set the options of a product, which is sold in variants from then on",
    rest: "PUT /products/:id/options",
    translated: true,
    auth: "staff",
    concurrency: "write",
    input: Strict({ id: Id, version: Type.Optional(Version), options: Options }),
    output: Product,
    errors: ["NOT_FOUND", "STALE_VERSION", "IS_VARIANT", "OPTION_UNKNOWN", "OPTION_IN_USE", "STOCK_LEFT"],
  }),
  listVariants: action({
    summary: "The variants of a product with their prices and stock, oldest first",
    rest: "GET /products/:id/variants",
    translated: true,
    auth: "public",
    input: Strict({ id: Id, ...paging }),
    output: Page(Product),
    errors: ["NOT_FOUND"],
  }),
  createVariant: action({
    summary: "Add a variant of a product",
    rest: "POST /products/:id/variants",
    translated: true,
    status: 201,
    shownBy: "get",
    auth: "staff",
    input: Strict({
      id: Id,
      values: Type.Array(Text(100), {
        minItems: 1,
        maxItems: 3,
        description: "One value of each option, in their order",
      }),
      sku: Sku,
      /** By default the lowest of the product. */
      price: Type.Optional(Money),
      stock: Type.Optional(Quantity),
      metadata: Type.Optional(Metadata),
    }),
    output: Product,
    errors: [
      "NOT_FOUND",
      "NO_OPTIONS",
      "OPTION_VALUE_UNKNOWN",
      "VARIANT_EXISTS",
      "VARIANTS_FULL",
      "SKU_TAKEN",
      "PRICE_CURRENCY",
    ],
  }),
  createVariants: action({
    summary: "Add a variant for each combination of options that has none",
    rest: "POST /products/:id/variants/combinations",
    status: 201,
    auth: "staff",
    input: Strict({
      id: Id,
      skuPrefix: { ...Sku, maxLength: 50, description: "Its variants are numbered behind it" },
      /** By default the lowest of the product. */
      price: Type.Optional(Money),
      stock: Type.Optional(Quantity),
    }),
    output: Type.Object({ added: Type.Integer() }, { title: "AddedVariants" }),
    errors: ["NOT_FOUND", "NO_OPTIONS", "VARIANTS_FULL", "SKU_TAKEN", "PRICE_CURRENCY"],
  }),
};

export const variants = { name: "variants", actions: () => actions } satisfies Block;
