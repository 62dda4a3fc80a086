/** Codes that an authenticator app shows (RFC 6238 with SHA-1, six digits, thirty seconds, as apps expect), and codes for emergencies. */
import { createHmac, hash, randomBytes, timingSafeEqual } from "node:crypto";

const STEP = 30_000;
const DIGITS = 6;
/** Steps by which the clock of a phone may differ. */
const SKEW = 1;
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** As long as the hash (RFC 4226 section 4). */
export const newSecret = (): Buffer => randomBytes(20);

/** RFC 4648, without padding. */
export function base32(bytes: Buffer): string {
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => ALPHABET[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}

/** The code of one step (RFC 4226 section 5.3). */
function codeOf(secret: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const digest = createHmac("sha1", secret).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1)! & 0x0f) & 0x7fffffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, "0");
}

/** @param time milliseconds since the epoch */
export const codeAt = (secret: Buffer, time: number): string => codeOf(secret, Math.floor(time / STEP));

/** The latest step that has this code about now; null when none has. */
export function stepOf(secret: Buffer, code: string, time: number): number | null {
  const current = Math.floor(time / STEP);
  const given = Buffer.from(code);
  let found: number | null = null;
  for (let step = current - SKEW; step <= current + SKEW; step += 1) {
    const own = Buffer.from(codeOf(secret, step));
    if (own.length === given.length && timingSafeEqual(own, given)) found = step;
  }
  return found;
}

/** What apps read from a picture (Key Uri Format). */
export function uriOf(secret: Buffer, issuer: string, account: string): string {
  const query = new URLSearchParams({ secret: base32(secret), issuer, algorithm: "SHA1", digits: "6", period: "30" });
  // Apps do not read `+` as a space.
  return `otpauth://totp/${encodeURIComponent(issuer)}:${encodeURIComponent(account)}?${query.toString().replaceAll("+", "%20")}`;
}

export const isAppCode = (code: string): boolean => /^\d{6}$/.test(code);

/** Codes at a time. */
const CODES = 10;

/** Eighty bits each, which nobody finds from a hash: `abcd-efgh-ijkl-mnop`. */
export const newRecoveryCodes = (): string[] =>
  Array.from({ length: CODES }, () =>
    base32(randomBytes(10))
      .toLowerCase()
      .replaceAll(/(.{4})(?!$)/g, "$1-"),
  );

/** However it was typed. */
export const hashOfCode = (userId: string, code: string): string =>
  hash("sha256", `${userId}:${code.replaceAll("-", "").toLowerCase()}`, "base64url");
