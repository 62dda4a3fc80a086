/** Every move of an order, as a table: the states from which it may be made, where it leads, and the event that tells of it. */
import { timestamp } from "#core/clock.ts";
import type { EventData } from "#core/contract.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { Cause, Outbox } from "#mixins/outbox/outbox.mixin.ts";
import type { Status } from "./order.contract.ts";
import { type Answer, stored } from "./order.projection.ts";
import { type MoveStatement, moveBetween } from "./order.repository.ts";

interface Move<Event> {
  readonly from: readonly Status[];
  readonly to: Status;
  readonly event: Event;
  /** It names the states too, so that a move that is not allowed changes nothing. */
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
  // Until it is shipped, a customer may change their mind.
  cancel: move(["pending", "confirmed", "needs_attention"], "cancelled", "order.cancelled"),
  // An order that is retried in vain is parked again.
  park: move(["pending", "confirmed", "needs_attention"], "needs_attention", "order.parked"),
};

interface Change {
  readonly paymentId: string | null;
  /** Why it was cancelled or needs attention. */
  readonly reason?: string;
  /** What the request is answered that placed it; the first answer stays. */
  readonly answer?: Answer;
}

/** The move with the event that tells of it. The transaction fails when the order is in another state than the move allows. */
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
