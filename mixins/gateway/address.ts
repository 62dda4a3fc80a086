/** The address of a request's client, in one spelling, without the port, which changes. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { config } from "./gateway.config.ts";

export type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** `[2001:db8::1]:443` or `203.0.113.2:40001`: proxies write the port behind the address. */
const WITH_PORT = /^(?:\[([^\]]*)\]|([\d.]+))(?::\d+)?$/;

/** Undefined for no address. An IPv4 address inside an IPv6 one (RFC 4291 section 2.5.5) becomes IPv4. */
export function addressOf(text: string | undefined): Address | undefined {
  const entry = text?.trim() ?? "";
  const [, bracketed, dotted] = WITH_PORT.exec(entry) ?? [];
  const bare = bracketed ?? dotted ?? entry;
  return isIP(bare) === 0 ? undefined : ipaddr.process(bare);
}

export const isLoopback = (address: Address | undefined): boolean => address?.range() === "loopback";

/** IPv6 networks of 64 bits count as one address, because a client usually has all 2^64 of them. */
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
 * The key under which the requests of a client are counted.
 * @param forwarded the list of addresses that proxies wrote, as in X-Forwarded-For
 * @param proxies the number of its last entries that trusted proxies wrote
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
