/** The contract of the order service: quotes, orders, their timeline, and staff's decisions. */
import Type from "typebox";
import { HOUR } from "#core/clock.ts";
import { action, defineContract, event, job } from "#core/contract.ts";
import { ById, Country, Id, Money, Page, paging, Paragraphs, Strict } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { jobs } from "#mixins/jobs/jobs.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { saga } from "#mixins/saga/saga.contract.ts";
import { Order, OrderItem, OrderNumber, Quote } from "./answer.contract.ts";
import { basket, NewOrder, titleErrors } from "./basket.contract.ts";
import { benefits } from "./benefit.contract.ts";
import { CartAbandoned, cartActions } from "./cart.contract.ts";
import { errors } from "./error.contract.ts";
import { guestEvents, guests } from "./guest.contract.ts";
import { historyActions } from "./history.contract.ts";
import { invoices } from "./invoice.contract.ts";
import { shippingActions } from "./shipping.contract.ts";
import { cancellationEvents, cancellations } from "./cancellation.contract.ts";
import { returnEvents, returns } from "./return.contract.ts";
import { shipmentEvents, shipments } from "./shipment.contract.ts";
import { taxActions } from "./tax.contract.ts";
import { noteActions } from "./note.contract.ts";

const about = { orderId: Id, userId: Id, number: OrderNumber };
const Placed = Type.Object({
  ...about,
  shipping: Type.Optional(Money),
  tax: Type.Optional(Money),
  total: Money,
  points: Type.Optional(Type.Integer()),
  payable: Type.Optional(Money),
  items: Type.Array(OrderItem),
});
const ended = { ...about, total: Money, reason: Type.Object({ code: Type.String(), message: Type.String() }) };
const Ended = Type.Object(ended);
const Cancelled = Type.Object({
  ...ended,
  /** None was made, it was given up, or everything was refunded. Absent when that is unknown. */
  payment: Type.Optional(Type.Enum(["none", "cancelled", "refunded"])),
});

/** Milliseconds: pricing when a node is dead, then the answer budget of five seconds. */
const LONG = 10_000;

export const order = defineContract("order", {
  summary: "Carts, quotes, orders, their timeline, cancellation and history",
  blocks: [audit, inbox, jobs, outbox, saga, shipments, cancellations, returns, invoices, guests],
  uses: [
    "account.quoteTitles",
    "account.holdTitles",
    "account.grantTitles",
    "account.releaseTitles",
    "product.lookup",
    "product.reserve",
    "product.commit",
    "product.release",
    "product.releaseItems",
    "payment.authorize",
    "payment.capture",
    "payment.reverse",
    "payment.refundPart",
    "payment.get",
    "payment.confirm",
    "user.contact",
    "user.lookupBenefits",
    "user.holdBenefits",
    "user.redeemBenefits",
    "user.refundBenefits",
    "user.releaseBenefits",
  ],
  subscribes: [
    "payment.captured",
    "payment.decided",
    "payment.disputed",
    "payment.expired",
    "payment.refunded",
    "payment.mismatched",
    "user.deleted",
  ],
  errors,
  jobs: {
    giveBack: job({
      summary: "Take units that were given up back into stock, and refund them",
      input: Strict({ id: Id }),
      attempts: 1000,
    }),
    takePayment: job({
      summary: "Capture the money for a parcel, which is sent then",
      input: Strict({ id: Id }),
      attempts: 1000,
    }),
    forgetGuests: job({
      summary: "Erase what is personal in guests' orders whose time is over",
      input: Strict({}),
      cron: "23 * * * *",
    }),
    numberOrders: job({
      summary: "Give numbers to orders of the release before",
      input: Strict({}),
      cron: "*/5 * * * *",
      keep: HOUR,
    }),
    sweepCarts: job({
      summary: "Remove carts of last month, and tell of those that customers left",
      input: Strict({}),
      cron: "*/10 * * * *",
      keep: HOUR,
    }),
  },
  actions: {
    quote: action({
      summary: "Price a basket",
      rest: "POST /orders/quotes",
      status: 201,
      auth: "customer",
      timeout: 5000,
      input: Strict({
        ...basket,
        ...benefits,
        country: Type.Optional({ ...Country, description: "Where it is to go: taxes and shipping depend on it" }),
      }),
      output: Quote,
      errors: [
        "CART_CHANGED",
        "PRODUCT_UNAVAILABLE",
        "VARIANT_REQUIRED",
        "MIXED_CURRENCIES",
        "TOTAL_TOO_LARGE",
        "TOO_LARGE",
        "COUPON_REFUSED",
        ...titleErrors,
      ],
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
        "CART_CHANGED",
        "OUT_OF_STOCK",
        "PRODUCT_UNAVAILABLE",
        "VARIANT_REQUIRED",
        "MIXED_CURRENCIES",
        "TOTAL_TOO_LARGE",
        "TOO_LARGE",
        "COUPON_REFUSED",
        "POINTS_REFUSED",
        ...titleErrors,
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
    ...cartActions,
    ...historyActions,
    ...shippingActions,
    ...taxActions,
    ...noteActions,
    cancel: action({
      summary: "Cancel an order: its payment is refunded and its stock released",
      rest: "POST /orders/:id/cancel",
      shownBy: "get",
      unfinished: { status: ["pending", "confirmed", "needs_attention"] },
      auth: "customer",
      seenByStaff: true,
      idempotent: true,
      timeout: LONG,
      input: ById,
      output: Order,
      errors: ["NOT_FOUND", "NOT_CANCELLABLE", "TITLE_GRANTED"],
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
    cart_abandoned: event({
      version: 1,
      summary: "A customer has not changed their cart for a day",
      data: CartAbandoned,
    }),
    placed: event({ version: 1, summary: "An order was placed", data: Placed, push: "owner" }),
    confirmed: event({ version: 1, summary: "Paid, and its stock is committed", data: Placed, push: "owner" }),
    cancelled: event({ version: 1, summary: "Undone: nothing is owed", data: Cancelled, push: "owner" }),
    ...shipmentEvents,
    ...cancellationEvents,
    ...returnEvents,
    ...guestEvents,
    parked: event({ version: 1, summary: "A person must look at it", data: Ended, push: "owner" }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    order: typeof order;
  }
}
