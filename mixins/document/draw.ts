/** Draws a document with rows of money as PDF, on as many pages as it needs. What draws is loaded with the first one. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buffer } from "node:stream/consumers";
import type { Language } from "#core/text.ts";
import { unpacked } from "./font.ts";

export type Row = readonly [label: string, value: string];

interface Document {
  readonly title: string;
  readonly createdAt: Date;
  readonly language: Language;
  readonly head: readonly Row[];
  /** The names of the columns, on every page. */
  readonly columns: Row;
  readonly lines: readonly Row[];
  /** The first one is the most important. */
  readonly sums: readonly Row[];
}

/** Pretendard, under the SIL Open Font License: Latin letters with accents, all of Hangul, and signs of currencies; no Chinese characters. */
const REGULAR = import.meta.resolve("@fontsource/pretendard/files/pretendard-latin-400-normal.woff");
const BOLD = import.meta.resolve("@fontsource/pretendard/files/pretendard-latin-700-normal.woff");
let fonts: Promise<readonly [regular: Uint8Array, bold: Uint8Array]> | undefined;

/**
 * Opened once for all documents: a font keeps what it has read of its tables, and reading them is three quarters of the work.
 * pdfkit takes it as it takes bytes, but its types do not say so.
 */
async function load(font: string): Promise<Uint8Array> {
  const [{ create }, packed] = await Promise.all([import("fontkit"), readFile(fileURLToPath(font))]);
  return create(unpacked(packed)) as unknown as Uint8Array;
}

/** Points, on a page of 595 by 842. */
const [LEFT, RIGHT, TOP, BOTTOM, FOOT] = [56, 539, 56, 760, 790] as const;
const AMOUNT = 130;
const LABEL = 110;
/** Where the labels of the sums begin. */
const SUMS = 260;
/** Between the rows. */
const GAP = 7;
const [BLACK, GREY, LIGHT] = ["#111111", "#666666", "#cccccc"] as const;

/** Letters and their accents as one character, which the font has, and ordinary spaces only. */
const drawable = (text: string): string => text.normalize("NFC").replaceAll(/[^\S\n]/g, " ");

type Page = PDFKit.PDFDocument;
interface Look {
  readonly size?: number;
  readonly colour?: string;
  readonly isBold?: boolean;
  readonly align?: "left" | "right";
}

class Drawing {
  readonly #page: Page;
  readonly #columns: Row;
  #at: number = TOP;

  constructor(page: Page, columns: Row) {
    this.#page = page;
    this.#columns = columns;
  }

  /** @returns where the text ends */
  #write(text: string, x: number, y: number, width: number, look: Look = {}): number {
    const { size = 10, colour = BLACK, isBold = false, align = "left" } = look;
    const page = this.#page
      .font(isBold ? "bold" : "regular")
      .fontSize(size)
      .fillColor(colour);
    const shown = drawable(text);
    page.text(shown, x, y, { width, align, lineGap: 2 });
    return y + page.heightOfString(shown, { width, lineGap: 2 });
  }

  #rule(colour: string): void {
    this.#page.moveTo(LEFT, this.#at).lineTo(RIGHT, this.#at).lineWidth(0.5).strokeColor(colour).stroke();
    this.#at += GAP;
  }

  #heightOf(text: string, width: number): number {
    return this.#page.font("regular").fontSize(10).heightOfString(drawable(text), { width, lineGap: 2 });
  }

  title(text: string): void {
    this.#at = this.#write(text, LEFT, this.#at, RIGHT - LEFT, { size: 20, isBold: true }) + 2 * GAP;
  }

  head(rows: readonly Row[]): void {
    for (const [label, value] of rows) {
      this.#write(label, LEFT, this.#at, LABEL, { colour: GREY });
      this.#at = this.#write(value, LEFT + LABEL, this.#at, RIGHT - LEFT - LABEL) + GAP / 2;
    }
    this.#at += 2 * GAP;
  }

  columns(): void {
    const [what, amount] = this.#columns;
    this.#write(amount, RIGHT - AMOUNT, this.#at, AMOUNT, { isBold: true, align: "right" });
    this.#at = this.#write(what, LEFT, this.#at, LABEL, { isBold: true }) + GAP / 2;
    this.#rule(BLACK);
  }

  /** What stands on a second line of a label, such as the period, is less important. */
  line([label, value]: Row): void {
    const width = RIGHT - LEFT - AMOUNT - 2 * GAP;
    this.#need(this.#heightOf(label, width) + 2 * GAP);
    const [first = "", ...rest] = label.split("\n");
    this.#write(value, RIGHT - AMOUNT, this.#at, AMOUNT, { align: "right" });
    let end = this.#write(first, LEFT, this.#at, width);
    if (rest.length > 0) end = this.#write(rest.join("\n"), LEFT, end, width, { size: 9, colour: GREY });
    this.#at = end + GAP / 2;
    this.#rule(LIGHT);
  }

  sums(rows: readonly Row[]): void {
    this.#need(rows.length * 4 * GAP);
    this.#at += GAP;
    for (const [index, [label, value]] of rows.entries()) {
      const look = index === 0 ? { size: 12, isBold: true } : { colour: GREY };
      this.#write(value, RIGHT - AMOUNT, this.#at, AMOUNT, { ...look, align: "right" });
      this.#at = this.#write(label, SUMS, this.#at, RIGHT - AMOUNT - SUMS, look) + GAP;
    }
  }

  /** Begins a page when there is less room than this on the present one. */
  #need(height: number): void {
    if (this.#at + height <= BOTTOM) return;
    this.#page.addPage();
    this.#at = TOP;
    this.columns();
  }

  /** The title again, and which page of how many it is: pages get lost. */
  foot(title: string): void {
    const { start, count } = this.#page.bufferedPageRange();
    for (let index = 0; index < count; index += 1) {
      this.#page.switchToPage(start + index);
      const width = (RIGHT - LEFT) / 2;
      this.#write(title, LEFT, FOOT, width, { size: 8, colour: GREY });
      this.#write(`${index + 1} / ${count}`, LEFT + width, FOOT, width, { size: 8, colour: GREY, align: "right" });
    }
  }
}

export async function draw({ title, createdAt, language, columns, head, lines, sums }: Document): Promise<Buffer> {
  fonts ??= Promise.all([load(REGULAR), load(BOLD)]);
  const [{ default: Pdf }, [regular, bold]] = await Promise.all([import("pdfkit"), fonts]);
  const info = { Title: title, CreationDate: createdAt };
  // Pages are begun here, not where a text passes a margin.
  const margins = { top: 0, bottom: 0, left: LEFT, right: 0 };
  const page = new Pdf({ size: "A4", margins, info, lang: language, bufferPages: true, font: "" });
  const whole = buffer(page);
  page.registerFont("regular", regular).registerFont("bold", bold);
  const drawing = new Drawing(page, columns);
  drawing.title(title);
  drawing.head(head);
  drawing.columns();
  for (const line of lines) drawing.line(line);
  drawing.sums(sums);
  drawing.foot(title);
  page.end();
  return whole;
}
