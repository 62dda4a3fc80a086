/** Hashes PINs with scrypt. A hash delays who has stolen the database; who guesses online is stopped by the few tries. */
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

/** Bytes of salt and hash, and scrypt's cost: 8 MiB and some 20 ms. */
const SALT = 16;
const HASH = 32;
const COST = { N: 8192, r: 8, p: 1 };

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** `<salt>.<hash>` in base64url. */
export async function hashPin(pin: string): Promise<string> {
  const salt = randomBytes(SALT);
  return `${salt.toString("base64url")}.${(await derive(pin, salt, HASH, COST)).toString("base64url")}`;
}

export async function isPin(pin: string, stored: string): Promise<boolean> {
  const [salt = "", hash = ""] = stored.split(".");
  const expected = Buffer.from(hash, "base64url");
  return timingSafeEqual(await derive(pin, Buffer.from(salt, "base64url"), HASH, COST), expected);
}
