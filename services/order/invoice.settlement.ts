/** Issues the documents of orders: an invoice for what was captured, and a credit note for each refund. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { spread } from "#core/money.ts";
import type { Sentence } from "#core/text.ts";
import { seller } from "#mixins/document/document.config.ts";
import type { Numbering } from "#mixins/numbering/numbering.mixin.ts";
import type { Order } from "./answer.contract.ts";
import * as captures from "./capture.repository.ts";
import type { Units } from "./fulfilment.model.ts";
import type { InvoiceLine } from "./invoice.contract.ts";
import { type DocumentKind, nextShares, numberIn, payableShares, saidBy, seriesOf, sumOf } from "./invoice.model.ts";
import { billingOf, line, linesOf, type PricedUnits, unitLines } from "./invoice.projection.ts";
import * as invoices from "./invoice.repository.ts";
import { find, findRow, type Tx } from "./order.repository.ts";
import * as refunds from "./refund.repository.ts";
import { captureIdOf, filmsIn, partOfFilms } from "./title.model.ts";

export interface Host {
  readonly numbering: Numbering;
}

type Share = ReturnType<typeof nextShares>[number];

/** An order whose documents this transaction alone may change, and what they have said by rate so far. */
interface Books {
  readonly order: Order;
  /** Null once its customer's personal data is erased. */
  readonly billing: string | null;
  readonly payable: number;
  readonly whole: readonly Share[];
  readonly invoiced: readonly number[];
  readonly credited: readonly number[];
  readonly first: { readonly id: string; readonly number: string } | undefined;
  readonly refunds: ReadonlySet<string | null>;
}

async function booksOf(tx: Tx, orderId: string): Promise<Books | undefined> {
  tx.lock(`order-invoices:${orderId}`);
  const row = await tx.one(findRow, { id: orderId });
  if (!row) return undefined;
  const order = (await find(tx, orderId, null))!;
  const payable = row.payable ?? row.total;
  const whole = payableShares(order, payable);
  const said = await invoices.said(tx, orderId);
  const by = (kind: DocumentKind) =>
    saidBy(
      whole,
      said.filter((one) => one.kind === kind).map(({ shares }) => shares),
    );
  return {
    order,
    billing: row.erased === 1 ? null : JSON.stringify(billingOf(order.shippingAddress)),
    payable,
    whole,
    invoiced: by("invoice"),
    credited: by("credit_note"),
    first: said.find(({ kind }) => kind === "invoice"),
    refunds: new Set(said.map(({ refund_id }) => refund_id)),
  };
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0);

interface Document {
  readonly kind: DocumentKind;
  readonly shares: readonly Share[];
  readonly lines: readonly InvoiceLine[];
  readonly corrects: string | null;
  readonly refundId: string | null;
}

/** The number comes last, because others who number wait for the end of `tx`. */
async function issue({ numbering }: Host, tx: Tx, { order, billing }: Books, document: Document) {
  const { kind, shares, lines, corrects, refundId } = document;
  const [id, issued_at] = [newId(), timestamp()];
  const series = seriesOf(kind, issued_at);
  const number = numberIn(series, await numbering.next(tx, series, id));
  tx.add(
    invoices.insert({
      id,
      order_id: order.id,
      number,
      kind,
      corrects,
      refund_id: refundId,
      ...sumOf(shares),
      lines: JSON.stringify(lines),
      taxes: JSON.stringify(shares),
      billing,
      seller: seller(),
      issued_at,
    }),
  );
  return { id, number };
}

/** One line, where the order's own lines do not say what it is about. */
const oneLine = (text: Sentence, shares: readonly Share[]): InvoiceLine[] => [line(text, sumOf(shares).total)];

/** Units of an order, each with its part of an amount; undefined for those that cost nothing. */
function priced({ order }: Books, some: readonly Units[], amount: number) {
  const given = some.flatMap(({ productId, quantity }) => {
    const item = order.items.find((one) => one.productId === productId);
    return item && quantity > 0 ? [{ item, quantity }] : [];
  });
  const weights = given.map(({ item, quantity }) => {
    const net = item.lineTotal.amount - (item.discount?.amount ?? 0);
    return Math.round(((net + (item.taxIncluded === false ? item.tax.amount : 0)) * quantity) / item.quantity);
  });
  if (weights.every((weight) => weight === 0)) return undefined;
  const amounts = spread(amount, weights);
  return given.map((one, at): PricedUnits => ({ ...one, worth: weights[at]!, amount: amounts[at]! }));
}
type Priced = ReturnType<typeof priced>;

const ratesOf = (units: Priced) =>
  (units ?? []).map(({ item, amount }) => ({
    rate: item.taxRate ?? 0,
    included: item.taxIncluded ?? true,
    gross: amount,
  }));

/** @returns the books with the invoice; the same books when everything is invoiced already */
async function invoice(host: Host, tx: Tx, books: Books, amount: number, units?: Priced): Promise<Books> {
  if (amount <= 0) return books;
  const { whole, invoiced, order, payable } = books;
  const shares = nextShares(whole, { from: invoiced, to: whole.map(({ gross }) => gross) }, amount, ratesOf(units));
  const { total } = sumOf(shares);
  if (total === 0) return books;
  const name = order.number ?? order.id;
  const part = { en: `Part of the order ${name}`, ko: `주문 ${name}의 일부` };
  const ofPart = units && total === amount ? unitLines(order, payable, units) : oneLine(part, shares);
  const lines = total === payable ? linesOf(order, payable) : ofPart;
  const made = await issue(host, tx, books, { kind: "invoice", shares, lines, corrects: null, refundId: null });
  return {
    ...books,
    first: books.first ?? made,
    invoiced: saidBy(whole, [shares]).map((one, at) => one + invoiced[at]!),
  };
}

/** The units in the parcel whose money a capture is; undefined for one that takes money for others too. */
async function sentWith(tx: Tx, books: Books, captureId: string, amount: number): Promise<Priced> {
  const { id, items, shipments } = books.order;
  if (captureId === captureIdOf(id))
    return partOfFilms(books.order).amount === amount ? priced(books, filmsIn(items), amount) : undefined;
  const capture = await captures.find(tx, captureId);
  const parcel = shipments?.find(({ id }) => id === capture?.shipment_id);
  if (!capture || !parcel || capture.amount !== amount) return undefined;
  const isAll = capture.is_final === 1 && sum(books.invoiced) === 0;
  const left = sum(items.map(({ quantity, cancelled = 0 }) => quantity - cancelled));
  if (isAll && left !== sum(parcel.items.map(({ quantity }) => quantity))) return undefined;
  return priced(books, parcel.items, amount);
}

/** What the payment service tells. Amounts are minor units. */
interface Captured {
  readonly amount: number;
  /** Of the whole payment by then; undefined where a node of the release before tells it. */
  readonly captured: number | undefined;
  readonly captureId: string | undefined;
}

/** Money of an order was captured: what is not invoiced of it yet gets an invoice. */
export async function invoiceCaptured(
  host: Host,
  tx: Tx,
  orderId: string,
  { amount, captured, captureId }: Captured,
): Promise<void> {
  const books = await booksOf(tx, orderId);
  if (!books) return;
  const due = captured === undefined ? amount : captured - sum(books.invoiced);
  const units = captureId !== undefined && due === amount ? await sentWith(tx, books, captureId, amount) : undefined;
  await invoice(host, tx, books, due, units);
}

interface Refunded extends Pick<Captured, "amount" | "captured"> {
  readonly id: string;
}

interface Credit {
  /** It has one credit note. */
  readonly key: string;
  readonly refund: Refunded;
  /** Where units do not say it. */
  readonly text: (invoice: string) => Sentence;
}

/** Money of an order was given back. */
export const creditRefunded = (host: Host, tx: Tx, orderId: string, refund: Refunded): Promise<void> =>
  credit(host, tx, orderId, {
    key: refund.id,
    refund,
    text: (number) => ({ en: `Refund of ${number}`, ko: `${number} 환불` }),
  });

/** Units were given up whose money the customer's bank had taken back before: the sale is undone, and no money moves. */
export const creditDisputed = (
  host: Host,
  tx: Tx,
  orderId: string,
  refund: Omit<Refunded, "captured">,
): Promise<void> =>
  credit(host, tx, orderId, {
    key: `disputed:${refund.id}`,
    refund: { ...refund, captured: undefined },
    text: (number) => ({ en: `Taken back by the bank, of ${number}`, ko: `${number} 카드사 이의 제기 환불` }),
  });

async function credit(host: Host, tx: Tx, orderId: string, { key, refund, text }: Credit): Promise<void> {
  const found = await booksOf(tx, orderId);
  if (!found || found.refunds.has(key)) return;
  // What is given back was captured: its capture may be told later, or by a release that made no invoices.
  const captured = refund.captured ?? sum(found.credited) + refund.amount;
  const books = await invoice(host, tx, found, captured - sum(found.invoiced));
  const given = await refunds.find(tx, refund.id);
  const units = given && priced(books, refunds.itemsOf(given), refund.amount);
  const shares = nextShares(books.whole, { from: books.credited, to: books.invoiced }, refund.amount, ratesOf(units));
  if (sumOf(shares).total === 0 || !books.first) return;
  const { id: corrects, number } = books.first;
  const lines = units ? unitLines(books.order, books.payable, units) : oneLine(text(number), shares);
  await issue(host, tx, books, { kind: "credit_note", shares, lines, corrects, refundId: key });
}
