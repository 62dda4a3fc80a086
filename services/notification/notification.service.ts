/** Notifications inform customers about their payments and orders, on the channels that they chose. */
import { DAY, now, timestamp } from "#core/clock.ts";
import { userId } from "#core/context.ts";
import { implement } from "#core/implement.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { jobs } from "#mixins/jobs/jobs.mixin.ts";
import { forget } from "./erasure.repository.ts";
import { deliveryLog } from "./delivery.mixin.ts";
import { removeOld } from "./delivery.repository.ts";
import { dispatch } from "./dispatch.mixin.ts";
import { config, type NotificationConfig } from "./notification.config.ts";
import { notification as contract } from "./notification.contract.ts";
import { toNotification } from "./notification.projection.ts";
import * as deliveries from "./notification.repository.ts";
import { choices } from "./preference.mixin.ts";
import { pushes } from "./push.mixin.ts";
import { receipts } from "./receipt.mixin.ts";
import { restockAlerts } from "./restock.mixin.ts";
import { toStaff } from "./staff.model.ts";
import * as restocks from "./restock.repository.ts";
import * as suppressions from "./suppression.repository.ts";
import { templates } from "./template.mixin.ts";
import * as versions from "./template.repository.ts";

/** The service with other settings than the environment's. */
export const notificationService = (settings: NotificationConfig) =>
  implement(contract, {
    mixins: [
      database<deliveries.NotificationTables>({ migrations: new URL("./migrations/", import.meta.url) }),
      idempotency(),
      audit(),
      dispatch(settings),
      jobs(contract),
      choices(settings),
      deliveryLog(settings),
      pushes(settings),
      receipts(settings),
      restockAlerts(settings),
      templates(settings),
      inbox(),
      erasure(forget),
    ],

    actions: {
      async list(ctx) {
        const { language = "en" } = ctx.meta;
        const { NOTIFICATION_TIME_ZONE: timeZone } = settings;
        const { items, nextCursor } = await deliveries.list(this.db, userId(ctx), ctx.params);
        const chosen = await versions.chosenFor(this.db, items);
        return { items: items.map((row) => toNotification(row, language, timeZone, chosen(row).content)), nextCursor };
      },
    },

    events: {
      async "payment.captured"(event, tx) {
        if (event.data.purpose !== "invoice") await this.dispatch.add(tx, "payment-received", event);
      },
      "order.confirmed"(event, tx) {
        return this.dispatch.add(tx, "order-confirmed", event);
      },
      "order.cancelled"(event, tx) {
        return this.dispatch.add(tx, "order-cancelled", event);
      },
      "order.items_cancelled"(event, tx) {
        return this.dispatch.add(tx, "items-cancelled", event);
      },
      "order.shipped"(event, tx) {
        return this.dispatch.add(tx, "order-shipped", event);
      },
      "order.delivered"(event, tx) {
        return this.dispatch.add(tx, "order-delivered", event);
      },
      "order.delivery_failed"(event, tx) {
        return this.dispatch.add(tx, "delivery-failed", event);
      },
      "order.return_approved"(event, tx) {
        return this.dispatch.add(tx, "return-approved", event);
      },
      "order.return_rejected"(event, tx) {
        return this.dispatch.add(tx, "return-rejected", event);
      },
      "order.returned"(event, tx) {
        return this.dispatch.add(tx, "return-received", event);
      },
      "order.cart_abandoned"(event, tx) {
        return this.dispatch.add(tx, "cart-reminder", event);
      },
      async "payment.refunded"(event, tx) {
        if (event.data.purpose !== "invoice") await this.dispatch.add(tx, "payment-refunded", event);
      },
      async "payment.disputed"(event, tx) {
        if (settings.NOTIFICATION_STAFF_EMAIL !== null)
          await this.dispatch.add(tx, "payment-disputed", { ...event, data: toStaff(event.data) });
      },
      "account.invoice_paid"(event, tx) {
        return this.dispatch.add(tx, "invoice-paid", event);
      },
      "account.invoice_refunded"(event, tx) {
        return this.dispatch.add(tx, "invoice-refunded", event);
      },
      "account.payment_failed"(event, tx) {
        return this.dispatch.add(tx, "payment-failed", event);
      },
      "account.trial_reminded"(event, tx) {
        return this.dispatch.add(tx, "trial-ends", event);
      },
      "account.subscription_ended"(event, tx) {
        return this.dispatch.add(tx, "subscription-ended", event);
      },
      "product.restocked"({ data }, tx) {
        tx.add(restocks.announce(data.productId));
        tx.afterCommit(() => this.restocks.wake());
      },
      "user.points_changed"(event, tx) {
        return this.dispatch.add(tx, "points-changed", event);
      },
      "user.points_reminded"(event, tx) {
        return this.dispatch.add(tx, "points-expiring", event);
      },
      "user.verification_requested"(event, tx) {
        return this.dispatch.add(tx, "verification", event);
      },
      "user.email_changed"(event, tx) {
        return this.dispatch.add(tx, "email-changed", event);
      },
      "user.password_reset_requested"(event, tx) {
        return this.dispatch.add(tx, "password-reset", event);
      },
      "user.password_changed"(event, tx) {
        return this.dispatch.add(tx, "password-changed", event);
      },
      "user.sign_in_noticed"(event, tx) {
        return this.dispatch.add(tx, "sign-in-noticed", event);
      },
      "user.second_factor_changed"(event, tx) {
        return this.dispatch.add(tx, "second-factor-changed", event);
      },
      "user.api_key_changed"(event, tx) {
        return this.dispatch.add(tx, "api-key-changed", event);
      },
      async "order.guest_erased"({ data }, tx) {
        // The log of the others stays, and it names nobody.
        if (data.hasOthers !== true) await this.erasure.begin(tx, data.guestId);
      },
      "user.deleted"({ data }, tx) {
        return this.erasure.begin(tx, data.userId);
      },
    },

    jobs: {
      async removeOld({ signal }) {
        const before = timestamp(now() - settings.NOTIFICATION_KEEP * DAY);
        while (await removeOld(this.db, before)) signal.throwIfAborted();
        await suppressions.removeOld(this.db, before);
        await restocks.removeOld(this.db, before);
        return {};
      },
    },
  });

export default notificationService(config);
