/** The contract of the notification service: a person's messages, preferences and browsers, and the templates. */
import Type, { type Static } from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { refused } from "#core/errors.ts";
import { ById, Code, Id, Nothing, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { channels, languages, statuses } from "./notification.model.ts";

export const Notification = Type.Object(
  {
    id: Id,
    channel: Type.Enum([...channels]),
    template: Type.String(),
    /** In the language of the request, as it was or will be sent. */
    title: Type.String(),
    body: Type.String(),
    orderId: Type.String({
      ...Id,
      description: "What it is about: an order, or an invoice, a subscription, or something about the account",
    }),
    status: Type.Enum([...statuses]),
    reason: Type.Union([Type.String(), Type.Null()], { description: "Why it was suppressed, such as UNVERIFIED" }),
    createdAt: Timestamp,
    sentAt: Type.Union([Timestamp, Type.Null()]),
  },
  { title: "Notification" },
);
export type Notification = Static<typeof Notification>;

const wanted = { email: Type.Boolean(), sms: Type.Boolean(), push: Type.Boolean() };
const Version = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const Preferences = Type.Object({ ...wanted, version: Version }, { title: "Preferences" });

/** As browsers write it (`JSON.stringify(subscription)`), so `expirationTime` is read though nothing depends on it. */
const NewPushSubscription = Strict({
  endpoint: Code("^https://[^\\s/]+/[^\\s]*$", 1000),
  expirationTime: Type.Optional(
    Type.Union([Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), Type.Null()]),
  ),
  keys: Strict({
    p256dh: Code("^[A-Za-z0-9_-]+=*$", 100),
    auth: Code("^[A-Za-z0-9_-]+=*$", 30),
  }),
});

const KeptPushSubscription = Type.Object(
  { id: Id, endpoint: Type.String(), createdAt: Timestamp },
  { title: "PushSubscription" },
);

const TemplateEntry = Type.Object(
  { name: Type.String(), event: Type.String(), languages: Type.Array(Type.String()) },
  { title: "NotificationTemplate" },
);

export const notification = defineContract("notification", {
  summary: "E-mail, text and push messages: delivery log, preferences and templates",
  blocks: [inbox],
  uses: ["user.contact", "user.lookupMails", "order.lookup"],
  subscribes: [
    "payment.captured",
    "order.confirmed",
    "order.cancelled",
    "payment.refunded",
    "account.invoice_paid",
    "account.invoice_refunded",
    "account.payment_failed",
    "account.trial_reminded",
    "account.subscription_ended",
    "user.verification_requested",
    "user.email_changed",
    "user.password_reset_requested",
    "user.password_changed",
    "user.sign_in_noticed",
    "user.second_factor_changed",
    "user.deleted",
  ],
  errors: {
    SUBSCRIPTIONS_FULL: refused(
      "No more browsers can receive push messages",
      "푸시 알림을 받을 브라우저를 더 등록할 수 없습니다",
      "Unsubscribe a browser that is no longer used, then try again.",
      "더 이상 사용하지 않는 브라우저의 구독을 해지한 다음 다시 시도해 주세요.",
    ),
  },
  actions: {
    list: action({
      summary: "My messages, newest first",
      rest: "GET /notifications",
      export: "messages",
      auth: "customer",
      input: Strict(paging),
      output: Page(Notification),
    }),
    getPreferences: action({
      summary: "Which channels I want",
      rest: "GET /notification-preferences",
      export: "preferences",
      auth: "customer",
      concurrency: "read",
      input: Strict({}),
      output: Preferences,
    }),
    setPreferences: action({
      summary: "Choose the channels I want",
      rest: "PUT /notification-preferences",
      auth: "customer",
      concurrency: "write",
      input: Strict({ ...wanted, version: Type.Optional(Version) }),
      output: Preferences,
      errors: ["STALE_VERSION"],
    }),
    subscribe: action({
      summary: "Let a browser receive push messages",
      rest: "POST /push-subscriptions",
      keyless: "A browser has one subscription, whose address is a secret: asked again, it is the same one.",
      status: 201,
      auth: "customer",
      input: NewPushSubscription,
      output: KeptPushSubscription,
      errors: ["SUBSCRIPTIONS_FULL"],
    }),
    listSubscriptions: action({
      summary: "Browsers that receive my push messages: so few that one page holds them",
      rest: "GET /push-subscriptions",
      export: "pushSubscriptions",
      auth: "customer",
      input: Strict({}),
      output: Page(KeptPushSubscription),
    }),
    unsubscribe: action({
      summary: "Stop push messages to a browser",
      rest: "DELETE /push-subscriptions/:id",
      status: 204,
      auth: "customer",
      input: ById,
      output: Nothing,
      errors: ["NOT_FOUND"],
    }),
    listTemplates: action({
      summary: "Templates of messages",
      rest: "GET /notification-templates",
      auth: "staff",
      input: Strict({}),
      output: Type.Object({ items: Type.Array(TemplateEntry) }),
    }),
    previewTemplate: action({
      summary: "A template with sample data",
      rest: "GET /notification-templates/:name/preview",
      auth: "staff",
      input: Strict({ name: Text(50), language: Type.Optional(Type.Enum([...languages])) }),
      output: Type.Object({ subject: Type.String(), text: Type.String(), html: Type.String() }),
      errors: ["NOT_FOUND"],
    }),
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    notification: typeof notification;
  }
}
