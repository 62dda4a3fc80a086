/** The providers of each channel, as the settings name them; without any, messages become files. */
import type { Database } from "#mixins/database/database.ts";
import { networksOf } from "#mixins/http/public-host.ts";
import type { NotificationConfig } from "./notification.config.ts";
import type { Providers } from "./notification.provider.ts";
import type { NotificationTables } from "./notification.repository.ts";
import * as preferences from "./preference.repository.ts";
import { inTurn } from "./providers/failover.provider.ts";
import { fileMail, smtpMail } from "./providers/mail.provider.ts";
import { filePush } from "./providers/push.provider.ts";
import { fileSms } from "./providers/sms.provider.ts";
import { twilioSms } from "./providers/twilio.provider.ts";
import { webPush } from "./providers/web-push.provider.ts";
import { receiptsOf } from "./receipt.mixin.ts";
import { vapidOf } from "./web-push.model.ts";

/** The name of what writes files instead of sending. */
export const FILES = "file";
/** The most messages that are being sent at once on one channel. */
export const CONCURRENCY = 8;

function mailOf({ SMTP_URL, SMTP_FALLBACK_URLS, MAIL_FROM }: NotificationConfig) {
  if (SMTP_URL === null) return fileMail(MAIL_FROM);
  const fallbacks = (SMTP_FALLBACK_URLS ?? "").split(",").filter(Boolean);
  return inTurn([SMTP_URL, ...fallbacks].map((url) => smtpMail(url.trim(), MAIL_FROM, CONCURRENCY)));
}

function smsOf(config: NotificationConfig) {
  const { SMS_URLS, NOTIFICATION_PROVIDER_TIMEOUT: timeout } = config;
  const receipts = receiptsOf(config);
  return SMS_URLS === null ? fileSms : inTurn(SMS_URLS.map((account) => twilioSms(account, { timeout, receipts })));
}

function pushOf(config: NotificationConfig, db: Database<NotificationTables>) {
  const { PUSH_VAPID_PRIVATE_KEY, PUSH_VAPID_SUBJECT, PUSH_NETWORKS, NOTIFICATION_PROVIDER_TIMEOUT: timeout } = config;
  if (PUSH_VAPID_PRIVATE_KEY === null) return filePush;
  return webPush({
    vapid: vapidOf(PUSH_VAPID_PRIVATE_KEY, PUSH_VAPID_SUBJECT!),
    networks: networksOf(PUSH_NETWORKS),
    timeout,
    forget: (subscription) => preferences.discard(db, subscription),
  });
}

export const providersOf = (config: NotificationConfig, db: Database<NotificationTables>): Providers => ({
  email: mailOf(config),
  sms: smsOf(config),
  push: pushOf(config, db),
});
