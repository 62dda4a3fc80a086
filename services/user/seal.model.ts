/**
 * Seals: only this service can compute them, so who shows one got it from us. The same text always has the same seal, so
 * nothing that is secret needs to be stored.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { tokenPrivateKey } from "#mixins/node/keys.ts";

/** One key for each purpose, so that a seal of one is none of another. */
export type Purpose = "madang refresh tokens" | "madang mails";

const keys = new Map<Purpose, Buffer>();

/** This key is derived (RFC 5869) from the key that signs access tokens, which all nodes of the service have. */
function keyFor(purpose: Purpose): Buffer {
  const known = keys.get(purpose);
  if (known) return known;
  const key = Buffer.from(hkdfSync("sha256", tokenPrivateKey().d!, "", purpose, 32));
  keys.set(purpose, key);
  return key;
}

export const seal = (purpose: Purpose, text: string): Buffer =>
  createHmac("sha256", keyFor(purpose)).update(text).digest();

export function isSeal(purpose: Purpose, text: string, given: Buffer): boolean {
  const own = seal(purpose, text);
  return given.length === own.length && timingSafeEqual(given, own);
}
