/** What a provider of text messages reports about one: that it has it, that it arrived, or that it never will. */
import type { Service } from "moleculer";
import { timestamp } from "#core/clock.ts";
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { keyOf, type NotificationConfig } from "./notification.config.ts";
import { notification } from "./notification.contract.ts";
import * as deliveries from "./notification.repository.ts";
import type { NotificationTables } from "./notification.repository.ts";
import type { receipts as contract } from "./receipt.contract.ts";
import { hashOf } from "./suppression.model.ts";
import * as suppressions from "./suppression.repository.ts";
import { fateOf, isGone, isSigned, type SmsAccount } from "./twilio.model.ts";

type Host = Service & { readonly db: Database<NotificationTables> };

/** Where a provider reports what became of a message; null when it cannot reach us. */
export const receiptsOf = ({ NOTIFICATION_API_URL: api }: Pick<NotificationConfig, "NOTIFICATION_API_URL">) =>
  api === null
    ? null
    : (provider: string, id: string) => `${api.replace(/\/+$/, "")}/api/v1/notification-receipts/${provider}/${id}`;

/** The fields of a signed report. @throws NOT_FOUND for a provider that is none of ours, SIGNATURE_INVALID */
function verified(config: NotificationConfig, { provider, id, headers, body }: Input<"notification.receiveReceipt">) {
  const account: SmsAccount | undefined = config.SMS_URLS?.find(({ name }) => name === provider);
  const urlOf = receiptsOf(config);
  if (!account || !urlOf) throw notification.error("NOT_FOUND");
  const fields = new URLSearchParams(body);
  if (!isSigned(account.token, urlOf(provider, id), fields, headers["x-twilio-signature"] ?? ""))
    throw notification.error("SIGNATURE_INVALID");
  return fields;
}

const handlersOf = (config: NotificationConfig) =>
  ({
    async receiveReceipt(this: Host, { params }: Ctx<Input<"notification.receiveReceipt">>) {
      const { provider, id } = params;
      const fields = verified(config, params);
      const row = await deliveries.sentBy(this.db, provider, id);
      const fate = fateOf(fields.get("MessageStatus"));
      if (!row || fate === null) return { received: true as const };
      const reference = fields.get("MessageSid")?.slice(0, 100) ?? row.reference;
      const error = fate === "failed" ? `SMS ${Number(fields.get("ErrorCode")) || "UNDELIVERED"}` : null;
      const delivered_at = fate === "delivered" ? timestamp() : null;
      const status = fate === "failed" ? "failed" : "sent";
      await this.db.write(async (tx) => {
        tx.add(deliveries.report(row, { status, error, delivered_at, reference }));
        const [to, code] = [fields.get("To"), Number(fields.get("ErrorCode"))];
        if (to === null || fate !== "failed" || !isGone(code)) return;
        const hash = hashOf(keyOf(config), "sms", to);
        tx.add(suppressions.suppress({ channel: "sms", hash, user_id: row.user_id, reason: `SMS ${code}` }));
      });
      return { received: true as const };
    },
  }) satisfies BlockHandlers<typeof contract>;

export const receipts = (config: NotificationConfig): Mixin =>
  mixin({}, { name: "receipts", migrations: {}, handlers: handlersOf(config) });
