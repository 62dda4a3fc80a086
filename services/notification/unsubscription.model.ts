/** Links that stop one kind of e-mails: signed, so that nobody makes one for somebody else, and good for as long as the e-mail is kept. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Kind, kinds } from "./choice.model.ts";

export interface Unsubscription {
  readonly userId: string;
  readonly kind: Kind;
}

const BYTES = 16;

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
  const userId = id.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  return { userId, kind };
}
