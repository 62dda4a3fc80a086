/** A webhook of the payment provider, signed as it signs it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import type { Output } from "#core/contract.ts";
import { sign } from "../../../services/payment/sandbox/signature.model.ts";

export const webhookSecret = (): string =>
  readFileSync(join(process.env.DATA_DIR!, "keys", "sandbox-webhook.key"), "utf8");

export function webhook(broker: ServiceBroker, event: object): Promise<Output<"payment.receiveWebhook">> {
  const body = JSON.stringify(event);
  const headers = { "sandbox-signature": sign(webhookSecret(), body, Date.now()) };
  return broker.call("payment.receiveWebhook", { provider: "sandbox", headers, body });
}
