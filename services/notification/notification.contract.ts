/** The contract of the notification service: a person's messages, preferences and browsers, and the templates. */
import Type, { type Static } from "typebox";
import { action, defineContract } from "#core/contract.ts";
import { Id, Page, paging, Strict, Text, Timestamp } from "#core/schema.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { channels, languages, statuses } from "./notification.model.ts";
import { pushErrors, pushes } from "./push.contract.ts";
import { receiptErrors, receipts } from "./receipt.contract.ts";

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
    deliveredAt: Type.Optional(
      Type.Union([Timestamp, Type.Null()], { description: "When its arrival was reported, which text messages have" }),
    ),
  },
  { title: "Notification" },
);
export type Notification = Static<typeof Notification>;

const wanted = { email: Type.Boolean(), sms: Type.Boolean(), push: Type.Boolean() };
const Version = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
const Preferences = Type.Object({ ...wanted, version: Version }, { title: "Preferences" });

const TemplateEntry = Type.Object(
  { name: Type.String(), event: Type.String(), languages: Type.Array(Type.String()) },
  { title: "NotificationTemplate" },
);

export const notification = defineContract("notification", {
  summary: "E-mail, text and push messages: delivery log, preferences and templates",
  blocks: [inbox, pushes, receipts],
  uses: ["user.contact", "user.lookupMails", "order.lookup"],
  subscribes: [
    "payment.captured",
    "order.confirmed",
    "order.cancelled",
    "order.items_cancelled",
    "order.shipped",
    "order.delivered",
    "order.delivery_failed",
    "order.return_approved",
    "order.return_rejected",
    "order.returned",
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
    ...pushErrors,
    ...receiptErrors,
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
