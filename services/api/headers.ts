/** Headers of pages, and CORS for the origins that the operator listed. */
import { config } from "./api.config.ts";

const pagePolicy = [
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

const exposed = [
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
].join(", ");

const accepted = [
  "Accept-Language",
  "Authorization",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "traceparent",
  "X-Request-Id",
].join(", ");

const none: readonly string[] = [];

const byOrigin = new Map<string, readonly string[]>(
  config.CORS_ORIGINS.map((origin) => [
    origin,
    ["Access-Control-Allow-Origin", origin, "Access-Control-Expose-Headers", exposed],
  ]),
);

/** The headers with which a page of this origin may read the answer; none for an origin that is not listed. */
export const corsHeaders = (origin: string | undefined): readonly string[] =>
  (origin === undefined ? undefined : byOrigin.get(origin)) ?? none;

/** The headers of the answer to a preflight request (Fetch standard, section 4.8). */
export const preflightHeaders = (origin: string | undefined, methods: string): readonly string[] =>
  corsHeaders(origin) === none
    ? none
    : [
        ["Access-Control-Allow-Methods", methods],
        ["Access-Control-Allow-Headers", accepted],
        ["Access-Control-Max-Age", "600"],
      ].flat();
