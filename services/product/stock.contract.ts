/** Stock: levels and the ledger for people, reservations for the services that sell. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Money, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";
import { Description, OptionValue, Quantity, TaxRate } from "./catalogue.contract.ts";

const Stock = Type.Object(
  {
    onHand: Type.Integer({ description: "Units in the warehouse" }),
    held: Type.Integer({ description: "Of these, units reserved for orders" }),
    sellable: Type.Integer({ description: "Units that can be ordered now" }),
  },
  { title: "Stock" },
);

const Adjustment = Strict({
  id: Id,
  quantity: Type.Integer({ minimum: -1_000_000, maximum: 1_000_000, not: { const: 0 } }),
  reason: Text(200),
});

const Movement = Type.Object(
  {
    kind: Type.Enum(["initial", "adjustment", "reserve", "release", "expire", "commit", "return"]),
    onHand: Type.Integer({ description: "Change of the units in the warehouse" }),
    held: Type.Integer({ description: "Change of the reserved units" }),
    orderId: Type.Union([Id, Type.Null()]),
    reason: Type.Union([Type.String(), Type.Null()]),
    at: Timestamp,
  },
  { title: "StockMovement" },
);

const Lines = Type.Array(Strict({ productId: Id, quantity: Type.Integer({ minimum: 1, maximum: 1000 }) }), {
  minItems: 1,
  maxItems: 1000,
});
const ByOrder = Strict({ orderId: Id });

const SeedProduct = Strict({
  key: Text(100),
  name: Text(200),
  description: Description,
  category: Text(100),
  price: Money,
  /** Of one in variants: of each of them. */
  stock: Quantity,
  options: Type.Optional(
    Type.Array(
      Strict({ name: Text(50), values: Type.Array(Strict({ value: Text(100) }), { minItems: 1, maxItems: 10 }) }),
      { minItems: 1, maxItems: 2, description: "It is sold in variants: every combination of the values" },
    ),
  ),
  isDrawn: Type.Optional(Type.Boolean({ description: "A job draws a picture of it soon" })),
});

export const stockActions = {
  getStock: action({
    summary: "What is in stock",
    rest: "GET /products/:id/stock",
    auth: "public",
    input: ById,
    output: Stock,
    errors: ["NOT_FOUND"],
  }),
  adjustStock: action({
    summary: "Book stock in or out",
    rest: "POST /products/:id/stock/adjustments",
    auth: "staff",
    idempotent: true,
    input: Adjustment,
    output: Stock,
    errors: ["NOT_FOUND", "OUT_OF_STOCK", "IN_VARIANTS"],
  }),
  listMovements: action({
    summary: "The stock ledger, latest first",
    rest: "GET /products/:id/stock/movements",
    auth: "staff",
    input: Strict({ id: Id, ...paging }),
    output: Page(Movement),
    errors: ["NOT_FOUND"],
  }),
};

/** Actions for other services only. */
export const serviceActions = {
  lookup: action({
    summary: "Prices of products now, without products that are not on sale",
    auth: "service",
    idempotent: true,
    input: Strict({
      ids: Type.Array(Id, { minItems: 1, maxItems: 100 }),
      categories: Type.Optional(Type.Boolean({ description: "true: answer `categoryIds` too" })),
    }),
    output: Type.Object({
      items: Type.Array(
        Type.Object({
          id: Id,
          name: Type.String(),
          price: Money,
          taxRate: TaxRate,
          /** Absent in answers of the release before. */
          sellable: Type.Optional(Type.Integer()),
          sku: Type.Optional(Type.String()),
          optionValues: Type.Optional(Type.Array(OptionValue)),
          /** Its category and those above it. */
          categoryIds: Type.Optional(Type.Array(Id)),
        }),
      ),
      inVariants: Type.Optional(
        Type.Array(Id, { description: "Those on sale in variants alone, of which one has to be chosen" }),
      ),
    }),
  }),
  reserve: action({
    summary: "Reserve stock for an order, all lines or none. A repeated call extends the reservation",
    auth: "service",
    idempotent: true,
    input: Strict({ orderId: Id, items: Lines }),
    output: Type.Object({ expiresAt: Type.Integer({ description: "Milliseconds since the epoch" }) }),
    errors: ["OUT_OF_STOCK", "NOT_FOUND", "RESERVATION_RELEASED", "RESERVATION_MISMATCH"],
  }),
  commit: action({
    summary: "Take an order's reserved units out of stock after the payment",
    auth: "service",
    idempotent: true,
    input: ByOrder,
    output: Type.Object({ committed: Type.Literal(true) }),
    errors: ["OUT_OF_STOCK", "NOT_FOUND", "RESERVATION_RELEASED"],
  }),
  release: action({
    summary: "Release an order's stock, and refuse to reserve for it later",
    auth: "service",
    idempotent: true,
    input: ByOrder,
    output: Type.Object({ released: Type.Literal(true) }),
  }),
  releaseItems: action({
    summary: "Take some units of an order that was committed back into stock, or book them out as scrap",
    auth: "service",
    idempotent: true,
    input: Strict({
      orderId: Id,
      /** Of the request: a repeated one changes nothing more. */
      releaseId: Id,
      items: Type.Array(
        Strict({
          productId: Id,
          quantity: Type.Integer({ minimum: 1, maximum: 1000 }),
          isScrap: Type.Optional(Type.Boolean()),
        }),
        { minItems: 1, maxItems: 2000 },
      ),
      reason: Text(200),
    }),
    output: Type.Object({ released: Type.Literal(true) }),
  }),
  seed: action({
    summary: "Add the products that do not exist yet",
    auth: "service",
    idempotent: true,
    timeout: 30_000,
    input: Strict({ products: Type.Array(SeedProduct, { maxItems: 500 }) }),
    output: Type.Object({ added: Type.Integer() }),
  }),
};
