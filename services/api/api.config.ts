/** The environment of the HTTP gateway. */
import { count, defineConfig, flag, host, listOf, port } from "#core/config.ts";

/** As browsers send it (RFC 6454, section 6.2): compared as a whole, so that one with a slash at its end would let nobody in. */
const origins = listOf("origins without a path or a slash at the end, such as https://shop.example.com", (part) =>
  /^https?:/.test(part) && URL.parse(part)?.origin === part && !part.includes("*") ? part : undefined,
);

/** Requests a minute, of which the shared limits count each in whole microseconds. */
const RATE = { least: 1, most: 60_000_000 };

export const config = defineConfig("api", {
  PORT: port("Port of the HTTP gateway.", 3000),
  HOST: host("Address the HTTP gateway listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
  CORS_ORIGINS: origins("Origins of other sites whose pages may call the API, e.g. https://shop.example.com.", []),
  TRUST_PROXY: count("How many proxies stand in front, whose X-Forwarded-For is believed.", 0, { most: 100 }),
  RATE_LIMIT: flag("Limit how often one client may ask.", true),
  RATE_LIMIT_ADDRESS: count("Requests a minute from one address.", 3000, RATE),
  RATE_LIMIT_USER: count("Requests a minute from one signed-in person.", 1200, RATE),
  LIVE_STREAMS: count("Live streams that one person may hold open.", 10, { least: 1, most: 10_000 }),
});
