/** The contract of the account service: plans, subscriptions, viewer profiles, and what they entitle to. */
import Type from "typebox";
import { action, defineContract, event, job } from "#core/contract.ts";
import { Id, Money, Strict, Timestamp } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { jobs } from "#mixins/jobs/jobs.contract.ts";
import { outbox } from "#mixins/outbox/outbox.contract.ts";
import { saga } from "#mixins/saga/saga.contract.ts";
import { clockActions } from "./clock.contract.ts";
import { errors } from "./error.contract.ts";
import { invoiceActions } from "./invoice.contract.ts";
import { messageEvents } from "./message.contract.ts";
import { MaxHeight, MaxStreams, planActions } from "./plan.contract.ts";
import { Pin, profileActions } from "./profile.contract.ts";
import { Status, subscriptionActions } from "./subscription.contract.ts";
import { titles } from "./title.contract.ts";

const Watcher = Type.Object({
  id: Id,
  name: Type.String(),
  language: Type.Enum(["en", "ko"]),
  isKids: Type.Boolean(),
  maxRating: Type.Union([Type.Integer(), Type.Null()]),
});

/** A node that dies counts as a failure, and money is at stake: a person looks after most of a day. */
const PATIENT = 1000;

export const account = defineContract("account", {
  summary: "Plans, subscriptions, viewer profiles and entitlements",
  blocks: [audit, inbox, jobs, outbox, saga, titles],
  uses: ["content.offer", "payment.authorize", "payment.capture", "payment.reverse"],
  subscribes: ["order.cancelled", "order.confirmed", "payment.decided", "payment.refunded", "user.deleted"],
  jobs: {
    renew: job({
      summary: "Do what a subscription is due for: the next period, another attempt at a payment, its end",
      input: Strict({ subscriptionId: Id, at: Timestamp }),
      personal: true,
      attempts: PATIENT,
    }),
    remindTrial: job({
      summary: "Remind a person that their trial ends, unless it has ended or will end with the period",
      input: Strict({ subscriptionId: Id, trialEnd: Timestamp }),
      personal: true,
    }),
    catchUp: job({
      summary: "Add renewals again that are overdue, because their jobs were lost or are dead",
      input: Strict({}),
      cron: "7 * * * *",
    }),
    noteRefund: job({
      summary: "Write the credit note of a refund whose event came before the end of its payment",
      input: Strict({ attempt: Id, refundId: Id, amount: Money }),
      attempts: PATIENT,
    }),
    advance: job({
      summary: "Move an account's test clock on",
      input: Strict({ to: Timestamp }),
      personal: true,
      attempts: PATIENT,
    }),
  },
  errors,
  actions: {
    entitle: action({
      summary: "What a person may watch a film by, as this profile",
      auth: "service",
      idempotent: true,
      input: Strict({
        userId: Id,
        profileId: Id,
        videoId: Id,
        pin: Type.Optional(Pin),
        isPlaying: Type.Optional(Type.Boolean()),
      }),
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
    ...invoiceActions,
    ...clockActions,
  },
  events: {
    entitlement_changed: event({
      version: 1,
      summary: "What a person may watch has changed: ask again",
      data: Type.Object({
        userId: Id,
        entitled: Type.Boolean({
          description: "Whether a subscription entitles them; beside `videoId`, whether that film is theirs",
        }),
        videoId: Type.Optional(Id),
      }),
    }),
    subscription_changed: event({
      version: 1,
      summary: "A subscription began, or changed its state or its plan",
      data: Type.Object({ userId: Id, subscriptionId: Id, status: Status, plan: Type.String() }),
    }),
    ...messageEvents,
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
