/** Every template by name, and how one becomes a message. */
import type { EventName } from "#core/contract.ts";
import { type Copy, type Language, shownName, type Template } from "./notification.model.ts";
import { toHtml, toText } from "./templates/layout.template.ts";
import { orderCancelled } from "./templates/order-cancelled.template.ts";
import { orderConfirmed } from "./templates/order-confirmed.template.ts";
import { paymentReceived } from "./templates/payment-received.template.ts";
import { paymentRefunded } from "./templates/payment-refunded.template.ts";

export const templates = {
  "payment-received": paymentReceived,
  "order-confirmed": orderConfirmed,
  "order-cancelled": orderCancelled,
  "payment-refunded": paymentRefunded,
};

export type TemplateName = keyof typeof templates;
export const templateNames = Object.keys(templates) as TemplateName[];

/** A message ready to be sent. */
export interface Message {
  readonly subject: string;
  readonly summary: string;
  readonly text: string;
  readonly html: string;
}

/** @param data of the event that the template is about */
export const write = (name: TemplateName, language: Language, data: unknown): Copy =>
  (templates[name] as unknown as Template<EventName>).copy[language](data as never);

/** @param recipient the name in the greeting */
export function render(template: TemplateName, language: Language, data: unknown, recipient: string): Message {
  const copy = write(template, language, data);
  const { subject, summary } = copy;
  const name = shownName(recipient);
  return { subject, summary, text: toText(copy, language, name), html: toHtml(copy, language, name) };
}
