/** All moves of a subscription in one table: the allowed former states, and the new one. */
import { account } from "./account.contract.ts";
import type { SubscriptionRow } from "./account.tables.ts";
import type { Status } from "./subscription.model.ts";

interface Move {
  readonly from: readonly Status[];
  readonly to: Status;
}

export const moves = {
  /** A payment succeeded. */
  activate: { from: ["pending", "trialing", "active", "past_due"], to: "active" },
  /** A payment failed, and is tried again. */
  miss: { from: ["trialing", "active", "past_due"], to: "past_due" },
  pause: { from: ["active"], to: "paused" },
  resume: { from: ["paused"], to: "active" },
  /** By the customer, by the shop, or because the last attempt at a payment failed. Nothing follows. */
  cancel: { from: ["pending", "trialing", "active", "past_due", "paused"], to: "cancelled" },
} as const satisfies Record<string, Move>;

export type MoveName = keyof typeof moves;

export const allows = (status: Status, move: MoveName): boolean =>
  (moves[move].from as readonly Status[]).includes(status);

/** The subscription after a move. @throws NOT_POSSIBLE when its state does not allow the move */
export function moved(row: SubscriptionRow, move: MoveName, changes: Partial<SubscriptionRow>): SubscriptionRow {
  if (!allows(row.status, move)) throw account.error("NOT_POSSIBLE", { status: row.status });
  return { ...row, ...changes, status: moves[move].to };
}

/** Cancelled at this time of the account, and for this reason. */
export const cancelled = (row: SubscriptionRow, reason: string, ended_at: number): SubscriptionRow =>
  moved(row, "cancel", { reason, ended_at, due_at: null, paying: null, paused_left: null, payment_method: null });
