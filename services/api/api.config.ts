/** The environment of the HTTP gateway. */
import { defineConfig, host, listOf, port } from "#core/config.ts";

/** As browsers send it (RFC 6454, section 6.2): compared as a whole, so that one with a slash at its end would let nobody in. */
const origins = listOf("origins without a path or a slash at the end, such as https://shop.example.com", (part) =>
  /^https?:/.test(part) && URL.parse(part)?.origin === part && !part.includes("*") ? part : undefined,
);

export const config = defineConfig("api", {
  PORT: port("Port of the HTTP gateway.", 3000),
  HOST: host("Address the HTTP gateway listens on; 0.0.0.0 inside a container.", "127.0.0.1"),
  CORS_ORIGINS: origins("Origins of other sites whose pages may call the API, e.g. https://shop.example.com.", []),
});
