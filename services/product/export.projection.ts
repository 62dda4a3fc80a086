/** Products, and rows that an import refused, as pages of a CSV file. */
import Type from "typebox";
import { BOM, lineOf } from "#core/csv.ts";
import { decodeCursor, encodeCursor } from "#core/cursor.ts";
import { type ErrorDefinition, sharedErrors } from "#core/errors.ts";
import { Id } from "#core/schema.ts";
import type { Language } from "#core/text.ts";
import { columnsOf, priceCells } from "./import.model.ts";
import * as imports from "./import.repository.ts";
import { paths, type Paths } from "./path.repository.ts";
import { config } from "./product.config.ts";
import { errors } from "./error.contract.ts";
import type { Db } from "./product.tables.ts";
import { list, type ProductRecord } from "./record.repository.ts";
import * as texts from "./translation.repository.ts";

/** Rows that are read at once. */
const ROWS = 100;
/** Bytes from which on a page ends: NATS carries 1 MiB, and Base64 makes it longer by a third. */
const FULL = 400_000;
/** Rows of one page of a report. */
const REPORTED = 1000;

const Place = Type.Tuple([Id]);

const csv = (name: string, lines: readonly string[], nextCursor: string | null) => ({
  name,
  mediaType: "text/csv" as const,
  content: Buffer.from(lines.join("")).toString("base64"),
  nextCursor,
});

type Texts = ReadonlyMap<string, string>;

/** A variant is called as its product, and a product in variants has neither price nor stock of its own. */
function cellsOf(row: ProductRecord, columns: readonly string[], { pathOf }: Paths, translated: Texts): string[] {
  const isVariant = row.parent_id !== null;
  const price = { amount: row.amount, currency: row.currency };
  const cells: Record<string, string> = {
    id: row.id,
    sku: row.sku ?? "",
    name: isVariant ? "" : row.name,
    description: isVariant ? "" : row.description,
    ...priceCells(row.options === null ? price : null),
    stock: row.options === null ? String(row.on_hand) : "",
    category: isVariant ? "" : (pathOf.get(row.category_id ?? "") ?? ""),
    slug: isVariant ? "" : (row.slug ?? ""),
    metadata: row.metadata ?? "",
  };
  return columns.map((column) => cells[column] ?? translated.get(`${column} ${row.id}`) ?? "");
}

/** @param now milliseconds since the epoch */
export async function exportPage(db: Db, cursor: string | undefined, now: number) {
  const [after = ""] = decodeCursor(cursor, Place) ?? [];
  const columns = columnsOf(config.PRODUCT_LANGUAGE);
  const lines = cursor === undefined ? [BOM + lineOf(columns)] : [];
  const known = await paths(db);
  let [last, bytes] = [after, 0];
  for (;;) {
    const rows = await list(db, last, ROWS, now);
    const ids = rows.map(({ id }) => id);
    const translated = new Map(
      (await texts.list(db, ids)).map((one) => [`${one.field}:${one.language} ${one.entity_id}`, one.text]),
    );
    for (const row of rows) {
      const line = lineOf(cellsOf(row, columns, known, translated));
      lines.push(line);
      bytes += Buffer.byteLength(line);
      last = row.id;
      if (bytes > FULL) return csv("products.csv", lines, encodeCursor([last]));
    }
    if (rows.length < ROWS) return csv("products.csv", lines, null);
  }
}

const definitions: Readonly<Record<string, ErrorDefinition>> = {
  ...sharedErrors,
  ...Object.fromEntries(Object.entries(errors).map(([code, one]) => [`PRODUCT_${code}`, one])),
};

/** What a row's refusal says to people. @param details as they are stored */
function adviceOf(code: string, details: string | null, language: Language): readonly string[] {
  const { title, advice } = definitions[code] ?? sharedErrors.INTERNAL_ERROR;
  const own = details === null ? advice : (JSON.parse(details) as Record<Language, string>);
  return [title[language], own[language]];
}

/** @throws NOT_FOUND */
export async function reportPage(db: Db, id: string, after: number | undefined, language: Language = "en") {
  const { items, nextCursor } = await imports.refusals(db, id, REPORTED, after);
  const head = after === undefined ? [BOM + lineOf(["line", "sku", "code", "title", "advice"])] : [];
  const lines = items.map(({ line, sku, code, details }) =>
    lineOf([String(line), sku, code, ...adviceOf(code, details, language)]),
  );
  return csv(`import-${id}.csv`, [...head, ...lines], nextCursor);
}
