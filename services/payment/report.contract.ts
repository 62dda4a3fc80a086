/** Daily reports of the provider's books beside ours, and the differences that staff look into. */
import Type, { type Static } from "typebox";
import { action, type Block } from "#core/contract.ts";
import { Code, Id, Money, Page, paging, Paragraphs, Strict, Timestamp } from "#core/schema.ts";
import { differenceKinds } from "./report.model.ts";

const Day = Code("^\\d{4}-\\d{2}-\\d{2}$", 10);
const filters = { day: Type.Optional(Day), state: Type.Optional(Type.Enum(["open", "settled"])) };
const Amount = Type.Integer();

const Report = Type.Object(
  {
    id: Id,
    provider: Type.String(),
    day: Type.String({ description: "In UTC" }),
    totals: Type.Array(
      Type.Object(
        {
          currency: Money.properties.currency,
          captured: Amount,
          refunded: Amount,
          disputed: Amount,
          fees: Type.Union([Amount, Type.Null()], { description: "Null where the provider does not list them" }),
        },
        { title: "ReportTotal" },
      ),
      { description: "What the provider lists, in minor units" },
    ),
    differences: Type.Integer({ description: "That were found" }),
    createdAt: Timestamp,
  },
  { title: "PaymentReport" },
);
export type Report = Static<typeof Report>;

const Sums = (description: string) => Type.Object({ captured: Amount, refunded: Amount }, { description });
const ReportDifference = Type.Object(
  {
    id: Id,
    day: Type.String({ description: "In UTC" }),
    kind: Type.Enum(differenceKinds, {
      description: "`unknown`: we have no payment of the charge. `missing`: the provider does not have the charge",
    }),
    provider: Type.String(),
    charge: Type.String({ description: "By which the provider's own pages find it" }),
    paymentId: Type.Union([Id, Type.Null()]),
    currency: Money.properties.currency,
    ours: Sums("In our books, in minor units"),
    theirs: Sums("In the provider's, in minor units"),
    note: Type.Union([Type.String(), Type.Null()]),
    createdAt: Timestamp,
    settledAt: Type.Union([Timestamp, Type.Null()]),
  },
  { title: "ReportDifference" },
);
export type ReportDifference = Static<typeof ReportDifference>;

/** A page of a file. With `Accept: text/csv` the gateway answers all pages as one. */
const csv = {
  auth: "staff",
  file: "text/csv",
  output: Type.Object({
    name: Type.String({ description: "A name for the file" }),
    mediaType: Type.Literal("text/csv"),
    content: Type.String({ description: "A page of the file in Base64" }),
    nextCursor: Type.Union([Type.String(), Type.Null()]),
  }),
} as const;

const actions = {
  listReports: action({
    summary: "Daily reports of the payment provider's books beside ours, newest first",
    rest: "GET /payment-reports",
    auth: "staff",
    input: Strict(paging),
    output: Page(Report),
  }),
  listDifferences: action({
    summary: "Differences that daily reports have found, newest first",
    rest: "GET /payment-differences",
    auth: "staff",
    input: Strict({ ...paging, ...filters }),
    output: Page(ReportDifference),
  }),
  settleDifference: action({
    summary: "Settle a difference of a daily report with a note",
    rest: "PUT /payment-differences/:id/settlement",
    auth: "staff",
    input: Strict({ id: Id, note: Paragraphs(500) }),
    output: ReportDifference,
    errors: ["NOT_FOUND"],
  }),
  exportReports: action({
    summary:
      "Daily reports as CSV, newest first: a line for each currency of a day. With `Accept: text/csv` all of them",
    rest: "GET /payment-reports/export",
    ...csv,
    input: Strict({ cursor: paging.cursor }),
  }),
  exportDifferences: action({
    summary: "What daily reports have found, as CSV, newest first. With `Accept: text/csv` all of it",
    rest: "GET /payment-differences/export",
    ...csv,
    input: Strict({ cursor: paging.cursor, ...filters }),
  }),
};

export const reports = { name: "reports", actions: () => actions } satisfies Block;
