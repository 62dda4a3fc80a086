/** Guests: whom an order without an account belongs to, and the token in the link to it. */
import { createHmac, hash, hkdfSync, timingSafeEqual } from "node:crypto";
import { serviceKey } from "#mixins/node/keys.ts";

const uuidOf = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

/**
 * The person whom the holder of a cart's token counts as: the same for each request with it, so that a repeated one finds its
 * order. A UUID of version 8 (RFC 9562), which no account has.
 */
export function guestIdOf(tokenHash: string): string {
  const hex = hash("sha256", `madang guest ${tokenHash}`, "hex");
  return uuidOf(`${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17)}`);
}

const ID_BYTES = 16;
const TOKEN = /^[\w-]{64}$/;

let made: Buffer | undefined;
/** Derived from the deployment's service key (HKDF, RFC 5869): it signs nothing else. */
const key = (): Buffer => (made ??= Buffer.from(hkdfSync("sha256", serviceKey(), "", "madang guest orders v1", 32)));

const seal = (orderId: string): Buffer => createHmac("sha256", key()).update(orderId).digest();

/** The token of an order: its id and a seal. The same each time, so that it is stored nowhere. */
export function writeToken(orderId: string): string {
  const id = Buffer.from(orderId.replaceAll("-", ""), "hex");
  return Buffer.concat([id, seal(orderId)]).toString("base64url");
}

/** The id of the order; null for a token that we never made. */
export function readToken(token: string): string | null {
  if (!TOKEN.test(token)) return null;
  const bytes = Buffer.from(token, "base64url");
  const id = uuidOf(bytes.subarray(0, ID_BYTES).toString("hex"));
  return timingSafeEqual(bytes.subarray(ID_BYTES), seal(id)) ? id : null;
}

/**
 * The address of the page that shows the order. The token is behind `#`, which browsers send to nobody, so it is in no server's
 * log.
 */
export function linkOf(page: string | null | undefined, number: string, token: string): string | null {
  if (!page) return null;
  const link = new URL(page);
  link.hash = `order=${number}&token=${token}`;
  return link.href;
}
