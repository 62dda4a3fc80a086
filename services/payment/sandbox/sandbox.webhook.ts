/** The secrets that this service shares with the sandbox, and the check of the webhooks signed with them. */
import { randomBytes } from "node:crypto";
import { now } from "#core/clock.ts";
import { generatedSecret } from "#core/config.ts";
import { sharedError } from "#core/errors.ts";
import { config } from "../payment.config.ts";
import { payment } from "../payment.contract.ts";
import type { Webhook } from "../payment.provider.ts";
import { isSigned, SIGNATURE_HEADER } from "./signature.model.ts";

const random = (): string => randomBytes(32).toString("base64url");

/** The secret that signs the sandbox's webhooks. */
export const webhookSecret = (): string =>
  config.PAYMENT_SANDBOX_SECRET ?? generatedSecret("sandbox-webhook.key", random);

/** The key with which this service calls a sandbox in another process. */
export const apiKey = (): string => config.PAYMENT_SANDBOX_KEY ?? generatedSecret("sandbox-api.key", random);

/** @throws SIGNATURE_INVALID, MALFORMED_JSON */
export function parseWebhook(secret: string, { headers, body }: Webhook): unknown {
  if (!isSigned(secret, body, headers[SIGNATURE_HEADER], now())) throw payment.error("SIGNATURE_INVALID");
  try {
    return JSON.parse(body);
  } catch {
    throw sharedError("MALFORMED_JSON");
  }
}
