/** The notification service's settings. */
import { randomBytes } from "node:crypto";
import {
  ConfigError,
  count,
  defineConfig,
  duration,
  generatedSecret,
  oneOf,
  optional,
  secret,
  setting,
  url,
  urls,
} from "#core/config.ts";
import { mailbox } from "#core/email.ts";
import { networks } from "#mixins/http/public-host.ts";
import { languages } from "./notification.model.ts";
import { accountsOf } from "./twilio.model.ts";
import { isVapidKey } from "./web-push.model.ts";

/** An address, alone or in angle brackets behind a name without them (RFC 5322, section 3.4). */
const MAILBOX = /^(?:(?:"[^"\\]*"|[^"<>@,;:\\]*) ?<(?<inner>[^<>]+)>|(?<bare>[^<>]+))$/;
const sender = setting("an e-mail address, such as Madang <no-reply@madang.example>", (value) => {
  const { inner, bare = inner ?? "" } = MAILBOX.exec(value)?.groups ?? {};
  return mailbox(bare) === undefined ? undefined : value;
});

const address = setting("an e-mail address, such as payments@madang.example", (value) =>
  mailbox(value) === undefined ? undefined : value,
);

const timeZone = setting("a time zone such as Asia/Seoul or UTC", (value) => {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: value }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
});

const smsAccounts = setting(
  "URLs such as https://ACCOUNT:TOKEN@api.twilio.com?from=%2B15551234567, separated by commas",
  accountsOf,
  { isSecret: true },
);

const vapidKey = setting(
  "a private key of the curve P-256: 32 bytes in Base64url",
  (value) => (isVapidKey(value) ? value : undefined),
  { isSecret: true },
);

const contact = setting("an address such as mailto:operator@shop.example or https://shop.example", (value) =>
  /^mailto:[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) || (value.startsWith("https://") && URL.canParse(value))
    ? value
    : undefined,
);

export const config = defineConfig("notification", {
  SMTP_URL: optional(
    url(
      ["smtp", "smtps"],
      "Mail server, e.g. smtps://user:password@mail.example.com. Without it, e-mails become files in DATA_DIR/mail.",
    ),
  ),
  SMTP_FALLBACK_URLS: optional(
    urls(["smtp", "smtps"], "Mail servers that take over, in this order, while the one of SMTP_URL is down."),
  ),
  SMS_URLS: optional(
    smsAccounts(
      "Providers of text messages with the API of Twilio, the preferred one first: account, token and sender of each. Without them, text messages become files in DATA_DIR/sms.",
    ),
  ),
  PUSH_VAPID_PRIVATE_KEY: optional(
    vapidKey("Key by which push services know us. Without it, push messages become files in DATA_DIR/push."),
  ),
  PUSH_VAPID_SUBJECT: optional(contact("Whom a push service may ask about our messages.")),
  PUSH_NETWORKS: optional(
    networks("Networks beside the internet in which push services may be, such as 10.1.0.0/16 for one of your own."),
  ),
  NOTIFICATION_API_URL: optional(
    url(
      ["https", "http"],
      "Address of the HTTP gateway as others reach it. E-mails have links below it that stop their kind with one click, and providers of text messages report there what became of a message; without it, there is neither.",
    ),
  ),
  NOTIFICATION_KEY: optional(
    secret(32)(
      "Secret of at least 32 characters that signs the links which stop a kind of e-mails. It is generated when it is not set. All nodes of the service need the same.",
    ),
  ),
  NOTIFICATION_BOUNCE_SECRET: optional(
    secret(24)(
      "Secret, whsec_…, with which a mail service signs its reports of bounces and complaints to /api/v1/notification-bounces (Standard Webhooks, as Resend sends them).",
    ),
  ),
  NOTIFICATION_KEEP: count("Days for which the log of messages is kept.", 365, { least: 2, most: 3650 }),
  NOTIFICATION_PROVIDER_TIMEOUT: duration(
    "Milliseconds that a provider of text messages, or a push service, may take to answer.",
    10_000,
    { most: 60_000 },
  ),
  MAIL_FROM: sender("Sender of e-mails.", "Madang <no-reply@madang.example>"),
  NOTIFICATION_STAFF_EMAIL: optional(
    address(
      "Address of the staff who look after payments. It gets an e-mail about each dispute; without it, none is sent.",
    ),
  ),
  NOTIFICATION_STAFF_LANGUAGE: oneOf(languages, "Language of e-mails to staff.", "en"),
  PUBLIC_URL: optional(
    url(
      ["https", "http"],
      "Address of the shop's pages. E-mails link to orders/<id>, products/<id> and notification-preferences below it. Without it, they have no links.",
    ),
  ),
  NOTIFICATION_TIME_ZONE: timeZone("Time zone of the dates in e-mails.", "UTC"),
  NOTIFICATION_RATE: count("The most messages that one node sends per second by each channel; 0 for no limit.", 50),
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

/** All nodes of the service have the same. */
export const keyOf = ({ NOTIFICATION_KEY }: Pick<NotificationConfig, "NOTIFICATION_KEY">): string =>
  NOTIFICATION_KEY ?? generatedSecret("notification.key", () => randomBytes(32).toString("base64url"));

if (config.PUSH_VAPID_PRIVATE_KEY !== null && config.PUSH_VAPID_SUBJECT === null)
  throw new ConfigError("PUSH_VAPID_PRIVATE_KEY needs PUSH_VAPID_SUBJECT.");
if (config.SMTP_FALLBACK_URLS !== null && config.SMTP_URL === null)
  throw new ConfigError("SMTP_FALLBACK_URLS needs SMTP_URL.");
