/** Products as others see them. */
import type { Money } from "#core/schema.ts";
import type { Product } from "./catalogue.contract.ts";
import { chosenOf, type Option, readOptions } from "./option.model.ts";
import { WIDTHS } from "./image.model.ts";
import type { ImageRow } from "./image.repository.ts";
import type { Texts } from "./translation.model.ts";

/** A product on sale, as it is read; of a variant with what it has of its product. */
export interface OnSaleRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly slug: string | null;
  readonly category_id: string | null;
  readonly amount: number;
  readonly highest: number | null;
  readonly currency: Money["currency"];
  readonly tax_rate: number;
  readonly sellable: number;
  readonly sku: string | null;
  readonly options: string | null;
  readonly parent_id: string | null;
  readonly combination: string | null;
  readonly metadata: string | null;
  readonly created_at: string;
  readonly version: number;
  readonly group_name?: string | null;
  readonly group_description?: string | null;
  readonly group_category_id?: string | null;
  readonly group_tax_rate?: number | null;
  readonly group_options?: string | null;
}

function variantOf(row: OnSaleRow, texts: Texts) {
  const { parent_id, combination, group_options = null } = row;
  if (parent_id === null) return {};
  return { variantOf: parent_id, optionValues: chosenOf(named(readOptions(group_options), texts), combination!) };
}

/** Options as a reader sees them. */
const named = (options: readonly Option[], texts: Texts): Option[] =>
  options.map(({ id, name, values }) => ({
    id,
    name: texts.of(id, "name") ?? name,
    values: values.map((one) => ({ ...one, value: texts.of(one.id, "name") ?? one.value })),
  }));

const toImage = ({ id, alt, width, height, hash }: ImageRow, texts: Texts) => ({
  id,
  alt: texts.of(id, "alt") ?? alt,
  width,
  height,
  hash,
  widths: [...WIDTHS],
});

export function toProduct(row: OnSaleRow, texts: Texts, images: readonly ImageRow[] = []): Product {
  const { id, currency, sku, options, metadata } = row;
  const worded = row.parent_id ?? id;
  return {
    id,
    name: texts.of(worded, "name") ?? row.group_name ?? row.name,
    description: texts.of(worded, "description") ?? row.group_description ?? row.description,
    language: texts.languageOf(worded),
    slug: row.slug,
    categoryId: row.group_category_id ?? row.category_id,
    price: { amount: row.amount, currency },
    ...(row.highest !== null && { highestPrice: { amount: row.highest, currency } }),
    taxRate: row.group_tax_rate ?? row.tax_rate,
    sellable: row.sellable,
    ...(sku !== null && { sku }),
    ...(options !== null && { options: named(readOptions(options), texts) }),
    ...variantOf(row, texts),
    ...(images.length > 0 && { images: images.map((image) => toImage(image, texts)) }),
    ...(metadata !== null && { metadata: JSON.parse(metadata) as Record<string, string> }),
    createdAt: row.created_at,
    version: row.version,
  };
}

/** A product as those see it who sell it. */
export const toSold = ({ id, name, price, taxRate, sellable, sku, optionValues }: Product) => ({
  id,
  name,
  price,
  taxRate,
  sellable,
  ...(sku !== undefined && { sku }),
  ...(optionValues && { optionValues }),
});
