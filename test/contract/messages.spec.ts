/** Every event of the account that concerns a customer becomes a message, or is silent for a reason. */
import { account } from "../../services/account/account.contract.ts";
import { notification } from "../../services/notification/notification.contract.ts";
import { templates } from "../../services/notification/notification.template.ts";

/** Events without a message, and why. */
const silent: Readonly<Record<string, string>> = {
  entitlement_changed: "It tells services that something has changed; what it was has an event of its own.",
  subscription_changed: "Its customer has just asked for it and sees the answer, or one of the other events tells it.",
  profile_removed: "Its customer has just done it.",
};

it("tells customers of every event of their account, or says why not", () => {
  const told = Object.values(templates).map(({ event }) => event as string);
  const events = Object.keys(account.events).filter((name) => !(name in silent));
  expect(events.map((name) => `account.${name}`).toSorted()).toEqual(
    told.filter((event) => event.startsWith("account.")).toSorted(),
  );
  expect(Object.keys(silent).filter((name) => !(name in account.events))).toEqual([]);
  expect(notification.subscribes).toEqual(expect.arrayContaining(told));
});
