/** The country of a client, for what may be watched only in some: services learn it as a word, not as a header. */
import { ConfigError } from "#core/config.ts";
import { config } from "./gateway.config.ts";

if (config.REGION_HEADER !== null && config.TRUST_PROXY === 0)
  throw new ConfigError("REGION_HEADER is believed of a proxy alone, so TRUST_PROXY must be set too.");

const header = config.REGION_HEADER?.toLowerCase();
const COUNTRY = /^[A-Z]{2}$/;
/** What proxies write when they do not know it. */
const UNKNOWN = new Set(["XX", "T1", "ZZ"]);

/**
 * ISO 3166-1 alpha-2, as the trusted proxy tells it, else that of the deployment; undefined where neither is known.
 * @param read a header of the request by its name in lower case
 */
export function regionOf(read: (name: string) => unknown): string | undefined {
  const told = header === undefined ? undefined : read(header);
  if (typeof told === "string" && COUNTRY.test(told) && !UNKNOWN.has(told)) return told;
  return config.REGION ?? undefined;
}
