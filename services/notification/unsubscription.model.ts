/** Links that stop one kind of e-mails: signed, so that nobody makes one for somebody else, and good for as long as the e-mail is kept. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Kind, kinds } from "./choice.model.ts";

export interface Unsubscription {
  readonly userId: string;
  readonly kind: Kind;
}

const BYTES = 16;
const dashed = (hex: string): string => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, "$1-$2-$3-$4-$5");

/**
 * Who chooses for an address without an account. Each cart makes another guest, and anybody may name the address, so its choices
 * hold for whatever is ordered with it. A UUID of version 8 (RFC 9562), which no account has.
 */
export function chooserOf(key: string, email: string): string {
  const hex = createHmac("sha256", key).update("madang guests' choices ").update(email.toLowerCase()).digest("hex");
  return dashed(`${hex.slice(0, 12)}8${hex.slice(13, 16)}8${hex.slice(17)}`);
}

const seal = (key: string, id: Buffer, kind: number): Buffer =>
  createHmac("sha256", key).update("madang unsubscriptions").update(id).update(Buffer.of(kind)).digest();

/** The id, the number of the kind, and their seal, in Base64url. */
export function writeToken(key: string, { userId, kind }: Unsubscription): string {
  const id = Buffer.from(userId.replaceAll("-", ""), "hex");
  const number = kinds.indexOf(kind);
  return Buffer.concat([id, Buffer.of(number), seal(key, id, number)]).toString("base64url");
}

/** Null for a token that we never made. */
export function readToken(key: string, token: string): Unsubscription | null {
  const bytes = Buffer.from(token, "base64url");
  const [id, number] = [bytes.subarray(0, BYTES), bytes[BYTES] ?? 0];
  const [own, given] = [seal(key, id, number), bytes.subarray(BYTES + 1)];
  const kind = kinds[number];
  if (kind === undefined || own.length !== given.length || !timingSafeEqual(own, given)) return null;
  return { userId: dashed(id.toString("hex")), kind };
}
