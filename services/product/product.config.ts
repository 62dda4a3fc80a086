/** The product service's settings. */
import { count, defineConfig, duration } from "#core/config.ts";

export const config = defineConfig("product", {
  PRODUCT_RESERVATION_TTL: duration(
    "Milliseconds that reserved stock is held for an order that says no more.",
    900_000,
  ),
  PRODUCT_TAX_RATE: count("Basis points of the tax inside a price, for products that name no rate.", 1000, {
    most: 10_000,
  }),
});
