/** Invoices of orders in the form that clients see, and the lines of one that is made. */
import type { Money } from "#core/schema.ts";
import type { Sentence } from "#core/text.ts";
import type { Order } from "./answer.contract.ts";
import type { InvoiceBilling, InvoiceLine, OrderInvoice } from "./invoice.contract.ts";
import type { Share } from "./invoice.model.ts";
import type { InvoiceRow } from "./order.tables.ts";

interface Shown extends InvoiceRow {
  readonly order_number: string | null;
  readonly currency: Money["currency"];
  /** The number of the invoice that it corrects. */
  readonly corrected: string | null;
}

export function toInvoice(row: Shown): OrderInvoice {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    number: row.number,
    kind: row.kind,
    orderId: row.order_id,
    ...(row.order_number !== null && { orderNumber: row.order_number }),
    lines: JSON.parse(row.lines) as InvoiceLine[],
    taxes: (JSON.parse(row.taxes) as Share[]).map(({ gross, tax, ...rate }) => ({
      ...rate,
      total: money(gross),
      tax: money(tax),
    })),
    total: money(row.total),
    tax: money(row.tax),
    ...(row.corrects !== null && { corrects: row.corrects, corrected: row.corrected! }),
    ...(row.billing !== null && { billing: JSON.parse(row.billing) as InvoiceBilling }),
    ...(row.seller !== null && { seller: JSON.parse(row.seller) as string[] }),
    issuedAt: row.issued_at,
  };
}

export function billingOf({ name, line1, line2, city, postalCode, country }: Order["shippingAddress"]): InvoiceBilling {
  return { name, line1, ...(line2 !== undefined && { line2 }), city, postalCode, country };
}

export const line = (text: Sentence, amount: number): InvoiceLine => ({ text: { ...text }, amount });

const nameOf = ({ name, optionValues = [] }: Order["items"][number]): string =>
  optionValues.length === 0 ? name : `${name} (${optionValues.map(({ value }) => value).join(", ")})`;

function itemLine(item: Order["items"][number], quantity: number, amount: number): InvoiceLine {
  const name = nameOf(item);
  return { text: { en: name, ko: name }, quantity, amount };
}

/** Units of an order in a document, in minor units. */
export interface PricedUnits {
  readonly item: Order["items"][number];
  readonly quantity: number;
  /** Their price with the tax that is added to it, less their part of a discount. */
  readonly worth: number;
  /** Their part of the document's amount, with that of shipping. */
  readonly amount: number;
}

/**
 * The lines of a document about some units: what the units cost, and their shipping. Where rates differ, shipping has a line for
 * each, so that the lines of a rate add up to what the document says of it.
 */
export function unitLines(order: Order, payable: number, units: readonly PricedUnits[]): InvoiceLine[] {
  const isFree = order.shipping.amount === 0;
  const paid = (worth: number) => Number((BigInt(worth) * BigInt(payable)) / BigInt(order.total.amount));
  const priced = units.map((one) => ({ ...one, price: isFree ? one.amount : Math.min(one.amount, paid(one.worth)) }));
  const byRate = Map.groupBy(priced, ({ item }) => item.taxRate ?? 0);
  const fees = [...byRate].flatMap(([rate, some]) => {
    const fee = some.reduce((sum, { amount, price }) => sum + amount - price, 0);
    return fee > 0 ? [{ rate: `${rate / 100}%`, fee }] : [];
  });
  const named = ({ rate }: { rate: string }): Sentence =>
    fees.length === 1
      ? { en: "Shipping", ko: "배송비" }
      : { en: `Shipping, taxed at ${rate}`, ko: `배송비 (세율 ${rate})` };
  return [
    ...priced.map(({ item, quantity, price }) => itemLine(item, quantity, price)),
    ...fees.map((one) => line(named(one), one.fee)),
  ];
}

/** The lines of an invoice for a whole order. They add up to what was paid. */
export function linesOf(order: Order, payable: number): InvoiceLine[] {
  const { items, discount, shipping, taxes, total } = order;
  const added = taxes.reduce((sum, { included, tax }) => sum + (included ? 0 : tax.amount), 0);
  const extras = [
    line({ en: "Discount", ko: "할인" }, -(discount?.amount ?? 0)),
    line({ en: "Shipping", ko: "배송비" }, shipping.amount),
    line({ en: "Tax that is added", ko: "별도 부과 세금" }, added),
    line({ en: "Paid with points", ko: "포인트 사용" }, payable - total.amount),
  ];
  return [
    ...items.map((item) => ({
      ...itemLine(item, item.quantity, item.lineTotal.amount),
      unitPrice: item.unitPrice,
    })),
    ...extras.filter(({ amount }) => amount !== 0),
  ];
}
