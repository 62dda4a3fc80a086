/** The webhook service's settings. */
import { count, defineConfig, duration, optional } from "#core/config.ts";
import { networks } from "#mixins/http/public-host.ts";

export const config = defineConfig("webhook", {
  WEBHOOK_NETWORKS: optional(
    networks(
      "Networks beside the internet to which webhooks may be sent, such as 127.0.0.0/8 to try them out. There, plain http is accepted too.",
    ),
  ),
  WEBHOOK_TIMEOUT: duration("Milliseconds that a receiver may take to answer a webhook.", 15_000, { most: 60_000 }),
  WEBHOOK_ENDPOINTS: count("The most endpoints that can be registered.", 50, { least: 1, most: 1000 }),
  WEBHOOK_KEEP: count("Days for which the log of deliveries is kept.", 30, { least: 2, most: 365 }),
});
