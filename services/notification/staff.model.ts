/** The shop's staff as a reader of messages: an address that is set, and no account. */
import type { EventData } from "#core/contract.ts";
import type { NotificationConfig } from "./notification.config.ts";

/** A UUID of version 8 (RFC 9562), which no account has. */
export const STAFF = "00000000-0000-8000-8000-000000000001";

/** A dispute as staff are told of it: without the customer, so that nothing personal stays in the log. */
export function toStaff({ orderId, purpose, ...data }: EventData<"payment.disputed">) {
  const about = purpose === "invoice" ? { invoiceId: orderId } : { orderId };
  return { ...data, ...about, userId: STAFF };
}

type Settings = Pick<NotificationConfig, "NOTIFICATION_STAFF_EMAIL" | "NOTIFICATION_STAFF_LANGUAGE">;

/** How staff are reached; undefined where no address is set. */
export const staffContact = ({ NOTIFICATION_STAFF_EMAIL: email, NOTIFICATION_STAFF_LANGUAGE: language }: Settings) =>
  email === null ? undefined : { id: STAFF, email, language, name: "", phone: null, emailVerified: true };
