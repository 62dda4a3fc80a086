/** All templates by name, and how a template becomes a message. */
import type { EventName } from "#core/contract.ts";
import type { NotificationConfig } from "./notification.config.ts";
import type { Language } from "#core/text.ts";
import { type Copy, shownName, type Surroundings, type Template } from "./notification.model.ts";
import { details, formatTime, itemRow } from "./templates/details.template.ts";
import { invoicePaid, invoiceRefunded, paymentFailed } from "./templates/invoice.template.ts";
import { type Page, toHtml, toText } from "./templates/layout.template.ts";
import { orderCancelled } from "./templates/order-cancelled.template.ts";
import { orderConfirmed } from "./templates/order-confirmed.template.ts";
import { paymentReceived } from "./templates/payment-received.template.ts";
import { paymentRefunded } from "./templates/payment-refunded.template.ts";
import {
  emailChanged,
  passwordChanged,
  passwordReset,
  secondFactorChanged,
  signInNoticed,
  verification,
} from "./templates/security.template.ts";
import { returnApproved, returnReceived, returnRejected } from "./templates/return.template.ts";
import { deliveryFailed, itemsCancelled, orderDelivered, orderShipped } from "./templates/shipment.template.ts";
import { subscriptionEnded, trialEnds } from "./templates/subscription.template.ts";

export const templates = {
  "payment-received": paymentReceived,
  "order-confirmed": orderConfirmed,
  "order-cancelled": orderCancelled,
  "items-cancelled": itemsCancelled,
  "order-shipped": orderShipped,
  "order-delivered": orderDelivered,
  "delivery-failed": deliveryFailed,
  "return-approved": returnApproved,
  "return-rejected": returnRejected,
  "return-received": returnReceived,
  "payment-refunded": paymentRefunded,
  "invoice-paid": invoicePaid,
  "invoice-refunded": invoiceRefunded,
  "payment-failed": paymentFailed,
  "trial-ends": trialEnds,
  "subscription-ended": subscriptionEnded,
  verification: verification,
  "email-changed": emailChanged,
  "password-reset": passwordReset,
  "password-changed": passwordChanged,
  "sign-in-noticed": signInNoticed,
  "second-factor-changed": secondFactorChanged,
};

export type TemplateName = keyof typeof templates;
export const templateNames = Object.keys(templates) as TemplateName[];

export interface Message {
  readonly subject: string;
  readonly summary: string;
  readonly text: string;
  readonly html: string;
  /** Where its reader changes what they receive. */
  readonly preferences: string | null;
  /** The page of what it is about. */
  readonly link: string | null;
}

export const isSecurity = (name: TemplateName): boolean => (templates[name] as Template<EventName>).isSecurity === true;

/** It is sent whatever its reader has chosen, and at any hour. */
export const isUrgent = (name: TemplateName): boolean => isSecurity(name) || name === "payment-failed";

/** @param data of the event that the template is about */
export const write = (name: TemplateName, language: Language, data: unknown, timeZone: string): Copy =>
  (templates[name] as unknown as Template<EventName>).copy[language](data as never, (moment) =>
    formatTime(moment, language, timeZone),
  );

/** What a message is about: an order, else an invoice, a subscription, an e-mail about the account, or the account. */
export function subjectOf(data: unknown): string {
  const { orderId, invoiceId, subscriptionId, mailId, userId } = data as Record<string, string | undefined>;
  return (orderId ?? invoiceId ?? subscriptionId ?? mailId ?? userId)!;
}

/** Payments do not know the number of their order, which the order service tells. */
const withNumber = (data: object, { order }: Surroundings): object =>
  order?.number === undefined ? data : { number: order.number, ...data };

export function render(template: TemplateName, language: Language, event: unknown, around: Surroundings): Message {
  const data = withNumber(event as object, around) as { readonly orderId?: string; readonly number?: string };
  const copy = write(template, language, data, around.timeZone);
  const { subject, summary } = copy;
  const { orderId } = data;
  const page: Page = {
    ...copy,
    name: shownName(around.recipient),
    items: (copy.items ?? []).map((item) => itemRow(item, language)),
    rows: details(data, copy, language, around),
    link: linkOf(orderId, copy, around),
    preferences: isSecurity(template) ? null : pageOf(around.shop, "notification-preferences"),
    isSecurity: isSecurity(template),
  };
  const { preferences } = page;
  const link = page.link?.href ?? null;
  return { subject, summary, text: toText(page, language), html: toHtml(page, language), preferences, link };
}

function linkOf(orderId: string | undefined, copy: Copy, { mail, shop }: Surroundings): Page["link"] {
  const { link } = copy;
  if (link !== undefined) return mail?.link ? { href: mail.link, label: link } : null;
  const href = orderId === undefined ? null : pageOf(shop, `orders/${encodeURIComponent(orderId)}`);
  return href === null ? null : { href };
}

/** Below the path that the shop's address has. */
const pageOf = (shop: string | null, path: string): string | null =>
  shop === null ? null : new URL(path, shop.replace(/[?#].*$/, "").replace(/\/*$/, "/")).href;

const addresses = {
  en: { name: "Alex Reed", line1: "110 Sejong-daero", city: "Seoul", postalCode: "04524", country: "KR" },
  ko: { name: "김미나", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" },
} as const;

/** For previews and tests; it goes with the samples of the templates. */
export const sampleSurroundings = (
  config: Pick<NotificationConfig, "PUBLIC_URL" | "NOTIFICATION_TIME_ZONE">,
  language: Language,
): Surroundings => ({
  recipient: addresses[language].name,
  at: "2026-01-15T03:04:05.000Z",
  timeZone: config.NOTIFICATION_TIME_ZONE,
  shop: config.PUBLIC_URL,
  order: {
    id: orderConfirmed.sample.orderId,
    number: "M-2026-004217",
    createdAt: "2026-01-15T03:04:00.000Z",
    total: orderConfirmed.sample.total,
    tax: { amount: 3546, currency: "KRW" },
    shippingAddress: addresses[language],
  },
  mail: {
    id: verification.sample.mailId,
    email: null,
    link: "https://shop.example.com/account#verify=0",
    code: null,
    device: "Chrome on Windows",
    network: "203.0.113.0/24",
  },
});
