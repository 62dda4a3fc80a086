/** Every event of accounts that concerns a customer becomes a message, or is silent for a reason. */
import { account } from "../../services/account/account.contract.ts";
import { user } from "../../services/user/user.contract.ts";
import { notification } from "../../services/notification/notification.contract.ts";
import { templates } from "../../services/notification/notification.template.ts";

/** Events without a message, and why. */
const silent: Readonly<Record<string, string>> = {
  "account.entitlement_changed": "It tells services that something has changed; what it was has an event of its own.",
  "account.subscription_changed":
    "Its customer has just asked for it and sees the answer, or one of the other events tells it.",
  "account.profile_removed": "Its customer has just done it.",
  "user.deleted": "Whoever has left is not written to any more.",
};

it("tells customers of every event of their account, or says why not", () => {
  const told = Object.values(templates).map(({ event }) => event as string);
  const events = [account, user].flatMap(({ name, events: own }) => Object.keys(own).map((key) => `${name}.${key}`));
  expect(events.filter((name) => !(name in silent)).toSorted()).toEqual(
    told.filter((event) => /^(?:account|user)\./.test(event)).toSorted(),
  );
  expect(Object.keys(silent).filter((name) => !events.includes(name))).toEqual([]);
  expect(notification.subscribes).toEqual(expect.arrayContaining(told));
});
