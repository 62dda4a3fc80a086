/** Returns: what customers send back after it has arrived, and what staff make of it. */
import Type, { type Static } from "typebox";
import { action, event } from "#core/contract.ts";
import { ById, Id, Money, Page, paging, Paragraphs, Strict, Timestamp } from "#core/schema.ts";
import { aboutOrder, IfMatch, Paid, Points, Told } from "./shipment.contract.ts";

export const returnStates = ["requested", "approved", "received", "refunded", "rejected"] as const;
const State = Type.Enum(returnStates, { title: "ReturnState" });
export type ReturnState = Static<typeof State>;

const Cause = Type.Enum(["damaged", "wrong_item", "not_as_described", "unwanted", "other"], { title: "ReturnCause" });
export type Cause = Static<typeof Cause>;
const Outcome = Type.Enum(["restock", "scrap"], { title: "ReturnOutcome" });
export type Outcome = Static<typeof Outcome>;

const Quantity = Type.Integer({ minimum: 1, maximum: 1000 });

export const Return = Type.Object(
  {
    id: Id,
    orderId: Id,
    state: State,
    items: Type.Array(
      Type.Object(
        {
          productId: Id,
          quantity: Type.Integer(),
          cause: Cause,
          /** Absent until it is received. */
          outcome: Type.Optional(Outcome),
        },
        { title: "ReturnItem" },
      ),
    ),
    /** What the customer wrote. */
    note: Type.Optional(Type.String()),
    /** What staff answered. */
    answer: Type.Optional(Type.String()),
    /** What is paid back. Absent until it is received. */
    amount: Type.Optional(Money),
    /** Points that are given back with it. Absent without any. */
    points: Points,
    createdAt: Timestamp,
    version: Type.Integer(),
  },
  { title: "Return" },
);
export type Return = Static<typeof Return>;

export const ReturnedItems = Type.Array(Strict({ productId: Id, quantity: Quantity, cause: Cause }), {
  minItems: 1,
  maxItems: 1000,
});

const filters = { state: Type.Optional(State), order: Type.Optional(Id) };

export const returns = {
  name: "returns",
  actions: () => ({
    createReturn: action({
      summary: "Ask to return units that have arrived",
      rest: "POST /orders/:id/returns",
      status: 201,
      shownBy: "getReturn",
      auth: "customer",
      seenByStaff: true,
      idempotent: true,
      input: Strict({
        id: Id,
        items: ReturnedItems,
        note: Type.Optional(Paragraphs(1000)),
      }),
      output: Return,
      errors: ["NOT_FOUND", "NOT_SHIPPABLE", "NOT_RETURNABLE"],
    }),
    listReturns: action({
      summary: "My returns, newest first",
      rest: "GET /returns",
      export: "returns",
      auth: "customer",
      input: Strict({ ...paging, ...filters }),
      output: Page(Return),
    }),
    listAllReturns: action({
      summary: "Everybody's returns, newest first",
      rest: "GET /returns/all",
      auth: "staff",
      input: Strict({ ...paging, ...filters }),
      output: Page(Return),
    }),
    getReturn: action({
      summary: "One of my returns. Staff see all returns",
      rest: "GET /returns/:id",
      auth: "customer",
      seenByStaff: true,
      concurrency: "read",
      input: ById,
      output: Return,
      errors: ["NOT_FOUND"],
    }),
    updateReturn: action({
      summary: "Approve or reject a return, or say that it has come: then it is refunded",
      rest: "PATCH /returns/:id",
      auth: "staff",
      concurrency: "write",
      input: Strict({
        ...IfMatch,
        id: Id,
        state: Type.Enum(["approved", "rejected", "received"]),
        /** Products that are not sold again. */
        scrap: Type.Optional(Type.Array(Id, { maxItems: 1000, uniqueItems: true })),
        answer: Type.Optional(Paragraphs(1000)),
      }),
      output: Return,
      errors: ["NOT_FOUND", "STALE_VERSION", "RETURN_ENDED", "NOT_SHIPPABLE"],
    }),
  }),
} as const;

const OfReturn = Type.Object({ ...aboutOrder, returnId: Id, items: Told });

export const returnEvents = {
  return_requested: event({
    version: 1,
    summary: "Its customer asks to return some units",
    data: OfReturn,
    push: "owner",
  }),
  return_approved: event({ version: 1, summary: "Units of it may be sent back", data: OfReturn, push: "owner" }),
  return_rejected: event({ version: 1, summary: "Units of it are not taken back", data: OfReturn, push: "owner" }),
  returned: event({
    version: 1,
    summary: "Units of it have come back, and are refunded",
    data: Type.Object({ ...OfReturn.properties, amount: Money, points: Points, paid: Paid }),
    push: "owner",
  }),
};
