/** The environment of the payment service. */
import { count, defineConfig, duration, listOf, oneOf, optional, port, secret, url } from "#core/config.ts";

const sandboxSecret = secret(12);
const httpUrls = listOf("URLs that begin with http://", (part) =>
  /^http:\/\/[^\s*\\/][^\s*\\]*$/.test(part) && URL.canParse(part) ? part : undefined,
);

export const config = defineConfig("payment", {
  PAYMENT_PROVIDER: oneOf(["sandbox"], "Who moves the money.", "sandbox"),
  PAYMENT_PROVIDER_TIMEOUT: duration("Milliseconds that one call to the provider may take.", 2000),
  PAYMENT_RECONCILE_AFTER: duration(
    "Milliseconds after which the provider is asked about an unfinished payment.",
    5000,
  ),
  PAYMENT_METHODS_MAX: count("Payment methods that one person may save.", 20, { least: 1, most: 1000 }),
  PAYMENT_SANDBOX_DELAY: duration("Milliseconds until the sandbox authorizes tok_delayed.", 1500, { least: 0 }),
  PAYMENT_SANDBOX_LATE_ANSWER: duration(
    "Milliseconds that the sandbox withholds its first answer to tok_timeout.",
    4000,
    { least: 0 },
  ),
  PAYMENT_SANDBOX_URL: optional(
    url(["http"], "The sandbox as a process of its own, e.g. http://127.0.0.1:4010; within this one unless set."),
  ),
  PAYMENT_SANDBOX_PORT: port("Port of the sandbox as a process of its own.", 4010),
  PAYMENT_SANDBOX_WEBHOOK_URL: httpUrls(
    "Where the sandbox as a process of its own brings its webhooks; several addresses are tried in turn.",
    ["http://127.0.0.1:3000/api/v1/payments/webhooks/sandbox"],
  ),
  PAYMENT_SANDBOX_KEY: optional(
    sandboxSecret("Secret by which the sandbox as a process of its own knows us; generated when it is not set."),
  ),
  PAYMENT_SANDBOX_SECRET: optional(
    sandboxSecret("Secret that signs the sandbox's webhooks; generated when it is not set."),
  ),
});
