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
      "Mail server, e.g. smtps://user:password@mail.example.com. Without it, e-mails become files in DATA_DIR/mail.",
    ),
  ),
  MAIL_FROM: sender("Sender of e-mails.", "Madang <no-reply@madang.example>"),
  PUBLIC_URL: optional(
    url(
      ["https", "http"],
      "Address of the shop's pages. E-mails link to orders/<id> and notification-preferences below it. Without it, they have no links.",
    ),
  ),
  NOTIFICATION_TIME_ZONE: timeZone("Time zone of the dates in e-mails.", "UTC"),
  NOTIFICATION_RATE: count("The most messages that one node sends per second; 0 for no limit.", 50),
  NOTIFICATION_ATTEMPTS: count("Attempts before a message is given up.", 12, { least: 1, most: 1000 }),
  NOTIFICATION_RETRY_DELAY: duration(
    "Milliseconds before the second attempt. The pause doubles with each attempt, up to an hour.",
    2000,
  ),
  NOTIFICATION_LEASE: duration(
    "Milliseconds that a node may take for the messages that it claimed. A crash delays them by as much, and a message that takes longer is sent twice.",
    60_000,
    { least: 1000 },
  ),
});

export type NotificationConfig = typeof config;
