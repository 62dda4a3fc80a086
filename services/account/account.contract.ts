/** The contract of the account service: plans, subscriptions, viewer profiles, and what they entitle to. */
import Type from "typebox";
import { action, defineContract, event } from "#core/contract.ts";
import { Id, Strict, Timestamp } from "#core/schema.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { errors } from "./error.contract.ts";
import { MaxHeight, MaxStreams, planActions } from "./plan.contract.ts";
import { Pin, profileActions } from "./profile.contract.ts";
import { Status, subscriptionActions } from "./subscription.contract.ts";

const Watcher = Type.Object({
  id: Id,
  name: Type.String(),
  language: Type.Enum(["en", "ko"]),
  isKids: Type.Boolean(),
  maxRating: Type.Union([Type.Integer(), Type.Null()]),
});

export const account = defineContract("account", {
  summary: "Plans, subscriptions, viewer profiles and entitlements",
  blocks: [inbox, outbox],
  subscribes: ["user.deleted"],
  errors,
  actions: {
    entitle: action({
      summary: "What a person may watch a film by, as this profile",
      auth: "service",
      idempotent: true,
      input: Strict({ userId: Id, profileId: Id, videoId: Id, pin: Type.Optional(Pin) }),
      output: Type.Object({
        source: Type.Enum(["subscription", "purchase", "rental"]),
        /** The plan's code. */
        plan: Type.Union([Type.String(), Type.Null()]),
        maxStreams: MaxStreams,
        maxHeight: MaxHeight,
        /** When to ask again at the latest. */
        until: Type.Union([Timestamp, Type.Null()]),
        profile: Watcher,
      }),
      errors: ["NOT_ENTITLED", "PROFILE_NOT_FOUND", "PIN_REQUIRED", "PIN_WRONG", "RATE_LIMITED"],
    }),
    ...planActions,
    ...profileActions,
    ...subscriptionActions,
  },
  events: {
    entitlement_changed: event({
      version: 1,
      summary: "What a person may watch has changed: ask again",
      data: Type.Object({
        userId: Id,
        entitled: Type.Boolean({ description: "Whether a subscription entitles them" }),
        videoId: Type.Optional(Id),
      }),
    }),
    subscription_changed: event({
      version: 1,
      summary: "A subscription began, or changed its state or its plan",
      data: Type.Object({ userId: Id, subscriptionId: Id, status: Status, plan: Type.String() }),
    }),
    profile_removed: event({
      version: 1,
      summary: "A viewer profile was removed: what it watched must go",
      data: Type.Object({ userId: Id, profileId: Id }),
    }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    account: typeof account;
  }
}
