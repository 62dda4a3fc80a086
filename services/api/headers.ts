/** Headers of pages, and which headers of the API pages of other sites may read and send. */
import { corsOf } from "#mixins/http/cors.ts";

/** What a page may load, by directive. */
export const pagePolicy: readonly string[] = [
  "default-src 'self'",
  "base-uri 'self'",
  "font-src 'self' https: data:",
  "form-action 'self'",
  "frame-ancestors 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "script-src 'self'",
  "script-src-attr 'none'",
  "style-src 'self' https: 'unsafe-inline'",
];

/** The differences for pages: helmet 8's defaults, except that pages also work over plain HTTP. */
export const pageHeaders: readonly (readonly [name: string, value: string])[] = [
  ["Content-Security-Policy", pagePolicy.join(";")],
  ["Cross-Origin-Opener-Policy", "same-origin"],
  ["Origin-Agent-Cluster", "?1"],
  ["X-DNS-Prefetch-Control", "off"],
  ["X-Download-Options", "noopen"],
  ["X-Frame-Options", "SAMEORIGIN"],
  ["X-Permitted-Cross-Domain-Policies", "none"],
  ["X-XSS-Protection", "0"],
];

export const { headersFor: corsHeaders, preflightFor: preflightHeaders } = corsOf({
  exposed: [
    "Content-Disposition",
    "Deprecation",
    "ETag",
    "Idempotent-Replayed",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "Sunset",
    "traceparent",
    "WWW-Authenticate",
    "X-Request-Id",
  ],
  accepted: [
    "Accept-Language",
    "Authorization",
    "Cart-Token",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Last-Event-ID",
    "Order-Token",
    "traceparent",
    "X-Request-Id",
  ],
});
