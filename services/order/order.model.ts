/** The rules of an order: its lines, its price and its timeline, without input or output. */
import { holdsCardNumber, mayBeCard } from "#core/card.ts";
import { now, timestamp } from "#core/clock.ts";
import { codeKey } from "#core/folding.ts";
import { newId } from "#core/id.ts";
import { sharedError } from "#core/errors.ts";
import { MAX_AMOUNT, type Money } from "#core/schema.ts";
import type { Language } from "#core/text.ts";
import type { Entry, Reason } from "#mixins/saga/saga.mixin.ts";
import { MAX_QUANTITY } from "./basket.contract.ts";
import type { Charges, Order, OrderItem, TimelineEntry } from "./answer.contract.ts";
import type { Discounts } from "./discount.model.ts";
import type { RefusedPoints } from "./point.model.ts";
import { order } from "./order.contract.ts";
import { type Tax, taxFor, taxOn } from "./tax.model.ts";

interface RequestedItem {
  readonly productId: string;
  readonly quantity: number;
}

/** One line per product: two lines with the same product become one with the sum. */
export function mergeLines(items: readonly RequestedItem[]): RequestedItem[] {
  const merged = new Map<string, number>();
  for (const { productId, quantity } of items) merged.set(productId, (merged.get(productId) ?? 0) + quantity);
  return [...merged].map(([productId, quantity]) => ({ productId, quantity }));
}

interface Product {
  readonly id: string;
  readonly name: string;
  readonly price: Money;
  readonly taxRate: number;
  readonly sku?: string;
  readonly optionValues?: OrderItem["optionValues"];
  readonly title?: OrderItem["title"];
}

/** A line as it is sold. Name, price, discount and tax stay as they are now, and what of its product it is. */
export function priceLine(
  { name, price, taxRate, sku, optionValues, title }: Product,
  { productId, quantity }: RequestedItem,
  tax: Tax = taxFor([], taxRate),
  discount = 0,
): OrderItem {
  const { currency } = price;
  const amount = price.amount * quantity;
  return {
    productId,
    name,
    quantity,
    unitPrice: price,
    lineTotal: { amount, currency },
    ...(discount > 0 && { discount: { amount: discount, currency } }),
    tax: { amount: taxOn(amount - discount, tax), currency },
    taxRate: tax.rate,
    taxIncluded: tax.included,
    ...(sku !== undefined && { sku }),
    ...(optionValues && { optionValues }),
    ...(title && { title }),
  };
}

/**
 * The sum of several lines with the same product may exceed the limit of one line.
 * @throws VALIDATION_FAILED naming the first line that exceeds the limit
 */
export function checkQuantities(requested: readonly RequestedItem[], language: Language = "en"): void {
  const sums = new Map<string, number>();
  for (const [index, { productId, quantity }] of requested.entries()) {
    const sum = (sums.get(productId) ?? 0) + quantity;
    sums.set(productId, sum);
    if (sum <= MAX_QUANTITY) continue;
    const detail = {
      en: `must be ${MAX_QUANTITY} or less for one product, in all lines together`,
      ko: `한 상품은 모두 합해 ${MAX_QUANTITY}개까지 주문할 수 있습니다`,
    };
    throw sharedError("VALIDATION_FAILED", {
      errors: [{ pointer: `/items/${index}/quantity`, detail: detail[language] }],
    });
  }
}

/** Bytes of an order's lines as JSON. An order travels in one message of NATS, which carries 1 MiB. */
const LARGEST = 900 * 1024;

/** The sum of the lines. @throws MIXED_CURRENCIES, TOTAL_TOO_LARGE, TOO_LARGE */
export function subtotalOf(items: readonly OrderItem[]): Money {
  const { currency } = items[0]!.lineTotal;
  if (items.some(({ lineTotal }) => lineTotal.currency !== currency)) throw order.error("MIXED_CURRENCIES");
  const amount = items.reduce((sum, { lineTotal }) => sum + lineTotal.amount, 0);
  if (amount > MAX_AMOUNT) throw order.error("TOTAL_TOO_LARGE");
  if (Buffer.byteLength(JSON.stringify(items)) > LARGEST) throw order.error("TOO_LARGE");
  return { amount, currency };
}

/**
 * Checked before anything is stored. The payment service refuses a card number too, but by then the journal would hold
 * it.
 * @throws PAYMENT_METHOD_INVALID
 */
export function checkPaymentMethod(paymentMethod: string): void {
  // Keys of Toss Payments hold the time, which is as long as a card number with a mistake.
  const isCard = paymentMethod.startsWith("toss_") ? holdsCardNumber(paymentMethod) : mayBeCard(paymentMethod);
  if (isCard) throw order.error("PAYMENT_METHOD_INVALID");
}

/** The lines of an order, and what is charged for them. */
export interface Priced {
  readonly items: OrderItem[];
  readonly charges: Charges;
}

/** What a basket costs now. Coupons that are not good for it take off nothing, and points that are not there pay nothing. */
export interface PricedNow extends Priced, Pick<Discounts, "refused"> {
  readonly refusedPoints?: RefusedPoints;
}

interface Quoted extends Priced {
  readonly codes: readonly string[];
  readonly points?: number | undefined;
  readonly expiresAt: number;
}

type Figure = "shipping" | "tax" | "discount" | "total" | "payable";
const nothing = ({ total: { currency } }: Charges): Money => ({ amount: 0, currency });

/**
 * Each line, the shipping and the tax must cost what was quoted. Changes that cancel out in the total are still changes.
 * @throws QUOTE_EXPIRED, QUOTE_MISMATCH, PRICE_CHANGED with both totals, the products, both fees, taxes, discounts and what is left to pay, and the
 * coupons that are no longer good
 */
export function checkQuote(
  quote: Quoted | undefined,
  { items, charges, refused }: PricedNow,
  codes: readonly string[] = [],
  points?: number,
): void {
  if (!quote || quote.expiresAt < now()) throw order.error("QUOTE_EXPIRED");
  const keys = (written: readonly string[]) => written.map(codeKey).toSorted().join("\n");
  if (keys(quote.codes) !== keys(codes) || quote.points !== points) throw order.error("QUOTE_MISMATCH");
  const basket = (lines: readonly OrderItem[]) =>
    lines
      .map(({ productId, quantity, title }) => `${productId}:${quantity}:${title?.kind}`)
      .toSorted()
      .join();
  if (basket(quote.items) !== basket(items)) throw order.error("QUOTE_MISMATCH");
  const price = ({ unitPrice, lineTotal, discount, tax }: OrderItem) =>
    [unitPrice.amount, lineTotal.amount, discount?.amount ?? 0, tax.amount, unitPrice.currency].join(" ");
  const quoted = new Map(quote.items.map((line) => [line.productId, price(line)]));
  const changed = items.filter((line) => quoted.get(line.productId) !== price(line));
  const figure = (all: Charges, what: Figure) => all[what] ?? (what === "payable" ? all.total : nothing(all));
  const both = (what: Figure) => ({ quoted: figure(quote.charges, what), current: figure(charges, what) });
  const pay = quote.charges.payable || charges.payable ? (["payable"] as const) : [];
  const differs = (what: Figure) => both(what).quoted.amount !== both(what).current.amount;
  const figures = (["shipping", "tax", "discount", ...pay] as const).filter(differs);
  if (changed.length === 0 && figures.length === 0 && !differs("total") && refused.length === 0) return;
  throw order.error("PRICE_CHANGED", {
    ...both("total"),
    productIds: changed.map(({ productId }) => productId),
    ...Object.fromEntries(figures.map((what) => [what, both(what)])),
    ...(refused.length > 0 && { coupons: refused }),
  });
}

/** An order as it is placed, without reserved stock and payment. */
export const newOrder = (
  order: Pick<Order, "number" | "items" | keyof Charges | "shippingAddress" | "note">,
): Order => ({
  ...order,
  id: newId(),
  status: "pending",
  paymentId: null,
  reason: null,
  createdAt: timestamp(),
  version: 1,
});

/** Also for an order that a person ended by hand. */
export const BY_SHOP = "ORDER_CANCELLED_BY_SHOP";

export const cancelledBy = (who: "customer" | "shop"): Reason => ({
  code: who === "customer" ? "ORDER_CANCELLED" : BY_SHOP,
  message: `The ${who} cancelled the order`,
});

const told: Readonly<Record<Entry["state"], string>> = {
  started: "started",
  done: "done",
  refused: "refused",
  failed: "retrying",
  waiting: "waiting",
};

/** The first entry of the timeline. */
export const beginning = ({ createdAt }: Order): TimelineEntry[] => [{ at: createdAt, step: "placed", state: "done" }];

/** The last entry, once the outcome is known. It follows the entries of the steps. */
export const standing = ({ status, reason }: Order, at: string): TimelineEntry[] =>
  status === "pending" ? [] : [{ at, step: status, state: "done", ...(reason ? { detail: reason } : {}) }];

/** A step of the saga as customers and staff read it. */
export const entryOf = ({ step, state, direction, startedAt, endedAt, detail }: Entry): TimelineEntry => ({
  at: endedAt ?? startedAt,
  step,
  state: direction === "backward" && state === "done" ? "undone" : told[state],
  ...(detail === null ? {} : { detail }),
});

/** The timeline in chronological order. Entries of the same moment keep their given order. */
export const timelineOf = (...parts: readonly (readonly TimelineEntry[])[]): TimelineEntry[] =>
  parts.flat().toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
