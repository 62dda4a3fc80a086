/** Addresses that get nothing: by their keyed hash, since no address is kept here; and what mail services report of them. */
import { createHmac, timingSafeEqual } from "node:crypto";

export type Reached = "email" | "sms";

/** The same for every spelling of an address that leads to one mailbox or telephone. */
export const hashOf = (key: string, channel: Reached, address: string): string =>
  createHmac("sha256", key)
    .update(`madang suppressions ${channel} `)
    .update(channel === "email" ? address.trim().toLowerCase() : address.replaceAll(/[^\d+]/g, ""))
    .digest("base64url");

/** Seconds by which a report's clock may differ from ours. */
const TOLERANCE = 300;

interface Signed {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** True for a report that is signed as standardwebhooks.com says, also under the names of Svix. @param now in seconds */
export function isSigned(secret: string, { headers, body }: Signed, now: number): boolean {
  const [id, time, given] = ["id", "timestamp", "signature"].map(
    (name) => headers[`webhook-${name}`] ?? headers[`svix-${name}`] ?? "",
  ) as [string, string, string];
  if (!/^\d{1,12}$/.test(time) || Math.abs(Number(time) - now) > TOLERANCE) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const own = Buffer.from(`v1,${createHmac("sha256", key).update(`${id}.${time}.${body}`).digest("base64")}`);
  const others = given.split(" ").map((one) => Buffer.from(one));
  return others.some((one) => one.length === own.length && timingSafeEqual(one, own));
}

export interface Report {
  readonly addresses: readonly string[];
  readonly reason: "BOUNCED" | "COMPLAINED";
}

const MOST = 50;

/** What a report means for addresses; null for one that changes nothing, such as a mailbox that is full for now. */
export function readReport(body: string): Report | null {
  const { type, data } = JSON.parse(body) as {
    type?: unknown;
    data?: { to?: unknown; bounce?: { type?: unknown } };
  };
  const to: unknown = data?.to;
  const addresses = (Array.isArray(to) ? to : [to]).filter((one): one is string => typeof one === "string");
  if (addresses.length === 0) return null;
  const some = addresses.slice(0, MOST);
  if (type === "email.complained") return { addresses: some, reason: "COMPLAINED" };
  const kind = data?.bounce?.type;
  const isForNow = typeof kind === "string" && /^(?:transient|temporary|soft)$/i.test(kind);
  return type === "email.bounced" && !isForNow ? { addresses: some, reason: "BOUNCED" } : null;
}
