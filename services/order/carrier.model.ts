/** A carrier's webhooks: how they are signed (standardwebhooks.com), and what they say of a parcel. */
import { createHmac, timingSafeEqual } from "node:crypto";
import Type, { type Static } from "typebox";
import { sharedError } from "#core/errors.ts";
import { Code } from "#core/schema.ts";
import { acceptor } from "#core/validation.ts";
import type { ShipmentState } from "./answer.contract.ts";

/** Seconds by which the receiver's time may differ from the signature's: clocks, and the way between them. */
const TOLERANCE = 5 * 60;
const PREFIX = "whsec_";
/** While a carrier changes its secret, a webhook has a signature with each. */
const MOST_SIGNATURES = 10;

const keyOf = (secret: string): Buffer =>
  secret.startsWith(PREFIX) ? Buffer.from(secret.slice(PREFIX.length), "base64") : Buffer.from(secret);

const digest = (secret: string, id: string, seconds: number, body: string): Buffer =>
  createHmac("sha256", keyOf(secret)).update(`${id}.${seconds}.${body}`).digest();

/** @param at milliseconds since the epoch */
export function sign(secret: string, id: string, body: string, at: number): Record<string, string> {
  const seconds = Math.floor(at / 1000);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(seconds),
    "webhook-signature": `v1,${digest(secret, id, seconds, body).toString("base64")}`,
  };
}

/** @param at the receiver's time, milliseconds since the epoch */
export function isSigned(secret: string, headers: Readonly<Record<string, string>>, body: string, at: number): boolean {
  const { "webhook-id": id, "webhook-timestamp": time, "webhook-signature": given = "" } = headers;
  if (!id || !/^\d{1,12}$/.test(time ?? "")) return false;
  const seconds = Number(time);
  if (Math.abs(at / 1000 - seconds) > TOLERANCE) return false;
  const own = digest(secret, id, seconds, body);
  return given
    .split(" ")
    .slice(0, MOST_SIGNATURES)
    .some((one) => {
      const code = Buffer.from(one.startsWith("v1,") ? one.slice(3) : "", "base64");
      return code.length === own.length && timingSafeEqual(code, own);
    });
}

const Parcel = Type.Object({
  type: Type.String(),
  data: Type.Object({ trackingNumber: Code("^[A-Za-z0-9-]{4,40}$", 40) }),
});
const accept = acceptor(Parcel);

const states: Readonly<Record<string, Exclude<ShipmentState, "packed">>> = {
  "shipment.shipped": "shipped",
  "shipment.delivered": "delivered",
  "shipment.lost": "lost",
};

interface News {
  readonly state: Exclude<ShipmentState, "packed">;
  readonly trackingNumber: string;
}

/** What a webhook says; undefined for a type that we do not know. @throws MALFORMED_JSON, VALIDATION_FAILED */
export function readNews(text: string): News | undefined {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw sharedError("MALFORMED_JSON");
  }
  const { type } = (body ?? {}) as { readonly type?: unknown };
  if (typeof type === "string" && !Object.hasOwn(states, type)) return undefined;
  const news = accept(body) as Static<typeof Parcel>;
  return { state: states[news.type]!, trackingNumber: news.data.trackingNumber.toUpperCase() };
}
