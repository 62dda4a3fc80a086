/** The sandbox provider's own books, for comparison with ours. */
import Type from "typebox";
import { action } from "#core/contract.ts";
import { Id, Money, Page, paging, Strict } from "#core/schema.ts";
import { chargeStatuses } from "./payment.model.ts";

/** A charge in the provider's books, for comparison with ours. */
const SandboxCharge = Type.Object(
  {
    id: Type.String(),
    reference: Type.String(),
    status: Type.Enum(chargeStatuses),
    authorized: Money,
    captured: Money,
    refunded: Money,
  },
  { title: "SandboxCharge" },
);

export const chargeActions = {
  listCharges: action({
    summary: "The sandbox provider's own ledger",
    rest: "GET /payments/sandbox/charges",
    auth: "admin",
    input: Strict({ ...paging, reference: Type.Optional(Id) }),
    output: Page(SandboxCharge),
    errors: ["NOT_FOUND"],
  }),
};
