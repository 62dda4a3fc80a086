/** The order service's settings. */
import { count, defineConfig, duration, oneOf, optional, secret, setting, url } from "#core/config.ts";

const letters = setting("one to eight capital letters", (text) => (/^[A-Z]{1,8}$/.test(text) ? text : undefined));

export const config = defineConfig("order", {
  ORDER_CAPTURE: oneOf(
    ["order", "at_once", "shipment"],
    "How an order's money is captured: after its authorization, in one call with it, or as its goods are sent.",
    "order",
  ),
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
  ORDER_RETURN_DAYS: count("Days after its delivery within which a customer may ask to return something.", 14, {
    most: 3650,
  }),
  ORDER_CARRIER_SECRET: optional(
    secret(12)(
      "Secret that signs the webhooks of carriers, as standardwebhooks.com says, e.g. whsec_… Without it none is taken.",
    ),
  ),
  ORDER_GUEST_PAGE: optional(
    url(
      ["https", "http"],
      "Page to which links in e-mails about guests' orders lead, e.g. https://shop.example.com/guest-order. Without it, e-mails show a code instead.",
    ),
  ),
  ORDER_GUEST_KEEP: count("Days after which a guest's order that nobody has claimed loses what is personal.", 365, {
    least: 1,
    most: 36_500,
  }),
  ORDER_QUOTE_TTL: duration("Milliseconds that a quote holds.", 900_000),
});
