/** Orders as they are looked up: by their customers, by staff, and by other services. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { ById, Code, Email, Id, LiveItems, Money, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import { Order, OrderNumber, Status, TimelineEntry } from "./answer.contract.ts";
import { ShippingAddress } from "./basket.contract.ts";

const filters = {
  status: Type.Optional(Status),
  number: Type.Optional(
    Type.String({
      ...Code("^[A-Za-z]{1,8}-[0-9]{4}-[0-9]{1,12}$", 30),
      description: "As people say it: `m-2026-4217` finds M-2026-004217",
      examples: ["M-2026-004217"],
    }),
  ),
  from: Type.Optional(Timestamp),
  to: Type.Optional(Type.String({ ...Timestamp, description: "Orders that were placed before this time" })),
};

const Facts = Type.Object({
  id: Id,
  number: OrderNumber,
  createdAt: Timestamp,
  shipping: Type.Optional(Money),
  total: Money,
  tax: Money,
  shippingAddress: ShippingAddress,
  /** Where messages about an order without an account go. */
  guest: Type.Optional(
    Type.Object({
      userId: Id,
      email: Email,
      language: Type.Enum(["en", "ko"]),
      link: Type.Union([Type.String(), Type.Null()]),
      token: Type.String(),
    }),
  ),
});

export const historyActions = {
  list: action({
    summary: "My orders, newest first",
    rest: "GET /orders",
    export: "orders",
    auth: "customer",
    input: Strict({ ...paging, ...filters, product: Type.Optional(Id) }),
    output: Page(Order),
  }),
  listAll: action({
    summary: "Everybody's orders, newest first",
    rest: "GET /orders/all",
    auth: "staff",
    input: Strict({ ...paging, ...filters, customer: Type.Optional(Id) }),
    output: Page(Order),
  }),
  get: action({
    summary: "An order",
    rest: "GET /orders/:id",
    auth: "customer",
    seenByStaff: true,
    concurrency: "read",
    input: ById,
    output: Order,
    errors: ["NOT_FOUND"],
  }),
  lookup: action({
    summary: "Information about orders for messages, without their lines. Unknown orders are left out",
    auth: "service",
    idempotent: true,
    input: Strict({ ids: Type.Array(Id, { minItems: 1, maxItems: 100 }) }),
    output: Type.Object({ items: Type.Array(Facts) }),
  }),
  getTimeline: action({
    summary: "What happened to an order",
    rest: "GET /orders/:id/timeline",
    auth: "customer",
    seenByStaff: true,
    input: ById,
    output: Type.Object({ items: Type.Array(TimelineEntry) }),
    errors: ["NOT_FOUND"],
  }),
  watch: action({
    summary: "Follow an order as it happens",
    rest: "GET /orders/:id/events",
    auth: "customer",
    seenByStaff: true,
    live: true,
    input: Strict({ id: Id, after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) }),
    output: LiveItems,
    errors: ["NOT_FOUND"],
  }),
};
