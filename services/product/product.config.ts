/** The product service's settings. */
import { count, defineConfig, duration, oneOf } from "#core/config.ts";

export const config = defineConfig("product", {
  PRODUCT_LANGUAGE: oneOf(
    ["en", "ko"],
    "The language in which the shop writes its products and categories; their texts in the other are translations.",
    "en",
  ),
  PRODUCT_RESERVATION_TTL: duration(
    "Milliseconds that stock is reserved for an order that neither pays nor extends the reservation.",
    900_000,
  ),
  PRODUCT_STOCK_LOW: count(
    "Sellable units of a product from which on its stock is low, for products without a threshold of their own. 0: never.",
    5,
    { most: 1_000_000 },
  ),
  PRODUCT_TAX_RATE: count("Basis points of the tax inside a price, for products without a rate of their own.", 1000, {
    most: 10_000,
  }),
});
