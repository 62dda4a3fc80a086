/** What belongs to products beside their rows: their texts in the reader's language, and their pictures. */
import type { Language } from "#core/text.ts";
import type { Product } from "./catalogue.contract.ts";
import * as images from "./image.repository.ts";
import { type OnSaleRow, toProduct } from "./product.projection.ts";
import type { Db } from "./product.tables.ts";
import { textsFor } from "./translation.repository.ts";

/** @param language of the reader, if it is known */
export async function shown(db: Db, rows: readonly OnSaleRow[], language?: Language): Promise<Product[]> {
  if (rows.length === 0) return [];
  const pictures = await images.list(
    db,
    rows.map(({ id }) => id),
  );
  const texts = await textsFor(db, language, [...rows, ...pictures.map(({ id }) => ({ id }))]);
  const own = Map.groupBy(pictures, ({ product_id }) => product_id);
  return rows.map((row) => toProduct(row, texts, own.get(row.id)));
}
