/** The settings of the payment service. */
import {
  ConfigError,
  count,
  defineConfig,
  duration,
  flag,
  listOf,
  oneOf,
  optional,
  port,
  secret,
  url,
} from "#core/config.ts";

const sandboxSecret = secret(12);
const httpUrls = listOf("URLs that begin with http://", (part) =>
  /^http:\/\/[^\s*\\/][^\s*\\]*$/.test(part) && URL.canParse(part) ? part : undefined,
);

export const config = defineConfig("payment", {
  PAYMENT_PROVIDER: oneOf(["sandbox", "stripe", "toss"], "The payment provider.", "sandbox"),
  PAYMENT_PROVIDER_TIMEOUT: duration("Milliseconds that one call to the provider may take.", 2000),
  PAYMENT_RECONCILE_AFTER: duration(
    "Milliseconds after which the provider is asked about an unfinished payment.",
    5000,
  ),
  PAYMENT_METHODS_MAX: count("Payment methods that one person may save.", 20, { least: 1, most: 1000 }),
  PAYMENT_STRIPE_KEY: optional(secret(12)("Secret key of the Stripe account, e.g. sk_live_…")),
  PAYMENT_STRIPE_WEBHOOK_SECRET: optional(
    secret(12)("Secret that signs the webhooks of Stripe to /api/v1/payments/webhooks/stripe, e.g. whsec_…"),
  ),
  PAYMENT_STRIPE_MULTICAPTURE: flag(
    "Ask Stripe for several captures of one payment. Not every account, card and currency has them.",
    false,
  ),
  PAYMENT_STRIPE_RETURN_URL: optional(
    url(["https", "http"], "Page to which Stripe sends customers back after 3-D Secure."),
  ),
  PAYMENT_STRIPE_URL: url(["https", "http"], "Address of Stripe's API.", "https://api.stripe.com"),
  PAYMENT_TOSS_SECRET_KEY: optional(secret(12)("Secret key of the shop at Toss Payments, e.g. live_gsk_…")),
  PAYMENT_TOSS_URL: url(["https", "http"], "Address of the API of Toss Payments.", "https://api.tosspayments.com"),
  PAYMENT_SANDBOX_DELAY: duration(
    "Milliseconds until the sandbox authorizes tok_delayed, gives up tok_expires, and goes on with a dispute.",
    1500,
    { least: 0 },
  ),
  PAYMENT_SANDBOX_LATE_ANSWER: duration(
    "Milliseconds that the sandbox withholds its first answer to tok_timeout.",
    4000,
    { least: 0 },
  ),
  PAYMENT_SANDBOX_URL: optional(
    url(
      ["http"],
      "Address of a sandbox in another process, e.g. http://127.0.0.1:4010. Without it, the sandbox runs in this process.",
    ),
  ),
  PAYMENT_SANDBOX_PORT: port("Port of a sandbox that runs as a process of its own.", 4010),
  PAYMENT_SANDBOX_WEBHOOK_URL: httpUrls(
    "Addresses to which a sandbox in another process delivers its webhooks. Several are tried in turn.",
    ["http://127.0.0.1:3000/api/v1/payments/webhooks/sandbox"],
  ),
  PAYMENT_SANDBOX_KEY: optional(
    sandboxSecret(
      "Secret with which this service calls a sandbox in another process. It is generated when it is not set.",
    ),
  ),
  PAYMENT_SANDBOX_SECRET: optional(
    sandboxSecret("Secret that signs the sandbox's webhooks. It is generated when it is not set."),
  ),
});

const needed = {
  sandbox: [],
  stripe: ["PAYMENT_STRIPE_KEY", "PAYMENT_STRIPE_WEBHOOK_SECRET", "PAYMENT_STRIPE_RETURN_URL"],
  toss: ["PAYMENT_TOSS_SECRET_KEY"],
} as const;
const missing = needed[config.PAYMENT_PROVIDER].find((name) => !config[name]);
if (missing) throw new ConfigError(`PAYMENT_PROVIDER is ${config.PAYMENT_PROVIDER}, which needs ${missing}.`);
