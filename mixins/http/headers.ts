/** Headers that answers of every gateway over HTTP carry, as names and values in turn. */
import type { Count } from "../gateway/admission.ts";

/** Answers are data, so no page may frame, run or embed them (OWASP REST Security Cheat Sheet). */
export const securityHeaders: readonly string[] = [
  ["Content-Security-Policy", "default-src 'none';frame-ancestors 'none'"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Referrer-Policy", "no-referrer"],
  ["Strict-Transport-Security", "max-age=31536000; includeSubDomains"],
  ["X-Content-Type-Options", "nosniff"],
  ["X-Frame-Options", "DENY"],
].flat();

/**
 * The limits of a request and the rest of each (draft-ietf-httpapi-ratelimit-headers-10). Several lines of one field are
 * one list (RFC 9110 section 5.2).
 */
export const quotaHeaders = ({ quotas }: Count): string[] =>
  quotas.flatMap(({ name, limit, remaining, seconds }) => [
    "RateLimit-Policy",
    `"${name}";q=${limit};w=60`,
    "RateLimit",
    `"${name}";r=${remaining};t=${seconds}`,
  ]);
