/**
 * Tokens that stand in the path of a film's files, so that the relative addresses in its playlists inherit them. Who
 * starts a film gets one for its folder; the edge that serves files checks it with the same key, and asks no other service.
 */
import { createHmac, hash, hkdfSync, timingSafeEqual } from "node:crypto";

/** What a token allows: the files of one folder, to one playback session, until it expires. */
export interface Grant {
  readonly session: string;
  /** The folder, such as `v/<video>/<release>`. */
  readonly folder: string;
  /** Lines of the best picture. */
  readonly height: number;
  /** Seconds since the epoch. */
  readonly expires: number;
}

/** A key with its name, so that keys can change while tokens of the old one are still in use. */
export interface Key {
  readonly id: string;
  readonly secret: Buffer;
}

const TAG_BYTES = 16;
const CONTEXT = "madang path token v1";
/** kid.expires.session.height~tag; numbers in base 36, a UUID in base64url. */
const TOKEN = /^([\w-]{6})\.([\da-z]{1,8})\.([\w-]{22})\.([\da-z]{1,3})~([\w-]{22})$/;

/** The key of a deployment, derived from its service key (HKDF, RFC 5869): it signs nothing else. */
export function deriveKey(secret: Buffer): Key {
  const key = Buffer.from(hkdfSync("sha256", secret, "", CONTEXT, 32));
  return { id: hash("sha256", Buffer.concat([Buffer.from("id"), key]), "base64url").slice(0, 6), secret: key };
}

const tagOf = ({ secret }: Key, text: string, folder: string): string =>
  createHmac("sha256", secret).update(`${text}\n${folder}`).digest().subarray(0, TAG_BYTES).toString("base64url");

const packed = (uuid: string): string => Buffer.from(uuid.replaceAll("-", ""), "hex").toString("base64url");

function unpacked(text: string): string {
  const hex = Buffer.from(text, "base64url").toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function mint(key: Key, { session, folder, height, expires }: Grant): string {
  const text = `${key.id}.${expires.toString(36)}.${packed(session)}.${height.toString(36)}`;
  return `${text}~${tagOf(key, text, folder)}`;
}

/**
 * The grant of a token; undefined when no key of ours made it for this folder, or when it has expired. The tag is
 * compared in a time that does not depend on where it differs.
 * @param keys the present one first, then those whose tokens still live
 * @param now seconds since the epoch
 */
export function verify(keys: readonly Key[], token: string, folder: string, now: number): Grant | undefined {
  const [, kid, expires, session, height, tag] = TOKEN.exec(token) ?? [];
  const key = keys.find(({ id }) => id === kid);
  if (!key) return undefined;
  const text = token.slice(0, token.indexOf("~"));
  if (!timingSafeEqual(Buffer.from(tagOf(key, text, folder)), Buffer.from(tag!))) return undefined;
  const grant = {
    session: unpacked(session!),
    folder,
    height: Number.parseInt(height!, 36),
    expires: Number.parseInt(expires!, 36),
  };
  return grant.expires > now ? grant : undefined;
}

/** A text in which every token is replaced, for logs and for what others may read. */
export const redacted = (text: string): string =>
  text.replaceAll(/[\w-]{6}\.[\da-z]{1,8}\.[\w-]{22}\.[\da-z]{1,3}(?:~|%7[eE])[\w-]*/g, "-");
