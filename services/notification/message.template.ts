/** A delivery's message in its reader's language: what other services know of it, and the version of its template. */
import type { Language } from "#core/text.ts";
import type { NotificationConfig } from "./notification.config.ts";
import type { Mail, Surroundings } from "./notification.model.ts";
import type { Recipient } from "./notification.provider.ts";
import type { DeliveryRow } from "./notification.repository.ts";
import { isForStaff, isUrgent, kindOf, type Message, render, sampleSurroundings } from "./notification.template.ts";
import { unsubscribing } from "./preference.mixin.ts";
import { type People, told } from "./recipient.provider.ts";

const marks = { en: "[Test]", ko: "[테스트]" };

/** A template with sample data, which says that it is a test. */
function testMessage(config: NotificationConfig, row: DeliveryRow, language: Language, { chosen }: People): Message {
  const around = { ...sampleSurroundings(config, language), content: chosen(row).content };
  const message = render(row.template, language, told(row), around);
  const mark = (text: string) => `${marks[language]} ${text}`;
  return { ...message, subject: mark(message.subject), summary: mark(message.summary) };
}

/** The token of a guest's order is for the guest alone. */
function orderFor(template: DeliveryRow["template"], order: Surroundings["order"]): Surroundings["order"] {
  if (!order?.guest || !isForStaff(template)) return order;
  const { guest: _, ...known } = order;
  return known;
}

export function messageFor(
  config: NotificationConfig,
  row: DeliveryRow,
  people: People,
  { language, name, mail }: { readonly language: Language; readonly mail: Mail | undefined } & Pick<Recipient, "name">,
): Message {
  const { template, created_at } = row;
  const { isTest, orderId = "", at = created_at } = told(row);
  if (isTest) return testMessage(config, row, language, people);
  const { NOTIFICATION_TIME_ZONE: timeZone, PUBLIC_URL: shop } = config;
  const { isGuest, chooser: userId } = people.reader(row);
  const kind = isUrgent(template) && !isGuest ? null : kindOf(template);
  return render(template, language, told(row), {
    recipient: name,
    at,
    timeZone,
    order: orderFor(template, people.orders.get(orderId)),
    shop,
    mail,
    content: people.chosen(row).content,
    unsubscribe: kind === null ? null : unsubscribing(config, { userId, kind }),
  });
}
