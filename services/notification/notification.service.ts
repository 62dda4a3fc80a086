/** Notifications inform customers about their payments and orders, on the channels that they chose. */
import { userId } from "#core/context.ts";
import { implement } from "#core/implement.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { erasure } from "#mixins/erasure/erasure.mixin.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { forget } from "./erasure.repository.ts";
import { dispatch } from "./dispatch.mixin.ts";
import { config, type NotificationConfig } from "./notification.config.ts";
import { notification as contract } from "./notification.contract.ts";
import { languages } from "./notification.model.ts";
import { toNotification } from "./notification.projection.ts";
import * as deliveries from "./notification.repository.ts";
import { render, sampleSurroundings, type TemplateName, templateNames, templates } from "./notification.template.ts";
import * as preferences from "./preference.repository.ts";
import { pushes } from "./push.mixin.ts";
import { receipts } from "./receipt.mixin.ts";

/** The service with other settings than the environment's. */
export const notificationService = (settings: NotificationConfig) =>
  implement(contract, {
    mixins: [
      database<deliveries.NotificationTables>({ migrations: new URL("./migrations/", import.meta.url) }),
      dispatch(settings),
      pushes(settings),
      receipts(settings),
      inbox(),
      erasure(forget),
    ],

    actions: {
      list(ctx) {
        const { language = "en" } = ctx.meta;
        const { NOTIFICATION_TIME_ZONE: timeZone } = settings;
        return deliveries.list(this.db, userId(ctx), ctx.params, (row) => toNotification(row, language, timeZone));
      },

      getPreferences(ctx) {
        return preferences.find(this.db, userId(ctx));
      },

      setPreferences(ctx) {
        const { version, ...wanted } = ctx.params;
        return this.db.write(async (tx) => {
          const { version: before } = await preferences.find(tx, userId(ctx));
          const stale = version !== undefined && version !== before;
          if (stale || !(await preferences.choose(tx, userId(ctx), wanted, before)))
            throw contract.error("STALE_VERSION");
          return { ...wanted, version: before + 1 };
        });
      },

      listTemplates: () => ({
        items: templateNames.map((name) => ({ name, event: templates[name].event, languages: [...languages] })),
      }),

      previewTemplate(ctx) {
        const { name, language = ctx.meta.language ?? "en" } = ctx.params;
        if (!Object.hasOwn(templates, name)) throw contract.error("NOT_FOUND");
        const known = name as TemplateName;
        const { subject, text, html } = render(
          known,
          language,
          templates[known].sample,
          sampleSurroundings(settings, language),
        );
        return { subject, text, html };
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
      async "payment.refunded"(event, tx) {
        if (event.data.purpose !== "invoice") await this.dispatch.add(tx, "payment-refunded", event);
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
      "user.deleted"({ data }, tx) {
        return this.erasure.begin(tx, data.userId);
      },
    },
  });

export default notificationService(config);
