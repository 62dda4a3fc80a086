/**
 * The hosts to which a request may be sent when a client has chosen the address. A client must not reach the internal network
 * in this way (OWASP: server-side request forgery).
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { listOf } from "#core/setting.ts";

/** Networks that operators allow in addition, such as 10.1.0.0/16. */
export type Network = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** Undefined for no network in CIDR notation (RFC 4632). */
export function networkOf(text: string): Network | undefined {
  try {
    return ipaddr.parseCIDR(text);
  } catch {
    return undefined;
  }
}

/** The setting of such networks, as text. */
export const networks = listOf("networks such as 10.1.0.0/16 or fd00::/8", (part) =>
  networkOf(part) ? part : undefined,
);

export const networksOf = (texts: readonly string[] | null): readonly Network[] =>
  (texts ?? []).map((text) => networkOf(text)!);

/** Host names with a meaning only within a network (RFC 6761, RFC 6762, RFC 8375, and custom). */
const INSIDE = new Set("localhost localdomain local internal intranet lan home corp private arpa".split(" "));

/** True for a name of at least two labels that the internet may know; false for every spelling of an IP address. */
export function isPublicName(hostname: string): boolean {
  const labels = hostname.replace(/\.$/, "").split(".");
  return labels.length > 1 && !hostname.startsWith("[") && isIP(hostname) === 0 && !INSIDE.has(labels.at(-1)!);
}

/** The only part of IPv6 that is routed on the internet (RFC 4291 section 2.5.4, IANA). */
const GLOBAL = ipaddr.parseCIDR("2000::/3");

const isWithin = (address: ipaddr.IPv4 | ipaddr.IPv6, network: Network): boolean =>
  address.kind() === network[0].kind() && address.match(network as never);

export function isWithinAny(text: string, networks: readonly Network[]): boolean {
  const address = ipaddr.process(text);
  return networks.some((network) => isWithin(address, network));
}

/** True for an IP address of the internet, or of a network that is allowed. */
export function isReachable(text: string, allowed: readonly Network[] = []): boolean {
  const address = ipaddr.process(text);
  const isPublic = address.range() === "unicast" && (address.kind() === "ipv4" || isWithin(address, GLOBAL));
  return isPublic || isWithinAny(text, allowed);
}

/** True for an IP address to which this URL may lead: by plain http only within the allowed networks. */
export const mayReach =
  ({ protocol }: URL, allowed: readonly Network[]) =>
  (address: string): boolean =>
    protocol === "https:" ? isReachable(address, allowed) : isWithinAny(address, allowed);

/** The normalised address; undefined when nothing may be sent there. Whether its name leads there shows when it is. */
export function acceptedUrl(text: string, allowed: readonly Network[]): string | undefined {
  const url = URL.parse(text);
  if (!url || !["https:", "http:"].includes(url.protocol) || url.username || url.password || url.hash) return undefined;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isAccepted =
    isIP(host) === 0
      ? allowed.length > 0 || (url.protocol === "https:" && isPublicName(host))
      : mayReach(url, allowed)(host);
  return isAccepted ? url.href : undefined;
}
