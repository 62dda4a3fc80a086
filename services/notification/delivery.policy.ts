/** Whether a message is sent to this person on this channel, now. */
import { isWanted, quietUntil } from "./choice.model.ts";
import { type Outcome, postponed, suppressed } from "./notification.model.ts";
import type { DeliveryRow } from "./notification.repository.ts";
import { isAsked, isUrgent, kindOf } from "./notification.template.ts";
import { type People, told } from "./recipient.provider.ts";

/** Why it is not sent; null when nothing speaks against it. */
function reasonAgainst(row: DeliveryRow, { reader, mails }: People): string | null {
  const { channel, template } = row;
  const { mailId, isTest } = told(row);
  const { wanted, contact, isGuest } = reader(row);
  // Anybody can order with a foreign address, so the owner of the address may stop all messages to it.
  const isNeeded = isUrgent(template) && !isGuest;
  const subject = { channel, kind: kindOf(template), isUrgent: isNeeded, isAsked: isAsked(template) };
  if (!isTest && !isWanted(wanted, subject)) return "NOT_WANTED";
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
  const { attempts, channel, template } = row;
  const reason = reasonAgainst(row, people);
  if (reason !== null) return suppressed(attempts, reason);
  const { quietHours } = people.reader(row).wanted;
  if (!quietHours || channel === "email" || isUrgent(template)) return null;
  const until = quietUntil(quietHours, now);
  return until === null ? null : postponed(attempts, until, "QUIET_HOURS");
}
