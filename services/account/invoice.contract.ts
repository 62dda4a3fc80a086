/** Invoices, credit notes, and the billing details that they carry. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Country, Id, MAX_AMOUNT, Money, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";
import { invoiceStatuses, purposes } from "./invoice.model.ts";

const billing = {
  name: Text(100),
  line1: Text(200),
  city: Text(100),
  postalCode: Text(20),
  country: Country,
  taxId: Type.Optional(Text(40)),
};
const Billing = Strict(billing, { title: "BillingDetails" });
export type Billing = Static<typeof Billing>;

const Signed = Type.Integer({
  minimum: -MAX_AMOUNT,
  maximum: MAX_AMOUNT,
  description: "Minor units of the invoice's currency; below 0 for what is given back",
});

export const InvoiceLine = Type.Object(
  {
    text: Type.Object({ en: Type.String(), ko: Type.String() }),
    amount: Signed,
    taxRate: Type.Integer({ description: "Basis points of the tax that the amount includes" }),
    tax: Signed,
    from: Type.Union([Timestamp, Type.Null()]),
    to: Type.Union([Timestamp, Type.Null()]),
  },
  { title: "InvoiceLine" },
);

export const Invoice = Type.Object(
  {
    id: Id,
    number: Type.String({ description: "Without gaps in its year" }),
    kind: Type.Enum(["invoice", "credit_note"]),
    purpose: Type.Enum(purposes),
    status: Type.Enum(invoiceStatuses),
    lines: Type.Array(InvoiceLine),
    total: Money,
    tax: Money,
    credited: Type.Object(Money.properties, { description: "Taken of the customer's credit" }),
    due: Type.Object(Money.properties, { description: "Paid by the payment method" }),
    refunded: Money,
    corrects: Type.Union([Id, Type.Null()], { description: "The invoice that a credit note belongs to" }),
    paymentId: Type.Union([Id, Type.Null()]),
    billing: Type.Union([Billing, Type.Null()]),
    seller: Type.Optional(Type.Array(Type.String(), { description: "Who sold, line by line" })),
    issuedAt: Timestamp,
    paidAt: Type.Union([Timestamp, Type.Null()]),
  },
  { title: "Invoice" },
);
export type Invoice = Static<typeof Invoice>;

export const invoiceActions = {
  listInvoices: action({
    summary: "My invoices and credit notes, newest first",
    rest: "GET /invoices",
    export: "invoices",
    auth: "customer",
    input: Strict(paging),
    output: Page(Invoice),
  }),
  getInvoice: action({
    summary: "One of my invoices. Staff see all invoices",
    rest: "GET /invoices/:id",
    auth: "customer",
    seenByStaff: true,
    input: ById,
    output: Invoice,
    errors: ["NOT_FOUND"],
  }),
  getInvoiceDocument: action({
    summary: "An invoice as PDF, in the language of the request: the file itself for `Accept: application/pdf`",
    rest: "GET /invoices/:id/document",
    file: "application/pdf",
    auth: "customer",
    seenByStaff: true,
    input: ById,
    output: Type.Object({
      name: Type.String({ description: "A name for the file" }),
      mediaType: Type.Literal("application/pdf"),
      content: Type.String({ description: "The file in Base64" }),
    }),
    errors: ["NOT_FOUND"],
  }),
  getBilling: action({
    summary: "My billing details, which invoices carry",
    rest: "GET /billing-details",
    auth: "customer",
    input: Strict({}),
    output: Billing,
    errors: ["NOT_FOUND"],
  }),
  setBilling: action({
    summary: "Set my billing details. Invoices that were issued keep theirs",
    rest: "PUT /billing-details",
    auth: "customer",
    input: Billing,
    output: Billing,
  }),
  listBilling: action({
    summary: "My billing details, if there are any",
    export: "billingDetails",
    auth: "customer",
    input: Strict({}),
    output: Page(Billing),
  }),
  retryInvoice: action({
    summary: "Continue a payment of an invoice that needs attention",
    rest: "POST /invoices/:id/retry",
    auth: "staff",
    operator: true,
    input: ById,
    output: Invoice,
    errors: ["NOT_FOUND", "NOT_POSSIBLE"],
  }),
  settleInvoice: action({
    summary: "End a payment of an invoice that needs attention by hand",
    rest: "POST /invoices/:id/settle",
    auth: "admin",
    operator: true,
    input: Strict({ id: Id, status: Type.Enum(["paid", "failed"]) }),
    output: Invoice,
    errors: ["NOT_FOUND", "NOT_POSSIBLE"],
  }),
};
