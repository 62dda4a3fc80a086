/** Codes of devices that sign in: how they look, and how they are compared. */
import { hash, randomBytes, randomInt } from "node:crypto";

export interface DeviceRow {
  /** SHA-256 of the device's code. */
  code_hash: string;
  user_code: string;
  name: string;
  status: "pending" | "approved" | "refused";
  user_id: string | null;
  /** Milliseconds between two questions, and since the epoch when the last one came. */
  pause: number;
  asked_at: number;
  created_at: number;
  expires_at: number;
}

/** Consonants that are not mistaken for a digit or for each other, so no word is spelled either (RFC 8628, section 6.1). */
const LETTERS = "BCDFGHJKLMNPQRSTVWXZ";
const LENGTH = 8;

export const newUserCode = (): string =>
  Array.from({ length: LENGTH }, () => LETTERS[randomInt(LETTERS.length)]).join("");

export const newDeviceCode = (): string => randomBytes(32).toString("base64url");

export const hashOf = (deviceCode: string): string => hash("sha256", deviceCode, "base64url");

/** As it is shown: `WDJB-MJHT`. */
const shown = (userCode: string): string => `${userCode.slice(0, LENGTH / 2)}-${userCode.slice(LENGTH / 2)}`;

/**
 * What a device shows and asks with (RFC 8628 section 3.2).
 * @param page on which people type the code, where the deployment has one
 */
export function toAuthorization(codes: { deviceCode: string; userCode: string }, page: string | null) {
  const userCode = shown(codes.userCode);
  const complete = page && new URL(page);
  if (complete) complete.searchParams.set("code", userCode);
  return { ...codes, userCode, verificationUri: page, verificationUriComplete: complete && complete.href };
}

/** As it is stored, however it was typed. */
export const typed = (userCode: string): string => userCode.replace("-", "").toUpperCase();
