/** The contract of the order service: quotes, orders, their timeline, and staff's decisions. */
import Type, { type Static } from "typebox";
import { action, defineContract, event } from "#core/contract.ts";
import { ById, Id, LiveItems, Money, Page, paging, Paragraphs, Strict, Timestamp } from "#core/schema.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { saga } from "#mixins/saga/saga.contract.ts";
import { NewOrder, RequestedItems, ShippingAddress } from "./basket.contract.ts";
import { errors } from "./error.contract.ts";

export const Status = Type.Enum(
  ["pending", "confirmed", "partially_shipped", "shipped", "delivered", "returned", "cancelled", "needs_attention"],
  { title: "OrderStatus" },
);
export type Status = Static<typeof Status>;

export const OrderItem = Type.Object(
  {
    productId: Id,
    name: Type.String(),
    quantity: Type.Integer(),
    unitPrice: Money,
    lineTotal: Money,
    tax: Money,
  },
  { title: "OrderItem" },
);
export type OrderItem = Static<typeof OrderItem>;

export const Order = Type.Object(
  {
    id: Id,
    status: Status,
    items: Type.Array(OrderItem),
    total: Money,
    paymentId: Type.Union([Id, Type.Null()]),
    /** The reason for a cancellation, or for `needs_attention`. */
    reason: Type.Union([Type.String(), Type.Null()]),
    shippingAddress: ShippingAddress,
    createdAt: Timestamp,
    version: Type.Integer(),
  },
  { title: "Order" },
);
export type Order = Static<typeof Order>;

const Quote = Type.Object(
  { id: Id, items: Type.Array(OrderItem), total: Money, expiresAt: Timestamp },
  { title: "Quote" },
);

const TimelineEntry = Type.Object(
  {
    at: Timestamp,
    step: Type.String(),
    state: Type.String(),
    detail: Type.Optional(Type.String()),
  },
  { title: "TimelineEntry" },
);
export type TimelineEntry = Static<typeof TimelineEntry>;

const about = { orderId: Id, userId: Id };
const Placed = Type.Object({ ...about, total: Money, items: Type.Array(OrderItem) });
const ended = { ...about, total: Money, reason: Type.Object({ code: Type.String(), message: Type.String() }) };
const Ended = Type.Object(ended);
const Cancelled = Type.Object({
  ...ended,
  /** None was made, it was given up, or everything was refunded. Absent when that is unknown. */
  payment: Type.Optional(Type.Enum(["none", "cancelled", "refunded"])),
});

const Facts = Type.Object({ id: Id, createdAt: Timestamp, total: Money, tax: Money, shippingAddress: ShippingAddress });

/** Milliseconds: pricing when a node is dead, then the answer budget of five seconds. */
const LONG = 10_000;

export const order = defineContract("order", {
  summary: "Quotes, orders, their timeline, cancellation and history",
  blocks: [inbox, outbox, saga],
  uses: [
    "product.lookup",
    "product.reserve",
    "product.commit",
    "product.release",
    "payment.authorize",
    "payment.capture",
    "payment.reverse",
  ],
  subscribes: ["payment.decided", "payment.refunded", "payment.mismatched", "user.deleted"],
  errors,
  actions: {
    quote: action({
      summary: "Price a basket",
      rest: "POST /orders/quotes",
      status: 201,
      auth: "customer",
      timeout: 5000,
      input: Strict({ items: RequestedItems }),
      output: Quote,
      errors: ["PRODUCT_UNAVAILABLE", "MIXED_CURRENCIES", "TOTAL_TOO_LARGE", "TOO_LARGE"],
    }),
    listQuotes: action({
      summary: "My quotes, newest first",
      auth: "customer",
      export: "quotes",
      input: Strict(paging),
      output: Page(Quote),
    }),
    create: action({
      summary: "Place an order",
      rest: "POST /orders",
      status: 201,
      shownBy: "get",
      unfinished: { status: ["pending", "needs_attention"] },
      auth: "customer",
      idempotent: true,
      timeout: LONG,
      input: NewOrder,
      output: Order,
      errors: [
        "OUT_OF_STOCK",
        "PRODUCT_UNAVAILABLE",
        "MIXED_CURRENCIES",
        "TOTAL_TOO_LARGE",
        "TOO_LARGE",
        "PRICE_CHANGED",
        "QUOTE_EXPIRED",
        "QUOTE_MISMATCH",
        "PAYMENT_DECLINED",
        "PAYMENT_METHOD_INVALID",
        "EXPIRED",
        "CANCELLED",
        "FAILED",
      ],
    }),
    list: action({
      summary: "My orders, newest first",
      rest: "GET /orders",
      export: "orders",
      auth: "customer",
      input: Strict({ ...paging, status: Type.Optional(Status) }),
      output: Page(Order),
    }),
    get: action({
      summary: "An order",
      rest: "GET /orders/:id",
      auth: "customer",
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
      input: ById,
      output: Type.Object({ items: Type.Array(TimelineEntry) }),
      errors: ["NOT_FOUND"],
    }),
    watch: action({
      summary: "Follow an order as it happens",
      rest: "GET /orders/:id/events",
      auth: "customer",
      live: true,
      input: Strict({ id: Id, after: Type.Optional(Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })) }),
      output: LiveItems,
      errors: ["NOT_FOUND"],
    }),
    cancel: action({
      summary: "Cancel an order: its payment is refunded and its stock released",
      rest: "POST /orders/:id/cancel",
      shownBy: "get",
      unfinished: { status: ["pending", "confirmed", "needs_attention"] },
      auth: "customer",
      idempotent: true,
      timeout: LONG,
      input: ById,
      output: Order,
      errors: ["NOT_FOUND", "NOT_CANCELLABLE"],
    }),
    listParked: action({
      summary: "Orders that need attention",
      rest: "GET /orders/parked",
      auth: "staff",
      input: Strict(paging),
      output: Page(Order),
    }),
    retry: action({
      summary: "Continue an order that needs attention",
      rest: "POST /orders/:id/retry",
      shownBy: "get",
      unfinished: { status: ["pending", "needs_attention"] },
      auth: "staff",
      operator: true,
      timeout: LONG,
      input: ById,
      output: Order,
      errors: ["NOT_FOUND", "NOT_PARKED"],
    }),
    settle: action({
      summary: "End an order that needs attention by hand",
      rest: "POST /orders/:id/settle",
      auth: "admin",
      operator: true,
      input: Strict({ id: Id, status: Type.Enum(["confirmed", "cancelled"]), note: Paragraphs(500) }),
      output: Order,
      errors: ["NOT_FOUND", "NOT_PARKED"],
    }),
  },
  events: {
    placed: event({ version: 1, summary: "An order was placed", data: Placed, push: "owner" }),
    confirmed: event({ version: 1, summary: "Paid, and its stock is committed", data: Placed, push: "owner" }),
    cancelled: event({ version: 1, summary: "Undone: nothing is owed", data: Cancelled, push: "owner" }),
    parked: event({ version: 1, summary: "A person must look at it", data: Ended, push: "owner" }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    order: typeof order;
  }
}
