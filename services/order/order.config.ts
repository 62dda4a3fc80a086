/** The order service's settings. */
import { count, defineConfig, duration, setting } from "#core/config.ts";

const letters = setting("one to eight capital letters", (text) => (/^[A-Z]{1,8}$/.test(text) ? text : undefined));

export const config = defineConfig("order", {
  ORDER_ANSWER_BUDGET: duration(
    "Milliseconds that POST /orders waits for the order's end before it answers 202.",
    5000,
    { least: 0 },
  ),
  ORDER_PATIENCE: duration(
    "Milliseconds that a payment may take (3-D Secure, delays) before the order is cancelled.",
    600_000,
  ),
  ORDER_ATTEMPTS: count("Failures in a row after which an order needs attention; 70 take some five minutes.", 70, {
    least: 1,
    most: 100_000,
  }),
  ORDER_NUMBER_PREFIX: letters(
    "The letters before the number of an order: M-2026-004217 is one of the year 2026.",
    "M",
  ),
  ORDER_QUOTE_TTL: duration("Milliseconds that a quote holds.", 900_000),
});
