/** Products as rows of a CSV file: which columns there are, and what their cells mean. */
import Type, { type Static } from "typebox";
import { FORMULA } from "#core/csv.ts";
import { amountOf, decimalOf } from "#core/money.ts";
import { Id, Money, Strict, Text } from "#core/schema.ts";
import { acceptor } from "#core/validation.ts";
import { cardFault, type Language } from "#core/text.ts";
import { Description, Metadata, Sku, Slug } from "./catalogue.contract.ts";
import { product } from "./product.contract.ts";
import type { Translation } from "./translation.model.ts";

const LANGUAGES: readonly Language[] = ["en", "ko"];
export const columns = [
  "id",
  "sku",
  "name",
  "description",
  "price",
  "currency",
  "stock",
  "category",
  "slug",
  "metadata",
] as const;
const translated = ["name", "description"] as const;

/** All columns of a shop that writes in this language. */
export const columnsOf = (own: Language): string[] => [
  ...columns,
  ...LANGUAGES.filter((one) => one !== own).flatMap((one) => translated.map((field) => `${field}:${one}`)),
];

/** @throws IMPORT_COLUMNS */
export function checkColumns(names: readonly string[], own: Language): void {
  const known = columnsOf(own);
  const unknown = names.filter((name, at) => !known.includes(name) || names.indexOf(name) !== at);
  if (unknown.length > 0 || !(names.includes("sku") || names.includes("id")))
    throw product.error("IMPORT_COLUMNS", { unknown: unknown.slice(0, 20).map((name) => name.slice(0, 100)), known });
}

const Cells = Strict({
  id: Type.Optional(Id),
  sku: Type.Optional(Sku),
  name: Type.Optional(Text(200)),
  description: Type.Optional(Description),
  price: Type.Optional(Type.Integer({ minimum: 0, description: "As many digits as the currency has" })),
  currency: Type.Optional(Money.properties.currency),
  stock: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
  category: Type.Optional(Text(2000)),
  slug: Type.Optional(Slug),
  metadata: Type.Optional(Metadata),
  "name:en": Type.Optional(Text(200)),
  "name:ko": Type.Optional(Text(200)),
  "description:en": Type.Optional(Description),
  "description:ko": Type.Optional(Description),
});
export type Cells = Static<typeof Cells>;
const accept = acceptor(Cells);

const withoutGuard = (text: string): string => (text.startsWith("'") && FORMULA.test(text) ? text.slice(1) : text);

const numberIn = (text: string): number | string => (/^\d{1,13}$/.test(text) ? Number(text) : text);

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Why a row was refused; `details` is what its code alone does not tell. */
export interface Refusal {
  readonly code: string;
  readonly details: Readonly<Record<Language, string>> | null;
}

/** A record of the file, by its position and its first line, both counted from 1. */
export interface ImportRow {
  readonly record: number;
  readonly line: number;
  readonly sku: string;
  readonly cells: Cells | null;
  readonly refusal: Refusal | null;
}

interface Violations {
  readonly data?: { readonly errors?: readonly { pointer: string; detail: string }[] };
}
const told = (error: unknown): string =>
  ((error as Violations).data?.errors ?? []).map(({ pointer, detail }) => `${pointer.slice(1)} ${detail}`).join("; ");

function faultIn(values: unknown, language: Language): string {
  try {
    accept(values, language);
    return "";
  } catch (error) {
    return told(error);
  }
}

/** An empty cell says nothing, so that it changes nothing. */
function valuesOf(names: readonly string[], record: readonly string[]): Record<string, unknown> {
  const texts = names.flatMap((name, at) => {
    const text = withoutGuard(record[at] ?? "");
    return text === "" ? [] : [[name, text] as const];
  });
  const values: Record<string, unknown> = Object.fromEntries(texts);
  const { price, currency, stock, metadata } = values as Record<string, string>;
  if (price !== undefined) values["price"] = amountOf(price, (currency ?? "KRW") as Money["currency"]) ?? price;
  if (stock !== undefined) values["stock"] = numberIn(stock);
  if (metadata !== undefined) values["metadata"] = jsonIn(metadata);
  return values;
}

/** What a record says, or why it is refused. */
export function rowOf(
  names: readonly string[],
  cells: readonly string[],
  at: { readonly record: number; readonly line: number },
): ImportRow {
  const values = valuesOf(names, cells);
  const { sku = "", price, currency } = values;
  // The report keeps it, so a card number in a wrong column must not be in it.
  const place = { ...at, sku: cardFault(String(sku)) ? "" : String(sku).slice(0, 64) };
  if (cells.length > names.length || (price !== undefined && currency === undefined)) {
    const details =
      cells.length > names.length
        ? { en: "The row has more cells than there are columns.", ko: "열보다 셀이 많습니다." }
        : { en: "A price needs its currency.", ko: "가격에는 통화(currency)가 필요합니다." };
    return { ...place, cells: null, refusal: { code: "VALIDATION_FAILED", details } };
  }
  try {
    return { ...place, cells: accept(values) as Cells, refusal: null };
  } catch {
    const details = { en: faultIn(values, "en"), ko: faultIn(values, "ko") };
    return { ...place, cells: null, refusal: { code: "VALIDATION_FAILED", details } };
  }
}

/** The texts of a row in other languages. */
export const textsIn = (cells: Cells, id: string): Translation[] =>
  LANGUAGES.flatMap((language) =>
    translated.flatMap((field) => {
      const text = cells[`${field}:${language}`];
      return text === undefined ? [] : [{ entity_id: id, field, language, text }];
    }),
  );

/** How a price stands in a file. */
export const priceCells = (price: Money | null): { readonly price: string; readonly currency: string } =>
  price === null ? { price: "", currency: "" } : { price: decimalOf(price), currency: price.currency };
