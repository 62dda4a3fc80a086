/** What the saga of an order knows from its beginning. */
import type { Claim } from "#mixins/idempotency/idempotency.mixin.ts";
import type { Order } from "./answer.contract.ts";

/** The saga's input: the order as it was placed. */
export interface PlaceOrder {
  readonly order: Order;
  readonly userId: string;
  readonly paymentMethod: string;
  /** For an order that the release before placed: where its request finds the answer. */
  readonly claim: Claim;
  /** Absent for an order that is authorized, and then captured. */
  readonly capture?: "at_once" | "shipment";
}
