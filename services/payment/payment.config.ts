/** The environment of the payment service. */
import { count, defineConfig, duration, oneOf, optional, text } from "#core/config.ts";

export const config = defineConfig("payment", {
  PAYMENT_PROVIDER: oneOf(["sandbox"], "Who moves the money.", "sandbox"),
  PAYMENT_PROVIDER_TIMEOUT: duration("Milliseconds that one call to the provider may take.", 2000),
  PAYMENT_RECONCILE_AFTER: duration(
    "Milliseconds after which the provider is asked about an unfinished payment.",
    5000,
  ),
  PAYMENT_METHODS_MAX: count("Payment methods that one person may save.", 20),
  PAYMENT_SANDBOX_DELAY: duration("Milliseconds until the sandbox authorizes tok_delayed.", 1500),
  PAYMENT_SANDBOX_LATE_ANSWER: duration(
    "Milliseconds that the sandbox withholds its first answer to tok_timeout.",
    4000,
  ),
  PAYMENT_SANDBOX_SECRET: optional(text("Secret that signs the sandbox's webhooks; generated when it is not set.")),
});
