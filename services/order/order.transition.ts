/** All moves of an order in one table: the allowed former states, the new state, and the event that reports it. */
import { timestamp } from "#core/clock.ts";
import type { EventData } from "#core/contract.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { Status } from "./answer.contract.ts";
import { type Answer, stored } from "./order.projection.ts";
import { type MoveStatement, moveBetween } from "./order.repository.ts";

interface Move<Event> {
  readonly from: readonly Status[];
  readonly to: Status;
  readonly event: Event;
  /** The statement names the former states, so that a forbidden move changes nothing. */
  readonly statement: MoveStatement;
}
type Told = "order.confirmed" | "order.cancelled" | "order.parked";

const move = <const Event extends Told>(from: readonly Status[], to: Status, event: Event): Move<Event> => ({
  from,
  to,
  event,
  statement: moveBetween(from, to),
});

export const moves = {
  confirm: move(["pending", "needs_attention"], "confirmed", "order.confirmed"),
  // After the saga is undone: because a step was refused, the customer or staff cancelled, or staff ended it by hand.
  // A customer may cancel until the order is shipped.
  cancel: move(["pending", "confirmed", "needs_attention"], "cancelled", "order.cancelled"),
  // An order whose retry fails is parked again.
  park: move(["pending", "confirmed", "needs_attention"], "needs_attention", "order.parked"),
};

interface Change {
  readonly paymentId: string | null;
  /** The reason for a cancellation, or for `needs_attention`. */
  readonly reason?: string;
  /** The answer to the request that placed it. The first answer stays. */
  readonly answer?: Answer;
}

/** The move with its event. The transaction fails when the order's state does not allow the move. */
export function transition<Event extends Told>(
  { outbox, cause }: { readonly outbox: Outbox; readonly cause: Cause },
  { statement, event, to }: Move<Event>,
  { paymentId, reason, answer }: Change,
  data: EventData<Event> & { readonly orderId: string },
): readonly [Write, Write] {
  const { orderId: id } = data;
  const changed = { payment_id: paymentId, reason: reason ?? null, answer: answer ? stored(answer) : null };
  return [
    required(
      statement.with({ id, at: timestamp(), ...changed }),
      () => new Error(`The order ${id} cannot become ${to}.`),
    ),
    outbox.event(cause, event, `order:${id}`, data),
  ];
}
