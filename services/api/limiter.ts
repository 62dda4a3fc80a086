/** How often one client may ask: the generic cell rate algorithm (ITU-T I.371), one number per client. */
import type { IncomingMessage } from "node:http";

/** Milliseconds in which `limit` requests are allowed. */
export const WINDOW = 60_000;
/** Keys kept in one generation; when more come, the oldest are forgotten early. */
const CAPACITY = 50_000;

export interface Grant {
  readonly allowed: boolean;
  /** Requests that would be allowed now. */
  readonly remaining: number;
  /** Seconds until the whole quota is there again; if refused, until one request is allowed. */
  readonly seconds: number;
}

/**
 * @param debt milliseconds until the whole quota would be there again, were the request granted
 * @param interval milliseconds that one request costs
 */
export const grantOf = (debt: number, interval: number): Grant =>
  debt > WINDOW
    ? { allowed: false, remaining: 0, seconds: Math.ceil((debt - WINDOW) / 1000) }
    : { allowed: true, remaining: Math.floor((WINDOW - debt) / interval), seconds: Math.ceil(debt / 1000) };

export class Limiter {
  readonly limit: number;
  readonly #interval: number;
  #since = 0;
  // A key that is untouched for a window owes nothing, so whole generations may go without a look.
  #recent = new Map<string, number>();
  #older = new Map<string, number>();

  /** @param limit requests a minute */
  constructor(limit: number) {
    this.limit = limit;
    this.#interval = WINDOW / limit;
  }

  /** @param at milliseconds since the epoch */
  take(key: string, at: number): Grant {
    if (at - this.#since >= WINDOW || this.#recent.size >= CAPACITY) this.#age(at);
    const due = Math.max(this.#recent.get(key) ?? this.#older.get(key) ?? 0, at) + this.#interval;
    const grant = grantOf(due - at, this.#interval);
    if (grant.allowed) this.#recent.set(key, due);
    return grant;
  }

  #age(at: number): void {
    this.#older = this.#recent;
    this.#recent = new Map();
    this.#since = at;
  }
}

/**
 * The address a request came from. A network of IPv6 counts as one: whoever has one address there has all 2^64.
 * @param proxies how many entries of X-Forwarded-For, from its end, were written by proxies that are trusted
 */
export function clientAddress({ headers, socket }: IncomingMessage, proxies: number): string {
  const own = socket.remoteAddress ?? "";
  const forwarded = proxies > 0 ? headers["x-forwarded-for"] : undefined;
  const address = typeof forwarded === "string" ? (forwarded.split(",").at(-proxies)?.trim() ?? own) : own;
  if (!address.includes(":")) return address;
  return address.includes(".") ? address.slice(address.lastIndexOf(":") + 1) : network(address);
}

/** The first 64 bits. */
function network(address: string): string {
  const [head = "", tail] = address.split("::");
  const groups = head.split(":");
  if (tail !== undefined) groups.push(...Array<string>(4).fill("0"));
  return groups.slice(0, 4).join(":");
}
