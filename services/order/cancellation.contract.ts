/** Cancelling some units of an order before they are packed. */
import Type from "typebox";
import { action, event } from "#core/contract.ts";
import { Id, Money, Strict } from "#core/schema.ts";
import { Order } from "./answer.contract.ts";
import { aboutOrder, Points, Quantities, Told } from "./shipment.contract.ts";

export const cancellations = {
  name: "cancellations",
  actions: () => ({
    cancelItems: action({
      summary:
        "Cancel units of an order that are not packed yet: what was paid for them is refunded. Staff take films back",
      rest: "POST /orders/:id/cancellations",
      shownBy: "get",
      auth: "customer",
      seenByStaff: true,
      idempotent: true,
      timeout: 10_000,
      input: Strict({ id: Id, items: Quantities }),
      output: Order,
      errors: ["NOT_FOUND", "NOT_SHIPPABLE", "UNITS_UNAVAILABLE", "TITLE_GRANTED"],
    }),
  }),
} as const;

export const cancellationEvents = {
  items_cancelled: event({
    version: 1,
    summary: "Some units of it were cancelled, and are refunded",
    data: Type.Object({
      ...aboutOrder,
      items: Told,
      amount: Money,
      points: Points,
      by: Type.Enum(["customer", "shop"]),
    }),
    push: "owner",
  }),
  refunded: event({
    version: 1,
    summary: "What was owed for some units of it is paid back",
    data: Type.Object({
      orderId: Id,
      userId: Id,
      refundId: Id,
      amount: Money,
      points: Points,
      reason: Type.Enum(["items_cancelled", "shipment_lost", "items_returned"]),
    }),
    push: "owner",
  }),
};
