/** Signs webhooks with HMAC-SHA256 over time and body, so that nobody can change them or send them again later. */
import { createHmac, timingSafeEqual } from "node:crypto";

/** The header with `t=<seconds>,v1=<hex>`. */
export const SIGNATURE_HEADER = "sandbox-signature";

/** Seconds by which the receiver's time may differ from the signature's: clocks, and the way between them. */
const TOLERANCE = 5 * 60;

const digest = (secret: string, body: string, seconds: number): Buffer =>
  createHmac("sha256", secret).update(`${seconds}.${body}`).digest();

/** @param at milliseconds since the epoch */
export function sign(secret: string, body: string, at: number): string {
  const seconds = Math.floor(at / 1000);
  return `t=${seconds},v1=${digest(secret, body, seconds).toString("hex")}`;
}

/** @param at the receiver's time, milliseconds since the epoch */
export function isSigned(secret: string, body: string, header: string | undefined, at: number): boolean {
  const [, time, code] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? "") ?? [];
  if (time === undefined || code === undefined) return false;
  const seconds = Number(time);
  if (Math.abs(at / 1000 - seconds) > TOLERANCE) return false;
  return timingSafeEqual(digest(secret, body, seconds), Buffer.from(code, "hex"));
}
