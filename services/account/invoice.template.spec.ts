import { inflateSync } from "node:zlib";
import type { Invoice } from "./invoice.contract.ts";
import { drawInvoice, rowsOf } from "./invoice.template.ts";

const won = (amount: number) => ({ amount, currency: "KRW" as const });
const invoice: Invoice = {
  id: "01980000-0000-7000-8000-000000000001",
  number: "2027-000042",
  kind: "invoice",
  purpose: "change",
  status: "paid",
  lines: [
    {
      text: { en: "Basic, unused time", ko: "베이직 미사용 기간" },
      amount: -4000,
      taxRate: 1000,
      tax: -364,
      from: null,
      to: null,
    },
    {
      text: { en: "Premium, remaining time", ko: "프리미엄 남은 기간" },
      amount: 8000,
      taxRate: 1000,
      tax: 727,
      from: "2027-03-11T00:00:00.000Z",
      to: "2027-04-01T00:00:00.000Z",
    },
  ],
  total: won(4000),
  tax: won(363),
  credited: won(1000),
  due: won(3000),
  refunded: won(0),
  corrects: null,
  paymentId: null,
  billing: { name: "김미나 José", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" },
  issuedAt: "2027-03-11T00:00:00.000Z",
  paidAt: "2027-03-11T00:00:00.000Z",
};

describe("an invoice as PDF", () => {
  it.each(["en", "ko"] as const)("is one page with a font of its own, and always the same (%s)", async (language) => {
    const [first, second] = [await drawInvoice(invoice, language), await drawInvoice(invoice, language)];
    const text = first.toString("latin1");
    expect(text.startsWith("%PDF-1.")).toBe(true);
    expect(text.match(/\/Type \/Page\b/g)).toHaveLength(1);
    expect(text).toContain("/FontFile");
    expect(text.trimEnd().endsWith("%%EOF")).toBe(true);
    // The page itself can be read, and is small enough for one answer.
    const from = first.indexOf("stream\n") + "stream\n".length;
    expect(inflateSync(first.subarray(from, first.indexOf("endstream", from))).length).toBeGreaterThan(500);
    expect(first.length).toBeLessThan(100_000);
    expect(second.length).toBe(first.length);
  });

  it("goes on over as many pages as its lines fill, and no more", async () => {
    const note: Invoice = {
      ...invoice,
      kind: "credit_note",
      lines: Array.from({ length: 60 }, () => invoice.lines[1]!),
    };
    const text = (await drawInvoice(note, "ko")).toString("latin1");
    // A line with its period takes some 33 points of the 704 that a page has for them.
    expect(text.match(/\/Type \/Page\b/g)).toHaveLength(4);
  });

  it("does not say that something was paid which is not, and a credit note has no state", () => {
    const { sums } = rowsOf({ ...invoice, status: "void" }, "en");
    expect(sums.at(-1)).toEqual(["Not paid", "₩3,000"]);
    const note = rowsOf({ ...invoice, kind: "credit_note" }, "en");
    expect(note.head.map(([label]) => label)).toEqual(["Number", "Date", "Billed to"]);
    expect(note.sums.map(([label]) => label)).toEqual(["Total", "Tax included", "Paid by credit"]);
  });

  it("says who sold, as it was set when the document was issued", () => {
    const { head } = rowsOf({ ...invoice, seller: ["Madang Ltd.", "Sejong-daero 110"] }, "en");
    expect(head).toContainEqual(["Seller", "Madang Ltd.\nSejong-daero 110"]);
  });

  it("says what was charged, given back and paid", () => {
    expect(rowsOf(invoice, "ko")).toEqual({
      head: [
        ["번호", "2027-000042"],
        ["발행일", "2027-03-11"],
        ["상태", "결제 완료"],
        ["청구 대상", "김미나 José\n세종대로 110\n04524 서울, KR"],
      ],
      lines: [
        ["베이직 미사용 기간", "-4,000원"],
        ["프리미엄 남은 기간\n2027-03-11 – 2027-04-01", "8,000원"],
      ],
      sums: [
        ["합계", "4,000원"],
        ["포함된 세금", "363원"],
        ["적립 금액 사용", "1,000원"],
        ["결제 수단으로 결제", "3,000원"],
      ],
    });
  });
});
