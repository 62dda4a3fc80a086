/** What staff and other systems learn of stock: when it runs low, is sold out, and comes back. */
import Type from "typebox";
import { action, type Block, event } from "#core/contract.ts";
import { ById, Id, Page, paging, Strict } from "#core/schema.ts";
import { Quantity } from "./catalogue.contract.ts";

const Threshold = Type.Object(
  {
    lowAt: Type.Integer({ description: "The most sellable units of which `product.stock_dropped` tells; 0 for never" }),
    isDefault: Type.Boolean({ description: "true: the shop's setting, PRODUCT_STOCK_LOW" }),
  },
  { title: "StockThreshold" },
);

const named = {
  productId: Id,
  sku: Type.Optional(Type.String()),
  variantOf: Type.Optional({ ...Id, description: "The product of which it is a variant" }),
};
const sellable = Type.Integer({ description: "Units that can be ordered now" });

const actions = {
  getStockThreshold: action({
    summary: "From how many units on the stock of a product is low",
    rest: "GET /products/:id/stock/threshold",
    auth: "staff",
    input: ById,
    output: Threshold,
    errors: ["NOT_FOUND"],
  }),
  setStockThreshold: action({
    summary: "Set from how many units on the stock of a product is low",
    rest: "PUT /products/:id/stock/threshold",
    auth: "staff",
    input: Strict({
      id: Id,
      lowAt: Type.Union([Quantity, Type.Null()], { description: "null: the shop's setting" }),
    }),
    output: Threshold,
    errors: ["NOT_FOUND", "IN_VARIANTS"],
  }),
  listShortStock: action({
    summary: "Products that are low on stock or sold out",
    rest: "GET /products/short",
    auth: "staff",
    input: Strict(paging),
    output: Page(
      Type.Object({ ...named, name: Type.String(), isSoldOut: Type.Boolean(), sellable }, { title: "ShortStock" }),
    ),
  }),
};

export const alerts = { name: "alerts", actions: () => actions } satisfies Block;

export const alertEvents = {
  stock_dropped: event({
    version: 1,
    summary: "Few units of a product are left",
    data: Type.Object({ ...named, sellable, lowAt: Type.Integer({ description: "From so many units on it is low" }) }),
  }),
  stock_exhausted: event({
    version: 1,
    summary: "No unit of a product can be ordered any more",
    data: Type.Object(named),
  }),
  restocked: event({
    version: 1,
    summary: "A product that was sold out can be ordered again",
    data: Type.Object({ ...named, sellable }),
  }),
};
