/** The subscription of a person: one at a time, to a plan. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Money, Page, Strict, Text, Timestamp } from "#core/schema.ts";
import { Interval, Plan, Version } from "./plan.contract.ts";
import { statuses } from "./subscription.model.ts";

const orNull = <const T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const Status = Type.Enum(statuses);
export const PaymentMethod = Text(100);

export const Subscription = Type.Object(
  {
    id: Id,
    plan: Plan,
    /** `pending` until the first payment of a subscription without a trial. */
    status: Status,
    price: Money,
    interval: Interval,
    periodStart: Timestamp,
    periodEnd: Timestamp,
    trialEnd: orNull(Timestamp),
    cancelAtPeriodEnd: Type.Boolean(),
    resumesAt: Type.Union([Timestamp, Type.Null()], { description: "When a paused one goes on by itself" }),
    nextAttemptAt: Type.Union([Timestamp, Type.Null()], { description: "When an overdue payment is tried again" }),
    endedAt: orNull(Timestamp),
    reason: Type.Union([Type.String(), Type.Null()], { description: "Why it was cancelled, as a code" }),
    createdAt: Timestamp,
    version: Version,
  },
  { title: "Subscription" },
);
export type Subscription = Static<typeof Subscription>;

/** Milliseconds: longer than the answer budget. */
const LONG = 10_000;

export const subscriptionActions = {
  getSubscription: action({
    summary: "My subscription, or the last one that I had",
    rest: "GET /subscription",
    auth: "customer",
    concurrency: "read",
    input: Strict({}),
    output: Subscription,
    errors: ["NOT_FOUND"],
  }),
  listSubscriptions: action({
    summary: "All subscriptions that I had, newest first",
    export: "subscriptions",
    auth: "customer",
    input: Strict({}),
    output: Page(Subscription),
  }),
  subscribe: action({
    summary: "Subscribe to a plan. The first time begins with the plan's trial",
    rest: "POST /subscription",
    status: 201,
    shownBy: "getSubscription",
    unfinished: { status: ["pending"] },
    auth: "customer",
    idempotent: true,
    timeout: LONG,
    input: Strict({ planId: Id, paymentMethod: PaymentMethod }),
    output: Subscription,
    errors: ["PLAN_NOT_FOUND", "ALREADY_SUBSCRIBED", "NOT_POSSIBLE", "PAYMENT_DECLINED", "PAYMENT_METHOD_INVALID"],
  }),
  cancel: action({
    summary: "Cancel my subscription at once. `cancelAtPeriodEnd` lets it run until then instead",
    rest: "DELETE /subscription",
    auth: "customer",
    input: Strict({}),
    output: Subscription,
    errors: ["NOT_FOUND"],
  }),
};
