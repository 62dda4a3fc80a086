/** The environment of the HTTP gateway. */
import { count, defineConfig, flag, list, port, text } from "#core/config.ts";

export const config = defineConfig("api", {
  PORT: port("Port of the HTTP gateway.", 3000),
  HOST: text("Address the HTTP gateway listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
  CORS_ORIGINS: list("Origins of other sites whose pages may call the API, e.g. https://shop.example.com.", []),
  TRUST_PROXY: count("How many proxies stand in front, whose X-Forwarded-For is believed.", 0),
  RATE_LIMIT: flag("Limit how often one client may ask.", true),
  RATE_LIMIT_ADDRESS: count("Requests a minute from one address.", 3000),
  RATE_LIMIT_USER: count("Requests a minute from one signed-in person.", 1200),
  LIVE_STREAMS: count("Live streams that one person may hold open.", 10),
});
