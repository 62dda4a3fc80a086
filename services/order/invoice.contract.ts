/** Invoices and credit notes of orders: what was captured and refunded, in the words and the figures of the order. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Country, Id, MAX_AMOUNT, Money, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import { OrderNumber } from "./answer.contract.ts";
import { documentKinds } from "./invoice.model.ts";

const Line = Type.Object(
  {
    text: Type.Object({ en: Type.String(), ko: Type.String() }),
    quantity: Type.Optional(Type.Integer()),
    unitPrice: Type.Optional(Money),
    amount: Type.Integer({
      minimum: -MAX_AMOUNT,
      maximum: MAX_AMOUNT,
      description: "Minor units of the document's currency; below 0 for a discount",
    }),
  },
  { title: "OrderInvoiceLine" },
);
export type InvoiceLine = Static<typeof Line>;

const Billing = Type.Object(
  {
    name: Type.String(),
    line1: Type.String(),
    line2: Type.Optional(Type.String()),
    city: Type.String(),
    postalCode: Type.String(),
    country: Country,
  },
  { title: "OrderBilling" },
);
export type InvoiceBilling = Static<typeof Billing>;

export const OrderInvoice = Type.Object(
  {
    id: Id,
    number: Type.String({
      description: "Without gaps in its year, those of credit notes apart",
      examples: ["INV-2026-000042"],
    }),
    kind: Type.Enum(documentKinds),
    orderId: Id,
    orderNumber: OrderNumber,
    lines: Type.Array(Line),
    taxes: Type.Array(
      Type.Object(
        {
          rate: Type.Integer({ description: "Basis points" }),
          included: Type.Boolean({ description: "false: it was added to the prices" }),
          /** With the tax. */
          total: Money,
          tax: Money,
        },
        { title: "OrderInvoiceTax" },
      ),
    ),
    total: Money,
    tax: Money,
    corrects: Type.Optional({ ...Id, description: "The invoice that a credit note belongs to" }),
    corrected: Type.Optional(Type.String({ description: "The number of that invoice" })),
    /** Absent once its customer's personal data is erased. */
    billing: Type.Optional(Billing),
    seller: Type.Optional(Type.Array(Type.String(), { description: "Who sold, line by line" })),
    issuedAt: Timestamp,
  },
  { title: "OrderInvoice" },
);
export type OrderInvoice = Static<typeof OrderInvoice>;

export const OrderDocument = Type.Object({
  name: Type.String({ description: "A name for the file" }),
  mediaType: Type.Literal("application/pdf"),
  content: Type.String({ description: "The file in Base64" }),
});

export const invoices = {
  name: "orderInvoices",
  actions: () => ({
    listInvoices: action({
      summary: "Invoices and credit notes of an order, newest first",
      rest: "GET /orders/:id/invoices",
      auth: "customer",
      seenByStaff: true,
      input: Strict({ ...ById.properties, ...paging }),
      output: Page(OrderInvoice),
      errors: ["NOT_FOUND"],
    }),
    listOwnInvoices: action({
      summary: "Invoices and credit notes of my orders, newest first",
      rest: "GET /order-invoices",
      export: "orderInvoices",
      auth: "customer",
      input: Strict(paging),
      output: Page(OrderInvoice),
    }),
    listAllInvoices: action({
      summary: "Invoices and credit notes of everybody's orders, newest first",
      rest: "GET /order-invoices/all",
      auth: "staff",
      input: Strict({ ...paging, kind: Type.Optional(Type.Enum(documentKinds)) }),
      output: Page(OrderInvoice),
    }),
    getInvoice: action({
      summary: "An invoice or a credit note of one of my orders. Staff see all of them",
      rest: "GET /order-invoices/:id",
      auth: "customer",
      seenByStaff: true,
      input: ById,
      output: OrderInvoice,
      errors: ["NOT_FOUND"],
    }),
    getInvoiceDocument: action({
      summary:
        "An invoice or a credit note of an order as PDF, in the language of the request: the file itself for `Accept: application/pdf`",
      rest: "GET /order-invoices/:id/document",
      file: "application/pdf",
      auth: "customer",
      seenByStaff: true,
      input: ById,
      output: OrderDocument,
      errors: ["NOT_FOUND"],
    }),
  }),
} as const;
