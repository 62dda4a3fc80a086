/**
 * API keys of machines: `mdk_<id><secret><checksum>`, in hexadecimal digits. Scanners for leaked secrets find the prefix, and
 * the checksum tells them, and us, a key from a typing error without asking anybody.
 */
import { hash, randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";

const PREFIX = "mdk_";
/** Random bytes of a secret. */
const SECRET = 24;
const KEY = /^mdk_([0-9a-f]{32})[0-9a-f]{48}[0-9a-f]{8}$/;
/** Characters of the checksum. */
const CHECKED = 8;

const checksumOf = (text: string): string => crc32(text).toString(16).padStart(CHECKED, "0");

/** True for what was meant as a key, whether it is one or not. */
export const isApiKey = (token: string): boolean => token.startsWith(PREFIX);

/** The public beginning of a key, by which people tell keys apart. */
export const prefixOf = (id: string): string => `${PREFIX}${id.replaceAll("-", "")}`;

/** A new key, which is shown once. @param id a UUID */
export function newApiKey(id: string): string {
  const body = `${prefixOf(id)}${randomBytes(SECRET).toString("hex")}`;
  return `${body}${checksumOf(body)}`;
}

/** The id of a key; null when this is no key, or has a typing error. */
export function idOfApiKey(key: string): string | null {
  const [, id] = KEY.exec(key) ?? [];
  if (id === undefined || checksumOf(key.slice(0, -CHECKED)) !== key.slice(-CHECKED)) return null;
  return id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** What is stored of a key. It holds 192 random bits, so a fast hash keeps it. */
export const digestOfApiKey = (key: string): string => hash("sha256", key, "hex");
