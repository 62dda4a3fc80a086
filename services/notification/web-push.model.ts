/** Web Push: the encryption that only the browser can undo (RFC 8291), and how a push service knows us (RFC 8292). */
import { createCipheriv, createECDH, createPrivateKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { SignJWT } from "jose";
import { HOUR, now } from "#core/clock.ts";

export interface BrowserKeys {
  readonly p256dh: string;
  readonly auth: string;
}

const CURVE = "prime256v1";
const POINT = 65;
const AUTH = 16;
/** One record holds all of a message: a push service takes 4096 bytes at most (RFC 8030 section 7.2). */
const RECORD = 4096;
/** Bytes of a message beside the header, the tag and the mark of the last record. */
export const LONGEST = RECORD - 16 - 4 - 1 - POINT - 16 - 1;

const decode = (text: string): Buffer => Buffer.from(text, "base64url");

/** True for a point of the curve and a secret of 16 bytes, as every browser makes them. */
export function areKeys({ p256dh, auth }: BrowserKeys): boolean {
  try {
    const own = createECDH(CURVE);
    own.generateKeys();
    // It refuses what is no point of the curve.
    own.computeSecret(decode(p256dh));
    return decode(p256dh).length === POINT && decode(auth).length === AUTH;
  } catch {
    return false;
  }
}

const derive = (key: Buffer, salt: Buffer, info: string | Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, length));

interface Chance {
  /** The private key of this one message. */
  readonly sender: Buffer;
  readonly salt: Buffer;
}

function anyChance(): Chance {
  const sender = createECDH(CURVE);
  sender.generateKeys();
  return { sender: sender.getPrivateKey(), salt: randomBytes(16) };
}

/** The body of a request to a push service, in the coding aes128gcm (RFC 8188). */
export function encrypt(plain: Buffer, keys: BrowserKeys, { sender, salt }: Chance = anyChance()): Buffer {
  const own = createECDH(CURVE);
  own.setPrivateKey(sender);
  const [browser, point] = [decode(keys.p256dh), own.getPublicKey()];
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), browser, point]);
  const shared = derive(own.computeSecret(browser), decode(keys.auth), info, 32);
  const key = derive(shared, salt, "Content-Encoding: aes128gcm\0", 16);
  const cipher = createCipheriv("aes-128-gcm", key, derive(shared, salt, "Content-Encoding: nonce\0", 12));
  const size = Buffer.alloc(4);
  size.writeUInt32BE(RECORD);
  // The mark 2 says that no record follows.
  const record = [cipher.update(plain), cipher.update(Buffer.of(2)), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat([salt, size, Buffer.of(POINT), point, ...record]);
}

export interface Vapid {
  readonly key: KeyObject;
  /** Browsers subscribe with it. */
  readonly publicKey: string;
  readonly subject: string;
}

/** @param secret the private key: 32 bytes in Base64url. @throws for a number that is no key of the curve */
export function vapidOf(secret: string, subject: string): Vapid {
  const own = createECDH(CURVE);
  own.setPrivateKey(decode(secret));
  const point = own.getPublicKey();
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const d = own.getPrivateKey().toString("base64url").padStart(43, "A");
  const key = createPrivateKey({ key: { kty: "EC", crv: "P-256", x: x!, y: y!, d }, format: "jwk" });
  return { key, publicKey: point.toString("base64url"), subject };
}

export function isVapidKey(secret: string): boolean {
  try {
    return decode(secret).length === 32 && vapidOf(secret, "").publicKey !== "";
  } catch {
    return false;
  }
}

/** The header by which a push service knows whose message it is: signed for this service alone, for half a day. */
export async function authorizationOf({ key, publicKey, subject }: Vapid, endpoint: URL): Promise<string> {
  const token = await new SignJWT({ aud: endpoint.origin, sub: subject, exp: Math.floor((now() + 12 * HOUR) / 1000) })
    .setProtectedHeader({ alg: "ES256", typ: "JWT" })
    .sign(key);
  return `vapid t=${token}, k=${publicKey}`;
}
