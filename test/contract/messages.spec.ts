/** Every event becomes a message to a customer or to staff, or is silent for a reason. */
import { notification } from "../../services/notification/notification.contract.ts";
import { templates } from "../../services/notification/notification.template.ts";
import { contracts } from "../support/fixtures/source.ts";

/** Events without a message, and why. */
const silent: Readonly<Record<string, string>> = {
  "account.entitlement_changed": "It tells services that something has changed; what it was has an event of its own.",
  "account.subscription_changed":
    "Its customer has just asked for it and sees the answer, or one of the other events tells it.",
  "account.profile_removed": "Its customer has just done it.",
  "user.deleted": "Whoever has left is not written to any more.",
  "order.claimed": "Its customer has just done it.",
  "order.guest_erased": "Nobody is written to any more.",
  "order.placed": "Its customer sees the answer, and the confirmation or the cancellation follows.",
  "order.return_requested": "Its customer has just asked for it, and is told whether it is approved.",
  "order.refunded": "The refund of the payment is told.",
  "order.parked": "A person of the shop looks at it, and one of the other events tells how it ends.",
  "payment.authorized": "A step of the order, whose end is told.",
  "payment.decided": "A step of the order, whose end is told.",
  "payment.failed": "The cancellation of the order says why.",
  "payment.cancelled": "The cancellation of the order says that nothing was charged.",
  "payment.expired": "The shop acts on it, and one of the other events tells how the order ends.",
  "payment.mismatched": "It is between the provider and the shop.",
  "product.stock_dropped": "It is for the shop.",
  "product.stock_exhausted": "It is for the shop.",
  "content.published": "It is about a film, and nobody's in particular.",
  "content.encoded": "It is for the shop.",
  "content.failed": "It is for the shop.",
  "content.removed": "It is about a film, and players tell whoever watches it.",
  "playback.started": "Its customer has just done it.",
  "playback.ended": "Its customer has just done it.",
  "playback.watched": "Its customer has just done it.",
  "playback.rated": "Its customer has just done it.",
};

it("tells customers or staff of every event, or says why not", () => {
  const told = Object.values(templates).map(({ event }) => event as string);
  const events = [...contracts.values()].flatMap(({ name, events: own = {} }) =>
    Object.keys(own).map((key) => `${name}.${key}`),
  );
  expect(events.filter((name) => !(name in silent)).toSorted()).toEqual(told.toSorted());
  expect(Object.keys(silent).filter((name) => !events.includes(name))).toEqual([]);
  expect(notification.subscribes).toEqual(expect.arrayContaining(told));
});
