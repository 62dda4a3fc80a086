/** A delivery in the form that its recipient sees. */
import type { Notification } from "./notification.contract.ts";
import type { Language } from "#core/text.ts";
import type { DeliveryRow, NotificationTables } from "./notification.repository.ts";
import { subjectOf, write } from "./notification.template.ts";
import type { Content } from "./notification.model.ts";
import type { RestockAlert } from "./restock.contract.ts";

/** The text is written again in the reader's language, because the sent text is not stored. */
export function toNotification(
  row: DeliveryRow,
  language: Language,
  timeZone: string,
  content: Content | undefined,
): Notification {
  const { id, channel, template, status, created_at: createdAt, sent_at: sentAt, delivered_at: deliveredAt } = row;
  const data = JSON.parse(row.data) as unknown;
  const { subject: title, summary: body } = write(template, language, data, timeZone, content);
  const reason = status === "suppressed" ? row.error : null;
  const orderId = subjectOf(data);
  return { id, channel, template, title, body, orderId, status, reason, createdAt, sentAt, deliveredAt };
}

/** A browser without its keys, which only the sender needs. */
export const toSubscription = (
  row: Pick<NotificationTables["push_subscriptions"], "id" | "endpoint" | "created_at">,
) => ({
  id: row.id,
  endpoint: row.endpoint,
  createdAt: row.created_at,
});

export const toRestockAlert = ({
  id,
  product_id: productId,
  created_at: createdAt,
}: NotificationTables["restock_alerts"]): RestockAlert => ({ id, productId, createdAt });
