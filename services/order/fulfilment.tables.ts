/** The rows of parcels, returns, and what is given back of orders in part. */
import type { ShipmentState } from "./answer.contract.ts";
import type { RefundReason } from "./refund.model.ts";
import type { Cause, Outcome, ReturnState } from "./return.contract.ts";

export interface ShipmentRow {
  id: string;
  order_id: string;
  state: ShipmentState;
  carrier: string | null;
  tracking_number: string | null;
  created_at: string;
  shipped_at: string | null;
  /** When it was delivered, or was known to be lost. */
  ended_at: string | null;
  version: number;
}

export interface RefundRow {
  id: string;
  order_id: string;
  reason: RefundReason;
  /** JSON: the units, and whether they go to the scrap. */
  items: string;
  /** Minor units of the order's currency. */
  amount: number;
  points: number;
  /** The part of the amount that is not paid back, because it was never captured. */
  uncaptured: number;
  /** `failed` when the provider refused: a person must pay it back. */
  state: "pending" | "done" | "failed";
  created_at: string;
  ended_at: string | null;
}

/** A part of an order's money that is captured as goods are sent. */
export interface CaptureRow {
  id: string;
  order_id: string;
  /** The parcel that waits for it, and the state in which it is then; null for the rest of a payment. */
  shipment_id: string | null;
  target: Exclude<ShipmentState, "packed"> | null;
  /** Minor units of the order's currency. */
  amount: number;
  /** 1 when the rest of the payment is released. */
  is_final: number;
  state: "pending" | "done" | "failed";
  /** The code of the refusal. */
  reason: string | null;
  created_at: string;
  ended_at: string | null;
}

export interface ReturnRow {
  id: string;
  order_id: string;
  user_id: string;
  state: ReturnState;
  note: string | null;
  answer: string | null;
  refund_id: string | null;
  created_at: string;
  version: number;
}
export interface ReturnItemRow {
  return_id: string;
  product_id: string;
  quantity: number;
  cause: Cause;
  outcome: Outcome | null;
}

export interface FulfilmentTables {
  shipments: ShipmentRow;
  shipment_items: { shipment_id: string; product_id: string; quantity: number };
  order_refunds: RefundRow;
  order_captures: CaptureRow;
  returns: ReturnRow;
  return_items: ReturnItemRow;
}
