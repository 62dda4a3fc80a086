/** Disputes: a customer's bank wants a payment back. They are recorded as the provider tells them; staff read them. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Money, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import { disputeStatuses } from "./dispute.model.ts";

const Status = Type.Enum(disputeStatuses, { title: "DisputeStatus" });
const Dispute = Type.Object(
  {
    id: Id,
    paymentId: Id,
    provider: Type.String(),
    providerId: Type.String({ description: "By which the provider's own pages find it" }),
    amount: Money,
    status: Status,
    reason: Type.Union([Type.String(), Type.Null()]),
    dueAt: Type.Union([Timestamp, Type.Null()], { description: "Until when the provider takes evidence" }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "Dispute" },
);
export type Dispute = Static<typeof Dispute>;

export const disputeActions = {
  listDisputes: action({
    summary: "Disputes about payments, newest first",
    rest: "GET /disputes",
    auth: "staff",
    input: Strict({ ...paging, status: Type.Optional(Status) }),
    output: Page(Dispute),
  }),
  getDispute: action({
    summary: "A dispute about a payment",
    rest: "GET /disputes/:id",
    auth: "staff",
    input: ById,
    output: Dispute,
    errors: ["NOT_FOUND"],
  }),
};
