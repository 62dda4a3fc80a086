/** The plain player page. It plays with hls.js, which is served from here, and from no other site. */
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { config } from "./api.config.ts";
import type { Exchange } from "./exchange.ts";
import { pagePolicy } from "./headers.ts";

/** Files of films come from edges. hls.js gives the browser `blob:` addresses, and `data:` ones for subtitles. */
const policy = [
  ...pagePolicy.filter((directive) => !directive.startsWith("img-src ")),
  ["connect-src 'self'", ...config.WATCH_ORIGINS].join(" "),
  ["img-src 'self' data:", ...config.WATCH_ORIGINS].join(" "),
  ["media-src 'self' blob: data:", ...config.WATCH_ORIGINS].join(" "),
  "worker-src 'self'",
].join(";");

const compress = promisify(gzip);
const DAY = "public, max-age=86400";

/** A script of the package, compressed once. */
function script(file: string): (exchange: Exchange) => Promise<void> {
  let text: Buffer | undefined;
  let compressed: Promise<Buffer> | undefined;
  return async (exchange) => {
    text ??= readFileSync(new URL(file, import.meta.resolve("hls.js")));
    const type = "text/javascript; charset=utf-8";
    const headers = ["Cache-Control", DAY, "Vary", "Accept-Encoding"];
    // RFC 9110 section 12.5.3; a client accepts gzip unless its weight there is zero.
    if (!/\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/i.test(exchange.req.headers["accept-encoding"]?.toString() ?? ""))
      return exchange.sendJson(200, text, headers, type);
    compressed ??= compress(text, { level: 9 });
    exchange.sendJson(200, await compressed, [...headers, "Content-Encoding", "gzip"], type);
  };
}

const page = readFileSync(new URL("./pages/watch/index.html", import.meta.url));

export const watchHandlers = {
  "GET /watch"(exchange: Exchange) {
    exchange.prepare();
    const { res } = exchange;
    res.setHeader("Content-Security-Policy", policy);
    res.setHeader("Content-Type", "text/html; charset=utf-8");
    res.setHeader("Content-Length", page.length);
    res.end(page);
  },
  "GET /watch/hls.js": script("hls.min.mjs"),
  "GET /watch/hls.worker.js": script("hls.worker.js"),
} satisfies Record<string, (exchange: Exchange) => void | Promise<void>>;
