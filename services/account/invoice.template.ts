/** What invoices and credit notes say, in English and Korean, and the file that they are. */
import { formatMoney } from "#core/money.ts";
import type { Language } from "#core/text.ts";
import { draw, type Row } from "#mixins/document/draw.ts";
import type { Invoice } from "./invoice.contract.ts";

const words = {
  en: {
    invoice: "Invoice",
    credit_note: "Credit note",
    number: "Number",
    date: "Date",
    state: "Status",
    seller: "Seller",
    billedTo: "Billed to",
    taxId: "Tax id",
    what: "Description",
    amount: "Amount",
    total: "Total",
    tax: "Tax included",
    credited: "Paid by credit",
    paid: "Paid by payment method",
    due: "Not paid",
    status: { open: "Open", paid: "Paid", void: "Void", uncollectible: "Uncollectible" },
  },
  ko: {
    invoice: "청구서",
    credit_note: "환불 전표",
    number: "번호",
    date: "발행일",
    state: "상태",
    seller: "판매자",
    billedTo: "청구 대상",
    taxId: "사업자등록번호",
    what: "내역",
    amount: "금액",
    total: "합계",
    tax: "포함된 세금",
    credited: "적립 금액 사용",
    paid: "결제 수단으로 결제",
    due: "결제되지 않은 금액",
    status: { open: "미결제", paid: "결제 완료", void: "무효", uncollectible: "회수 불가" },
  },
} as const;

/** What stands in the document, line by line. A label or a value may have several lines itself. */
export function rowsOf(invoice: Invoice, language: Language): { head: Row[]; lines: Row[]; sums: Row[] } {
  const say = words[language];
  const signed = (amount: number) =>
    `${amount < 0 ? "-" : ""}${formatMoney({ amount: Math.abs(amount), currency: invoice.total.currency }, language)}`;
  const day = (time: string) => time.slice(0, 10);
  const { billing } = invoice;
  const isInvoice = invoice.kind === "invoice";
  const place = billing && [billing.name, billing.line1, `${billing.postalCode} ${billing.city}, ${billing.country}`];
  const head: Row[] = [
    [say.number, invoice.number],
    [say.date, day(invoice.issuedAt)],
    ...(isInvoice ? ([[say.state, say.status[invoice.status]]] as const) : []),
    ...(invoice.seller ? ([[say.seller, invoice.seller.join("\n")]] as const) : []),
    ...(billing ? ([[say.billedTo, place!.join("\n")]] as const) : []),
    ...(billing?.taxId ? ([[say.taxId, billing.taxId]] as const) : []),
  ];
  const lines = invoice.lines.map(({ text, amount, from, to }): Row => {
    const period = from && to ? `\n${day(from)} – ${day(to)}` : "";
    return [`${text[language]}${period}`, signed(amount)];
  });
  const sums: Row[] = [
    [say.total, signed(invoice.total.amount)],
    [say.tax, signed(invoice.tax.amount)],
    ...(invoice.credited.amount > 0 ? ([[say.credited, signed(invoice.credited.amount)]] as const) : []),
    ...(isInvoice ? ([[invoice.status === "paid" ? say.paid : say.due, signed(invoice.due.amount)]] as const) : []),
  ];
  return { head, lines, sums };
}

/** The document as PDF. */
export function drawInvoice(invoice: Invoice, language: Language): Promise<Buffer> {
  const say = words[language];
  const title = `${say[invoice.kind]} ${invoice.number}`;
  const columns: Row = [say.what, say.amount];
  return draw({ title, createdAt: new Date(invoice.issuedAt), language, columns, ...rowsOf(invoice, language) });
}

/** The document as a file in an answer. */
export const documentOf = async (invoice: Invoice, language: Language = "en") => ({
  name: `${invoice.kind.replace("_", "-")}-${invoice.number}.pdf`,
  mediaType: "application/pdf" as const,
  content: (await drawInvoice(invoice, language)).toString("base64"),
});
