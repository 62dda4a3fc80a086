/**
 * Seals: only this service can compute them, so who shows one got it from us. The same text always has the same seal, so
 * nothing that is secret needs to be stored.
 */
import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";
import { tokenPrivateKey } from "#mixins/node/keys.ts";

/** One key for each purpose, so that a seal of one is none of another. */
type Purpose = "madang refresh tokens" | "madang mails";

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

const TOKEN = /^[\w-]{64}$/;
const ID_BYTES = 16;

/** An id and its seal, in Base64url: a secret of its own that is stored nowhere. */
export function writeId(kind: string, id: string): string {
  const bytes = Buffer.from(id.replaceAll("-", ""), "hex");
  return Buffer.concat([bytes, seal("madang mails", `${kind}.${id}`)]).toString("base64url");
}

/** The id; null for a token that this service never made for this. */
export function readId(kind: string, token: string): string | null {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, "base64url");
  const hex = bytes.subarray(0, ID_BYTES).toString("hex");
  const id = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return isSeal("madang mails", `${kind}.${id}`, bytes.subarray(ID_BYTES)) ? id : null;
}
