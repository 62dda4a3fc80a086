/** The rules of Twilio's API for text messages (www.twilio.com/docs/messaging/api), which other providers have too. */
import { createHmac, timingSafeEqual } from "node:crypto";

export interface SmsAccount {
  /** Under which the delivery log and the address of receipts know it. */
  readonly name: string;
  readonly origin: string;
  readonly sid: string;
  readonly token: string;
  /** A telephone number, or the id of a messaging service. */
  readonly from: string;
}

const SENDER = /^(?:\+[1-9]\d{6,14}|MG[0-9a-f]{32}|[A-Za-z][\w -]{0,10})$/;

function accountOf(text: string): SmsAccount | undefined {
  const url = URL.parse(text);
  const from = url?.searchParams.get("from") ?? "";
  if (!url || !["https:", "http:"].includes(url.protocol) || !url.username || !url.password) return undefined;
  if (!SENDER.test(from) || url.pathname !== "/") return undefined;
  const [sid, token] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return { name: url.host.replace(":", "-"), origin: url.origin, sid, token, from };
}

/** The accounts in a list of URLs such as `https://ACCOUNT:TOKEN@api.twilio.com?from=%2B15551234567`; undefined for anything else. */
export function accountsOf(text: string): readonly SmsAccount[] | undefined {
  const accounts = text.split(",").map((one) => accountOf(one.trim()));
  if (accounts.includes(undefined)) return undefined;
  const names = accounts.map((one) => one!.name);
  return accounts.map((one, index) => {
    const before = names.slice(0, index).filter((name) => name === one!.name).length;
    return before === 0 ? one! : { ...one!, name: `${one!.name}-${before + 1}` };
  });
}

/**
 * The signature of a request that Twilio sends (www.twilio.com/docs/usage/security): over the address that it was told, and the fields
 * in the order of their names.
 */
export function signatureOf(token: string, url: string, fields: URLSearchParams): string {
  const sorted = [...fields].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => name + value);
  return createHmac("sha1", token)
    .update([url, ...sorted].join(""))
    .digest("base64");
}

export function isSigned(token: string, url: string, fields: URLSearchParams, given: string): boolean {
  const [own, other] = [signatureOf(token, url, fields), given].map((text) => Buffer.from(text));
  return own!.length === other!.length && timingSafeEqual(own!, other!);
}

/** Codes of Twilio about a number that does not exist, is no mobile one, or whose owner wants nothing (www.twilio.com/docs/api/errors). */
const GONE: ReadonlySet<number> = new Set([21211, 21214, 21217, 21610, 21614, 30005, 30006]);
/** Codes about a message to a number that gets no text messages of ours, however often it is tried. */
const UNREACHABLE: ReadonlySet<number> = new Set([...GONE, 21408, 21612, 21635, 30003]);

export const isGone = (code: number): boolean => GONE.has(code);
export const isUnreachable = (code: number): boolean => UNREACHABLE.has(code);

/** What a receipt says: that somebody has the message, that nobody will, or nothing that changes anything. */
export function fateOf(status: string | null): "taken" | "delivered" | "failed" | null {
  if (status === "delivered" || status === "read") return "delivered";
  if (status === "undelivered" || status === "failed" || status === "canceled") return "failed";
  return status === "queued" || status === "sending" || status === "sent" || status === "accepted" ? "taken" : null;
}
