/** Saved payment methods: a token of the provider, and a label by which its owner recognises it. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { ById, Id, Nothing, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";

const PaymentMethod = Type.Object(
  {
    id: Id,
    provider: Type.String(),
    brand: Type.String(),
    last4: Type.String(),
    createdAt: Timestamp,
  },
  { title: "PaymentMethod" },
);
export type PaymentMethod = Static<typeof PaymentMethod>;

export const methodActions = {
  listMethods: action({
    summary: "My saved payment methods, newest first",
    rest: "GET /payment-methods",
    export: "paymentMethods",
    auth: "customer",
    input: Strict(paging),
    output: Page(PaymentMethod),
  }),
  saveMethod: action({
    summary: "Save a payment method from a token of the provider",
    rest: "POST /payment-methods",
    auth: "customer",
    status: 201,
    input: Strict({ token: Text(100) }),
    output: PaymentMethod,
    errors: ["METHOD_INVALID", "METHOD_NOT_FOUND", "METHODS_FULL", "PROVIDER_UNAVAILABLE"],
  }),
  removeMethod: action({
    summary: "Remove a saved payment method",
    rest: "DELETE /payment-methods/:id",
    auth: "customer",
    status: 204,
    input: ById,
    output: Nothing,
    errors: ["NOT_FOUND"],
  }),
};
