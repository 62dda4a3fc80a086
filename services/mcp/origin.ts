/** Which pages may use MCP. A foreign one could otherwise reach a gateway on its reader's machine (DNS rebinding). */
import { addressOf, isLoopback } from "#mixins/gateway/address.ts";
import { config } from "./mcp.config.ts";

/** A page of this machine, such as a tool to inspect MCP servers. */
const LOCAL = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;
const isLocal = config.MCP_HOST === "localhost" || isLoopback(addressOf(config.MCP_HOST));

/** Programs send no Origin, and browsers always send one with POST. */
export const isAllowedOrigin = (origin: string): boolean =>
  config.MCP_ORIGINS.includes(origin) || (isLocal && LOCAL.test(origin));

const EXPOSED = "RateLimit, RateLimit-Policy, Retry-After, traceparent, WWW-Authenticate, X-Request-Id";

/** The headers with which a page of this origin may read the answer, as names and values in turn. */
export const corsHeaders = (origin: string | undefined): readonly string[] =>
  origin !== undefined && isAllowedOrigin(origin)
    ? ["Access-Control-Allow-Origin", origin, "Access-Control-Expose-Headers", EXPOSED]
    : [];

/** The answer to a preflight request (Fetch standard, section 4.8). */
export const preflightHeaders: readonly string[] = [
  ["Access-Control-Allow-Methods", "POST, OPTIONS"],
  [
    "Access-Control-Allow-Headers",
    "Accept, Accept-Language, Authorization, Content-Type, Mcp-Method, Mcp-Name, MCP-Protocol-Version, traceparent, X-Request-Id",
  ],
  ["Access-Control-Max-Age", "600"],
].flat();
