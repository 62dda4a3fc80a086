/** The account service's settings. */
import { DAY } from "#core/clock.ts";
import { count, defineConfig, duration, flag } from "#core/config.ts";

export const config = defineConfig("account", {
  ACCOUNT_PROFILES_MAX: count("Viewer profiles that one person may have.", 5, { least: 1, most: 50 }),
  ACCOUNT_ANSWER_BUDGET: duration("Milliseconds that a request waits for a payment before it answers 202.", 5000, {
    least: 0,
  }),
  ACCOUNT_PATIENCE: duration(
    "Milliseconds that a payment of an invoice may take (3-D Secure, delays) before it counts as failed.",
    600_000,
  ),
  ACCOUNT_PAUSE_MAX: duration("Milliseconds after which a paused subscription goes on by itself.", 90 * DAY, {
    most: 3650 * DAY,
  }),
  ACCOUNT_TAX_RATE: count("Basis points of the tax inside the price of a film.", 1000, { most: 10_000 }),
  ACCOUNT_TEST_CLOCKS: flag(
    "Staff may give an account a test clock, and move it: what is due by then is charged. Off for a real shop.",
    true,
  ),
});
