/** The notification service's settings. */
import { count, defineConfig, duration, optional, setting, url } from "#core/config.ts";
import { mailbox } from "#core/email.ts";

/** An address, alone or in angle brackets behind a name without them (RFC 5322, section 3.4). */
const MAILBOX = /^(?:(?:"[^"\\]*"|[^"<>@,;:\\]*) ?<(?<inner>[^<>]+)>|(?<bare>[^<>]+))$/;
const sender = setting("an e-mail address, such as Madang <no-reply@madang.example>", (value) => {
  const { inner, bare = inner ?? "" } = MAILBOX.exec(value)?.groups ?? {};
  return mailbox(bare) === undefined ? undefined : value;
});

const timeZone = setting("a time zone such as Asia/Seoul or UTC", (value) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
});

export const config = defineConfig("notification", {
  SMTP_URL: optional(
    url(
      ["smtp", "smtps"],
      "Mail server, e.g. smtps://user:password@mail.example.com; without it e-mails become files in DATA_DIR/mail.",
    ),
  ),
  MAIL_FROM: sender("Sender of e-mails.", "Madang <no-reply@madang.example>"),
  PUBLIC_URL: optional(
    url(
      ["https", "http"],
      "Address of the shop's pages: e-mails link to orders/<id> and notification-preferences below it; without it they have no links.",
    ),
  ),
  NOTIFICATION_TIME_ZONE: timeZone("Time zone of the dates in e-mails.", "UTC"),
  NOTIFICATION_RATE: count("Messages that one node sends in a second at most; 0 is as fast as it can.", 50),
  NOTIFICATION_ATTEMPTS: count("Attempts before a message is given up.", 12, { least: 1, most: 1000 }),
  NOTIFICATION_RETRY_DELAY: duration(
    "Milliseconds before the second attempt; doubled for each one after, up to an hour.",
    2000,
  ),
  NOTIFICATION_LEASE: duration(
    "Milliseconds that a node has for the messages it took: a crash delays them by so much, and slower ones are sent twice.",
    60_000,
    { least: 1000 },
  ),
});

export type NotificationConfig = typeof config;
