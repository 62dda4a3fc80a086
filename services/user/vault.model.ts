/**
 * Encrypts secrets that the service must read again, such as those of authenticator apps, so that a copy of the database
 * alone is of no use. A text names its key: the present one, or the one that follows from the key of access tokens.
 */
import { createCipheriv, createDecipheriv, hash, hkdfSync, randomBytes } from "node:crypto";
import { tokenPrivateKey } from "#mixins/node/keys.ts";
import { config } from "./user.config.ts";

const ALGORITHM = "aes-256-gcm";
const IV_BYTES = 12;
const TAG_BYTES = 16;

const derive = (from: string): Buffer => Buffer.from(hkdfSync("sha256", from, "", "madang user secrets", 32));
const nameOf = (key: Buffer): string => hash("sha256", key, "base64url").slice(0, 8);

let known: readonly Buffer[] | undefined;
/** The first encrypts. */
const keys = (): readonly Buffer[] =>
  (known ??= [config.USER_SECRETS_KEY, tokenPrivateKey().d!].flatMap((from) => (from === null ? [] : [derive(from)])));

/** @param owner whose secret it is: it cannot be read as anybody else's */
export function encrypt(secret: Buffer, owner: string): string {
  const key = keys()[0]!;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv).setAAD(Buffer.from(owner));
  const parts = [iv, cipher.update(secret), cipher.final(), cipher.getAuthTag()];
  return `${nameOf(key)}.${Buffer.concat(parts).toString("base64url")}`;
}

/** @throws Error when the key is another one by now */
export function decrypt(text: string, owner: string): Buffer {
  const [name, content = ""] = text.split(".");
  const key = keys().find((one) => nameOf(one) === name);
  if (!key) throw new Error("A secret was encrypted with a key that is not there: set USER_SECRETS_KEY to that again.");
  const bytes = Buffer.from(content, "base64url");
  const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(owner));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
}
