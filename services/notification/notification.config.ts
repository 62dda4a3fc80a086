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
  NOTIFICATION_LEASE: duration(
    "Milliseconds that a node has for the messages it took: a crash delays them by so much, and slower ones are sent twice.",
    60_000,
  ),
});

export type NotificationConfig = typeof config;
