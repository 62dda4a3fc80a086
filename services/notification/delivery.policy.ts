/** Whether a message is sent to this person on this channel, now. */
import { isWanted, quietUntil } from "./choice.model.ts";
import { type Outcome, postponed, suppressed } from "./notification.model.ts";
import type { DeliveryRow } from "./notification.repository.ts";
import { isUrgent, kindOf } from "./notification.template.ts";
import { type People, told } from "./recipient.provider.ts";

/** Why it is not sent; null when nothing speaks against it. */
function reasonAgainst(row: DeliveryRow, { wanted, contacts, mails }: People): string | null {
  const { user_id, channel, template } = row;
  const { mailId, isTest } = told(row);
  const subject = { channel, kind: kindOf(template), isUrgent: isUrgent(template) };
  if (!isTest && !isWanted(wanted.get(user_id)!, subject)) return "NOT_WANTED";
  const contact = contacts.get(user_id);
  if (!contact) return "USER_GONE";
  if (isTest) return null;
  const mail = mails.get(mailId ?? "");
  if (mailId !== undefined && !mail) return "OUTDATED";
  // Anybody can sign up with a foreign address, so only verified ones get e-mail, and those that the user service names
  // itself. A node of the release before does not report it; browsers subscribed by themselves.
  const { emailVerified = true } = contact;
  return !emailVerified && channel !== "push" && !mail?.email ? "UNVERIFIED" : null;
}

/** What becomes of a message that is not sent now; null for one that is. @param now milliseconds since the epoch */
export function heldBack(row: DeliveryRow, people: People, now: number): Outcome | null {
  const { user_id, attempts, channel, template } = row;
  const reason = reasonAgainst(row, people);
  if (reason !== null) return suppressed(attempts, reason);
  const { quietHours } = people.wanted.get(user_id)!;
  if (!quietHours || channel === "email" || isUrgent(template)) return null;
  const until = quietUntil(quietHours, now);
  return until === null ? null : postponed(attempts, until, "QUIET_HOURS");
}
