/** The contract of the notification service: a person's messages, preferences and browsers, and the templates. */
import Type, { type Static } from "typebox";
import { action, defineContract, job } from "#core/contract.ts";
import { Id, Page, paging, Strict, Timestamp } from "#core/schema.ts";
import { audit } from "#mixins/audit/audit.contract.ts";
import { inbox } from "#mixins/inbox/inbox.contract.ts";
import { jobs } from "#mixins/jobs/jobs.contract.ts";
import { deliveryLog } from "./delivery.contract.ts";
import { channels, statuses } from "./notification.model.ts";
import { choices, preferenceErrors } from "./preference.contract.ts";
import { pushErrors, pushes } from "./push.contract.ts";
import { receiptErrors, receipts } from "./receipt.contract.ts";
import { restockErrors, restocks } from "./restock.contract.ts";
import { templateErrors, templates } from "./template.contract.ts";

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
      description:
        "What it is about: an order, or an invoice, a subscription, a product, or something about the account",
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

export const notification = defineContract("notification", {
  summary: "E-mail, text and push messages: delivery log, preferences and templates",
  blocks: [audit, inbox, jobs, choices, deliveryLog, pushes, receipts, restocks, templates],
  uses: ["user.contact", "user.lookupMails", "order.lookup", "product.lookup"],
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
    "order.cart_abandoned",
    "order.guest_erased",
    "payment.refunded",
    "payment.disputed",
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
    "user.api_key_changed",
    "product.restocked",
    "user.points_changed",
    "user.points_reminded",
    "user.deleted",
  ],
  errors: {
    ...preferenceErrors,
    ...pushErrors,
    ...receiptErrors,
    ...restockErrors,
    ...templateErrors,
  },
  jobs: {
    removeOld: job({ summary: "Remove old messages from the log", input: Strict({}), cron: "41 * * * *" }),
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
  },
});

declare module "#core/contract.ts" {
  interface Contracts {
    notification: typeof notification;
  }
}
