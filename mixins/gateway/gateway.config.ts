/** The settings of all gateways, whatever their protocol: rate limits and time limits of clients. */
import { count, defineConfig, flag, optional, setting } from "#core/config.ts";
import { COUNTRY_PATTERN } from "#core/schema.ts";

/** Requests a minute, of which the shared limits count each in whole microseconds. */
const RATE = { least: 1, most: 60_000_000 };

const headerName = setting("the name of a header", (value) => (/^[\w-]{1,100}$/.test(value) ? value : undefined));
const country = setting("a country as two capital letters, such as KR", (value) =>
  new RegExp(COUNTRY_PATTERN).test(value) ? value : undefined,
);

export const config = defineConfig("gateway", {
  TRUST_PROXY: count("How many proxies stand in front, whose X-Forwarded-For is believed.", 0, { most: 100 }),
  REGION_HEADER: optional(
    headerName("Header in which the trusted proxy writes a client's country (ISO 3166-1), such as CF-IPCountry."),
  ),
  REGION: optional(country("Country of clients of which nothing else is known, such as KR.")),
  RATE_LIMIT: flag("Limit how often one client may ask.", true),
  RATE_LIMIT_ADDRESS: count("Requests a minute from one address.", 3000, RATE),
  RATE_LIMIT_USER: count("Requests a minute from one signed-in person.", 1200, RATE),
  RATE_LIMIT_KEY: count("Requests a minute with one API key.", 3000, RATE),
  LIVE_STREAMS: count("Live streams that one person may hold open.", 10, { least: 1, most: 10_000 }),
});
