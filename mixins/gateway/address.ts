/** Which address a request came from: one spelling for each, without ports, since each port would count by itself. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { config } from "./gateway.config.ts";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `[2001:db8::1]:443`, `203.0.113.2:40001`: proxies write the port of the connection behind the address. */
const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/;

/** Undefined for what is no address. An IPv4 address inside an IPv6 one (RFC 4291 section 2.5.5) is the former. */
export function addressOf(text: string | undefined): Address | undefined {
  const entry = text?.trim() ?? "";
  const [, bracketed, dotted] = WITH_PORT.exec(entry) ?? [];
  const bare = bracketed ?? dotted ?? entry;
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

export const isLoopback = (address: Address | undefined): boolean => address?.range() === "loopback";

/** IPv6 networks of 64 bits count as one: whoever has one address there has all 2^64. */
const keyOf = (address: Address): string =>
  address instanceof ipaddr.IPv6
    ? address.parts
        .slice(0, 4)
        .map((part) => part.toString(16))
        .join(":")
    : address.toString();

/** A connection, which has one address for all its requests. */
interface Peer {
  readonly remoteAddress?: string | undefined;
}

const peers = new WeakMap<Peer, string>();

/**
 * What the requests of one client count under.
 * @param forwarded the list of addresses that proxies wrote, as X-Forwarded-For
 * @param proxies how many entries of it, from its end, were written by proxies that are trusted
 */
export function clientAddress(peer: Peer, forwarded: unknown, proxies = config.TRUST_PROXY): string {
  const listed = proxies > 0 && typeof forwarded === "string" ? forwarded.split(",").at(-proxies) : undefined;
  const told = addressOf(listed);
  if (told) return keyOf(told);
  const known = peers.get(peer);
  if (known !== undefined) return known;
  const own = addressOf(peer.remoteAddress);
  const key = own ? keyOf(own) : "";
  peers.set(peer, key);
  return key;
}
