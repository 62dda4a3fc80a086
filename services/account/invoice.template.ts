/** Invoices and credit notes as PDF, in English and Korean. What draws them is loaded with the first one. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buffer } from "node:stream/consumers";
import { formatMoney } from "#core/money.ts";
import type { Language } from "#core/text.ts";
import { unpacked } from "./font.model.ts";
import type { Invoice } from "./invoice.contract.ts";

const words = {
  en: {
    invoice: "Invoice",
    credit_note: "Credit note",
    number: "Number",
    date: "Date",
    billedTo: "Billed to",
    taxId: "Tax id",
    what: "Description",
    amount: "Amount",
    total: "Total",
    tax: "Tax included",
    credited: "Paid by credit",
    due: "Paid by payment method",
    status: { open: "Open", paid: "Paid", void: "Void", uncollectible: "Uncollectible" },
  },
  ko: {
    invoice: "청구서",
    credit_note: "환불 전표",
    number: "번호",
    date: "발행일",
    billedTo: "청구 대상",
    taxId: "사업자등록번호",
    what: "내역",
    amount: "금액",
    total: "합계",
    tax: "포함된 세금",
    credited: "적립 금액 사용",
    due: "결제 수단으로 결제",
    status: { open: "미결제", paid: "결제 완료", void: "무효", uncollectible: "회수 불가" },
  },
} as const;

/** Its licence is the SIL Open Font License. It has Latin letters and all of Hangul. */
const FONT = import.meta.resolve("@fontsource/nanum-gothic/files/nanum-gothic-korean-400-normal.woff");
let font: Promise<Buffer> | undefined;

/** Points, on a page of 595. */
const LEFT = 56;
const RIGHT = 539;
const LINE = 18;

/** The font has no accents, no sign for the won, and ordinary spaces only. */
const drawable = (text: string): string =>
  text.normalize("NFKD").replaceAll(/\p{M}/gu, "").normalize("NFC").replaceAll("₩", "KRW ").replaceAll(/\s/g, " ");

type Row = readonly [label: string, value: string];

/** What stands in the document, line by line. */
export function rowsOf(invoice: Invoice, language: Language): { head: Row[]; lines: Row[]; sums: Row[] } {
  const say = words[language];
  const signed = (amount: number) =>
    `${amount < 0 ? "-" : ""}${formatMoney({ amount: Math.abs(amount), currency: invoice.total.currency }, language)}`;
  const day = (time: string) => time.slice(0, 10);
  const { billing } = invoice;
  const place = billing && [billing.line1, billing.city, billing.postalCode, billing.country].join(", ");
  const head: Row[] = [
    [say.number, invoice.number],
    [say.date, `${day(invoice.issuedAt)} (${say.status[invoice.status]})`],
    ...(billing ? ([[say.billedTo, `${billing.name}, ${place}`]] as const) : []),
    ...(billing?.taxId ? ([[say.taxId, billing.taxId]] as const) : []),
  ];
  const lines = invoice.lines.map(({ text, amount, from, to }): Row => {
    const period = from && to ? ` (${day(from)} - ${day(to)})` : "";
    return [`${text[language]}${period}`, signed(amount)];
  });
  const sums: Row[] = [
    [say.total, signed(invoice.total.amount)],
    [say.tax, signed(invoice.tax.amount)],
    ...(invoice.credited.amount > 0 ? ([[say.credited, signed(invoice.credited.amount)]] as const) : []),
    ...(invoice.kind === "invoice" ? ([[say.due, signed(invoice.due.amount)]] as const) : []),
  ];
  return { head, lines, sums };
}

/** The document as PDF. */
export async function drawInvoice(invoice: Invoice, language: Language): Promise<Buffer> {
  font ??= readFile(fileURLToPath(FONT)).then(unpacked);
  const [{ default: Document }, file] = await Promise.all([import("pdfkit"), font]);
  const say = words[language];
  const title = `${say[invoice.kind]} ${invoice.number}`;
  const info = { Title: title, CreationDate: new Date(invoice.issuedAt) };
  const page = new Document({ size: "A4", margin: LEFT, info, lang: language });
  const whole = buffer(page);
  page.registerFont("text", file).font("text");
  page.fontSize(20).text(title, LEFT, LEFT).fontSize(10);
  const { head, lines, sums } = rowsOf(invoice, language);
  let at = LEFT + 2 * LINE;
  const write = ([label, value]: Row, isAmount: boolean) => {
    page.text(drawable(label), LEFT, at, { width: 330, lineBreak: true });
    const height = Math.max(page.y - at, LINE);
    if (isAmount) page.text(drawable(value), RIGHT - 130, at, { width: 130, align: "right" });
    else page.text(drawable(value), LEFT + 120, at, { width: RIGHT - LEFT - 120 });
    at = Math.max(at + height, page.y);
  };
  const rule = () => {
    page
      .moveTo(LEFT, (at += LINE / 2))
      .lineTo(RIGHT, at)
      .lineWidth(0.5)
      .stroke();
    at += LINE / 2;
  };
  for (const row of head) write(row, false);
  rule();
  write([say.what, say.amount], true);
  for (const row of lines) write(row, true);
  rule();
  for (const row of sums) write(row, true);
  page.end();
  return whole;
}

/** The document as a file in an answer. */
export const documentOf = async (invoice: Invoice, language: Language = "en") => ({
  name: `${invoice.kind.replace("_", "-")}-${invoice.number}.pdf`,
  mediaType: "application/pdf" as const,
  content: (await drawInvoice(invoice, language)).toString("base64"),
});
