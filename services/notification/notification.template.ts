/** All templates by name, and how a template becomes a message. */
import type { EventName } from "#core/contract.ts";
import type { NotificationConfig } from "./notification.config.ts";
import type { Language } from "#core/text.ts";
import type { Kind } from "./choice.model.ts";
import { type Content, type Copy, shownName, type Surroundings, type Template } from "./notification.model.ts";
import { filled, valuesOf } from "./template.model.ts";
import { apiKeyChanged } from "./templates/api-key.template.ts";
import { cartReminder } from "./templates/cart-reminder.template.ts";
import { details, formatTime, itemRow } from "./templates/details.template.ts";
import { paymentDisputed } from "./templates/dispute.template.ts";
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
import { pointsChanged, pointsExpiring } from "./templates/points.template.ts";
import { backInStock } from "./templates/restock.template.ts";
import { returnApproved, returnReceived, returnRejected } from "./templates/return.template.ts";
import { deliveryFailed, itemsCancelled, orderDelivered, orderShipped } from "./templates/shipment.template.ts";
import { subscriptionEnded, trialEnds } from "./templates/subscription.template.ts";

export const templates = {
  "cart-reminder": cartReminder,
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
  "payment-disputed": paymentDisputed,
  "invoice-paid": invoicePaid,
  "invoice-refunded": invoiceRefunded,
  "payment-failed": paymentFailed,
  "trial-ends": trialEnds,
  "subscription-ended": subscriptionEnded,
  "points-changed": pointsChanged,
  "points-expiring": pointsExpiring,
  "back-in-stock": backInStock,
  verification: verification,
  "email-changed": emailChanged,
  "password-reset": passwordReset,
  "password-changed": passwordChanged,
  "sign-in-noticed": signInNoticed,
  "second-factor-changed": secondFactorChanged,
  "api-key-changed": apiKeyChanged,
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
  /** Where its kind is stopped; null for what is always sent. */
  readonly unsubscribe: { readonly post: string; readonly page: string } | null;
}

export const isSecurity = (name: TemplateName): boolean => (templates[name] as Template<EventName>).isSecurity === true;

export const isForStaff = (name: TemplateName): boolean => (templates[name] as Template<EventName>).isForStaff === true;

/** Its reader has asked for this one message. */
export const isAsked = (name: TemplateName): boolean => (templates[name] as Template<EventName>).isAsked === true;

/** By the service that tells of it. */
const kindsBySource: Readonly<Record<string, Kind>> = {
  order: "orders",
  payment: "payments",
  account: "subscriptions",
  user: "benefits",
};

/** What its reader may choose not to receive; null for what is about the security of an account, and for staff. */
export function kindOf(name: TemplateName): Kind | null {
  const { event } = templates[name];
  if (isSecurity(name) || isForStaff(name)) return null;
  return event === "order.cart_abandoned" || isAsked(name) ? "reminders" : kindsBySource[event.split(".")[0]!]!;
}

/** It is sent whatever its reader has chosen, and at any hour. */
export const isUrgent = (name: TemplateName): boolean => isSecurity(name) || name === "payment-failed";

/**
 * @param data of the event that the template is about
 * @param content of the version that staff wrote, if that is to be used
 */
export function write(
  name: TemplateName,
  language: Language,
  data: unknown,
  timeZone: string,
  content?: Content,
): Copy {
  const time = (moment: string) => formatTime(moment, language, timeZone);
  const file = (templates[name] as unknown as Template<EventName>).copy[language](data as never, time);
  return content ? filled(file, content[language], valuesOf(data as object, file, language, time)) : file;
}

/** What the words of a template may hold. */
export function placeholdersOf(name: TemplateName): string[] {
  const { sample } = templates[name];
  return Object.keys(valuesOf(sample, write(name, "en", sample, "UTC"), "en", String));
}

/** What a message is about: an order, else an invoice, a subscription, a product, an e-mail about the account, or the account. */
export function subjectOf(data: unknown): string {
  const { orderId, invoiceId, subscriptionId, productId, mailId, userId } = data as Record<string, string | undefined>;
  return (orderId ?? invoiceId ?? subscriptionId ?? productId ?? mailId ?? userId)!;
}

/** Payments do not know the number of their order, which the order service tells. */
const withNumber = (data: object, { order }: Surroundings): object =>
  order?.number === undefined ? data : { number: order.number, ...data };

export function render(template: TemplateName, language: Language, event: unknown, around: Surroundings): Message {
  const data = withNumber(event as object, around) as {
    readonly orderId?: string;
    readonly number?: string;
    readonly productId?: string;
  };
  const copy = write(template, language, data, around.timeZone, around.content);
  const { subject, summary } = copy;
  const page: Page = {
    ...copy,
    name: shownName(around.recipient),
    items: (copy.items ?? []).map((item) => itemRow(item, language)),
    rows: details(data, copy, language, around),
    link: isForStaff(template) ? null : linkOf(data, copy, around),
    preferences: isSecurity(template) || isForStaff(template) ? null : pageOf(around.shop, "notification-preferences"),
    isSecurity: isUrgent(template),
    isForStaff: isForStaff(template),
    unsubscribe: around.unsubscribe?.page ?? null,
  };
  const { preferences } = page;
  const link = page.link?.href ?? null;
  const unsubscribe = around.unsubscribe ?? null;
  const [text, html] = [toText(page, language), toHtml(page, language)];
  return { subject, summary, text, html, preferences, link, unsubscribe };
}

interface Linked {
  readonly orderId?: string;
  readonly productId?: string;
}

function linkOf({ orderId, productId }: Linked, copy: Copy, { mail, order, shop }: Surroundings): Page["link"] {
  const { link } = copy;
  if (link !== undefined) {
    const own = productId === undefined ? mail?.link : pageOf(shop, `products/${encodeURIComponent(productId)}`);
    return own ? { href: own, label: link } : null;
  }
  if (order?.guest) return order.guest.link === null ? null : { href: order.guest.link };
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
