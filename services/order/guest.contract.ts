/** Orders of guests: placed from a guest's cart with an e-mail address, and read with the order's number and its token. */
import Type from "typebox";
import { action, event } from "#core/contract.ts";
import { Code, Country, Email, Id, Money, Page, paging, Paragraphs, Strict, Text } from "#core/schema.ts";
import { Order, OrderNumber, Quote, TimelineEntry } from "./answer.contract.ts";
import { CartSeen, RequestedTitles, ShippingAddress } from "./basket.contract.ts";
import { CartToken } from "./cart.contract.ts";
import { OrderDocument, OrderInvoice } from "./invoice.contract.ts";
import { Return, ReturnedItems } from "./return.contract.ts";
import { IfMatch, Quantities } from "./shipment.contract.ts";

const Number = Type.String({
  ...Code("^[A-Za-z]{1,8}-[0-9]{4}-[0-9]{1,12}$", 30),
  description: "Of the order, as people say it",
  examples: ["M-2026-004217"],
});
const OrderToken = Type.Optional({
  ...Code("^[\\w-]{64}$", 64),
  description: "Of a guest's order, as its link has it",
});

/** The order of a token and a number. */
const held = { auth: "public", inHeader: { orderToken: "Order-Token" }, limit: 60 } as const;
const which = { number: Number, orderToken: OrderToken };

const GuestOrder = Type.Object(
  {
    ...Order.properties,
    token: Type.String({ description: "Send it as Order-Token. It ends when the order is claimed" }),
  },
  { title: "GuestOrder" },
);

/** Refused, so that who tries it learns why. */
const titles = Type.Optional({ ...RequestedTitles, description: "Films need an account: they are refused" });

const Payment = Type.Object(
  {
    id: Id,
    status: Type.String(),
    amount: Money,
    nextAction: Type.Union([Type.Object({ type: Type.String(), url: Type.String() }), Type.Null()], {
      description: "Where the guest goes on, such as 3-D Secure",
    }),
  },
  { title: "GuestPayment" },
);

export const guestErrors = ["CART_CHANGED", "PRODUCT_UNAVAILABLE", "VARIANT_REQUIRED", "MIXED_CURRENCIES"] as const;
const unfinished = { status: ["pending", "confirmed", "needs_attention"] };
const LONG = 10_000;

export const guests = {
  name: "guestOrders",
  actions: () => ({
    quoteGuest: action({
      summary: "Price a guest's cart",
      rest: "POST /guest-orders/quotes",
      status: 201,
      auth: "public",
      inHeader: { cartToken: "Cart-Token" },
      limit: 30,
      timeout: 5000,
      input: Strict({ cartToken: CartToken, cart: CartSeen, titles, country: Type.Optional(Country) }),
      output: Quote,
      errors: ["UNAUTHENTICATED", ...guestErrors, "TITLES_NEED_ACCOUNT", "TOTAL_TOO_LARGE", "TOO_LARGE"],
    }),
    createGuest: action({
      summary: "Place an order from a guest's cart, without an account",
      rest: "POST /guest-orders",
      status: 201,
      shownBy: "getGuest",
      unfinished: { status: ["pending", "needs_attention"] },
      auth: "public",
      inHeader: { cartToken: "Cart-Token" },
      limit: 10,
      idempotent: true,
      timeout: LONG,
      input: Strict({
        cartToken: CartToken,
        cart: CartSeen,
        titles,
        email: Email,
        /** A token of the provider. */
        paymentMethod: Text(200),
        shippingAddress: ShippingAddress,
        quoteId: Type.Optional(Id),
        note: Type.Optional(Paragraphs(500)),
      }),
      output: GuestOrder,
      errors: [
        "UNAUTHENTICATED",
        ...guestErrors,
        "TITLES_NEED_ACCOUNT",
        "OUT_OF_STOCK",
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
        "RATE_LIMITED",
      ],
    }),
    getGuest: action({
      summary: "A guest's order",
      rest: "GET /guest-orders/:number",
      ...held,
      concurrency: "read",
      input: Strict(which),
      output: Order,
      errors: ["NOT_FOUND"],
    }),
    getGuestTimeline: action({
      summary: "What happened to a guest's order",
      rest: "GET /guest-orders/:number/timeline",
      ...held,
      input: Strict(which),
      output: Type.Object({ items: Type.Array(TimelineEntry) }),
      errors: ["NOT_FOUND"],
    }),
    getGuestPayment: action({
      summary: "The payment of a guest's order, and where it goes on",
      rest: "GET /guest-orders/:number/payment",
      ...held,
      timeout: 5000,
      input: Strict(which),
      output: Payment,
      errors: ["NOT_FOUND"],
    }),
    confirmGuestPayment: action({
      summary: "Continue the payment of a guest's order after 3-D Secure",
      rest: "POST /guest-orders/:number/payment/confirm",
      ...held,
      idempotent: true,
      timeout: LONG,
      input: Strict(which),
      output: Payment,
      errors: ["NOT_FOUND", "PAYMENT_DECLINED"],
    }),
    cancelGuest: action({
      summary: "Cancel a guest's order: its payment is refunded and its stock released",
      rest: "POST /guest-orders/:number/cancel",
      shownBy: "getGuest",
      unfinished,
      ...held,
      idempotent: true,
      timeout: LONG,
      input: Strict(which),
      output: Order,
      errors: ["NOT_FOUND", "NOT_CANCELLABLE"],
    }),
    cancelGuestItems: action({
      summary: "Cancel units of a guest's order that are not packed yet",
      rest: "POST /guest-orders/:number/cancellations",
      shownBy: "getGuest",
      ...held,
      idempotent: true,
      timeout: LONG,
      input: Strict({ ...which, items: Quantities }),
      output: Order,
      errors: ["NOT_FOUND", "NOT_SHIPPABLE", "UNITS_UNAVAILABLE"],
    }),
    createGuestReturn: action({
      summary: "Ask to return units of a guest's order that have arrived",
      rest: "POST /guest-orders/:number/returns",
      status: 201,
      ...held,
      idempotent: true,
      input: Strict({ ...which, items: ReturnedItems, note: Type.Optional(Paragraphs(1000)) }),
      output: Return,
      errors: ["NOT_FOUND", "NOT_SHIPPABLE", "NOT_RETURNABLE"],
    }),
    listGuestReturns: action({
      summary: "The returns of a guest's order, newest first",
      rest: "GET /guest-orders/:number/returns",
      ...held,
      input: Strict({ ...which, ...paging }),
      output: Page(Return),
      errors: ["NOT_FOUND"],
    }),
    listGuestInvoices: action({
      summary: "Invoices and credit notes of a guest's order, newest first",
      rest: "GET /guest-orders/:number/invoices",
      ...held,
      input: Strict({ ...which, ...paging }),
      output: Page(OrderInvoice),
      errors: ["NOT_FOUND"],
    }),
    getGuestDocument: action({
      summary: "An invoice or a credit note of a guest's order as PDF, in the language of the request",
      rest: "GET /guest-orders/:number/invoices/:id/document",
      file: "application/pdf",
      ...held,
      input: Strict({ ...which, id: Id }),
      output: OrderDocument,
      errors: ["NOT_FOUND"],
    }),
    claimGuest: action({
      summary: "Take a guest's order that was placed with my verified e-mail address into my account",
      rest: "POST /guest-orders/:number/claim",
      shownBy: "get",
      auth: "customer",
      limit: 30,
      timeout: 5000,
      concurrency: "write",
      input: Strict({ ...IfMatch, number: Number }),
      output: Order,
      errors: ["NOT_FOUND", "STALE_VERSION", "EMAIL_UNVERIFIED", "NOT_CLAIMABLE"],
    }),
  }),
} as const;

const ofGuest = { orderId: Id, guestId: Id, number: OrderNumber };

export const guestEvents = {
  claimed: event({
    version: 1,
    summary: "A customer took a guest's order into their account",
    data: Type.Object({ ...ofGuest, userId: Id }),
  }),
  guest_erased: event({
    version: 1,
    summary: "The time of a guest's order is over: what is personal must go",
    data: Type.Object({
      orderId: Id,
      guestId: Id,
      hasOthers: Type.Optional(Type.Boolean({ description: "Other orders of this guest are kept for now" })),
    }),
  }),
};
