/** The notification service's settings. */
import { count, defineConfig, duration, optional, text } from "#core/config.ts";

export const config = defineConfig("notification", {
  SMTP_URL: optional(
    text("Mail server, e.g. smtps://user:password@mail.example.com; without it e-mails become files in DATA_DIR/mail."),
  ),
  MAIL_FROM: text("Sender of e-mails.", "Madang <no-reply@madang.example>"),
  NOTIFICATION_RATE: count("Messages that one node sends in a second at most; 0 is as fast as it can.", 50),
  NOTIFICATION_ATTEMPTS: count("Attempts before a message is given up.", 12),
  NOTIFICATION_RETRY_DELAY: duration(
    "Milliseconds before the second attempt; doubled for each one after, up to an hour.",
    2000,
  ),
});

export type NotificationConfig = typeof config;
