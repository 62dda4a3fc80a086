/** The subscription of a person: one at a time, to a plan. */
import Type, { type Static } from "typebox";
import { action } from "#core/contract.ts";
import { Id, Money, Page, Strict, Text, Timestamp } from "#core/schema.ts";
import { InvoiceLine } from "./invoice.contract.ts";
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
    billing: Type.Enum(["settled", "paying"], { description: "Whether a payment of it is under way" }),
    reason: Type.Union([Type.String(), Type.Null()], { description: "Why it was cancelled, as a code" }),
    createdAt: Timestamp,
    version: Version,
  },
  { title: "Subscription" },
);
export type Subscription = Static<typeof Subscription>;

const Preview = Type.Object(
  {
    plan: Plan,
    lines: Type.Array(InvoiceLine),
    due: Type.Object(Money.properties, { description: "To be paid now" }),
    credited: Type.Object(Money.properties, { description: "Taken of the customer's credit" }),
    credit: Type.Object(Money.properties, { description: "Kept as credit for what comes" }),
    periodEnd: Timestamp,
    previewedAt: Type.String({ ...Timestamp, description: "Sent with the change, the price holds" }),
  },
  { title: "PlanChangePreview" },
);

export type Preview = Static<typeof Preview>;

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
    errors: ["PLAN_NOT_FOUND", "ALREADY_SUBSCRIBED", "PAYMENT_DECLINED", "PAYMENT_METHOD_INVALID"],
  }),
  previewChange: action({
    summary: "What a change of plan costs, before it is made",
    rest: "GET /subscription/preview/:planId",
    auth: "customer",
    input: Strict({ planId: Id }),
    output: Preview,
    errors: ["NOT_FOUND", "PLAN_NOT_FOUND", "NOT_POSSIBLE"],
  }),
  editSubscription: action({
    summary:
      "Change my plan, how I pay, or whether it ends with the period. The price of a preview holds for 15 minutes",
    rest: "PATCH /subscription",
    shownBy: "getSubscription",
    unfinished: { billing: ["paying"] },
    auth: "customer",
    concurrency: "write",
    timeout: LONG,
    input: Strict({
      version: Type.Optional(Version),
      planId: Type.Optional(Id),
      previewedAt: Type.Optional(Timestamp),
      cancelAtPeriodEnd: Type.Optional(Type.Boolean()),
      paymentMethod: Type.Optional(PaymentMethod),
    }),
    output: Subscription,
    errors: [
      "NOT_FOUND",
      "STALE_VERSION",
      "PLAN_NOT_FOUND",
      "NOT_POSSIBLE",
      "PREVIEW_EXPIRED",
      "PAYMENT_DECLINED",
      "PAYMENT_METHOD_INVALID",
    ],
  }),
  pause: action({
    summary: "Pause my subscription: what is left of the period is kept. It goes on by itself after 90 days",
    rest: "POST /subscription/pause",
    auth: "customer",
    input: Strict({}),
    output: Subscription,
    errors: ["NOT_FOUND", "NOT_POSSIBLE"],
  }),
  resume: action({
    summary: "Go on with my paused subscription",
    rest: "POST /subscription/resume",
    auth: "customer",
    input: Strict({}),
    output: Subscription,
    errors: ["NOT_FOUND", "NOT_POSSIBLE"],
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
