/** What invoices and credit notes of orders say, in English and Korean, and the file that they are. */
import { formatMoney } from "#core/money.ts";
import type { Language } from "#core/text.ts";
import { draw, type Row } from "#mixins/document/draw.ts";
import type { OrderInvoice } from "./invoice.contract.ts";

const words = {
  en: {
    invoice: "Invoice",
    credit_note: "Credit note",
    number: "Number",
    date: "Date",
    order: "Order",
    corrects: "Corrects",
    seller: "Seller",
    billedTo: "Billed to",
    what: "Description",
    amount: "Amount",
    total: { invoice: "Total paid", credit_note: "Total refunded" },
    tax: (rate: string, of: string) => `Tax ${rate} in ${of}`,
  },
  ko: {
    invoice: "청구서",
    credit_note: "환불 전표",
    number: "번호",
    date: "발행일",
    order: "주문 번호",
    corrects: "정정 대상",
    seller: "판매자",
    billedTo: "청구 대상",
    what: "내역",
    amount: "금액",
    total: { invoice: "결제 금액", credit_note: "환불 금액" },
    tax: (rate: string, of: string) => `${of}에 포함된 세금 ${rate}`,
  },
} as const;

/** What stands in the document, line by line. A label or a value may have several lines itself. */
export function rowsOf(document: OrderInvoice, language: Language): { head: Row[]; lines: Row[]; sums: Row[] } {
  const say = words[language];
  const { kind, billing, orderNumber, corrected, total } = document;
  const written = (amount: number) =>
    `${amount < 0 ? "-" : ""}${formatMoney({ ...total, amount: Math.abs(amount) }, language)}`;
  const place = billing && [
    billing.name,
    billing.line1,
    ...(billing.line2 === undefined ? [] : [billing.line2]),
    `${billing.postalCode} ${billing.city}, ${billing.country}`,
  ];
  const head: Row[] = [
    [say.number, document.number],
    [say.date, document.issuedAt.slice(0, 10)],
    ...(orderNumber === undefined ? [] : ([[say.order, orderNumber]] as const)),
    ...(corrected === undefined ? [] : ([[say.corrects, corrected]] as const)),
    ...(document.seller ? ([[say.seller, document.seller.join("\n")]] as const) : []),
    ...(place ? ([[say.billedTo, place.join("\n")]] as const) : []),
  ];
  const lines = document.lines.map(({ text, quantity, unitPrice, amount }): Row => {
    const each = unitPrice ? `${quantity} × ${formatMoney(unitPrice, language)}` : `× ${quantity}`;
    const units = quantity === undefined ? "" : `\n${each}`;
    return [`${text[language]}${units}`, written(amount)];
  });
  const sums: Row[] = [
    [say.total[kind], written(total.amount)],
    ...document.taxes.map(({ rate, total: of, tax }): Row => [
      say.tax(`${rate / 100}%`, written(of.amount)),
      written(tax.amount),
    ]),
  ];
  return { head, lines, sums };
}

/** The document as a file in an answer. */
export async function documentOf(document: OrderInvoice, language: Language = "en") {
  const say = words[language];
  const title = `${say[document.kind]} ${document.number}`;
  const columns: Row = [say.what, say.amount];
  const createdAt = new Date(document.issuedAt);
  const file = await draw({ title, createdAt, language, columns, ...rowsOf(document, language) });
  return { name: `${document.number}.pdf`, mediaType: "application/pdf" as const, content: file.toString("base64") };
}
