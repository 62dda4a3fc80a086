/** Adds products to the catalogue. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Input } from "#core/contract.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import * as categories from "./category.repository.ts";
import { config } from "./product.config.ts";
import { type Introduced, introduce } from "./index.repository.ts";
import { numbered } from "./option.model.ts";
import { insert, type NewProduct } from "./product.repository.ts";
import { claimSkus } from "./sku.repository.ts";
import { sql, type Tx } from "./product.tables.ts";
import * as prices from "./price.repository.ts";
import * as slugs from "./slug.repository.ts";
import * as stock from "./stock.repository.ts";
import * as texts from "./translation.repository.ts";
import * as variants from "./variant.repository.ts";
import type { Translation } from "./translation.model.ts";

export interface Addition extends Omit<NewProduct, "id" | "taxRate" | "createdAt"> {
  readonly id?: string;
  readonly taxRate?: number;
  /** Units on hand. */
  readonly stock?: number;
  /** Folded; without it, one is made of the name. */
  readonly slug?: string;
  readonly translations?: readonly Translation[];
}

const listKeys = sql((q, p: { keys: string }) =>
  q.selectFrom(rowsIn(p.keys)).innerJoin("products", "products.key", "given.key").select("given.key as key"),
);

/** Adds products, each with its first price and stock. @returns their ids @throws SKU_TAKEN, SLUG_TAKEN */
export async function add(tx: Tx, additions: readonly Addition[]): Promise<string[]> {
  const createdAt = timestamp();
  await claimSkus(
    tx,
    additions.flatMap(({ sku }) => sku ?? []),
  );
  const added = additions.map(({ id = newId(), ...made }) => ({ ...made, id }));
  for (const { stock: onHand = 0, taxRate = config.PRODUCT_TAX_RATE, slug: _, translations = [], ...made } of added) {
    tx.add(insert({ ...made, taxRate, createdAt }));
    tx.add(prices.open(made.id, made.price.amount, createdAt), ...stock.open(made.id, onHand, createdAt));
    tx.add(...texts.add(translations));
  }
  for (const { id, slug } of added) if (slug !== undefined) await slugs.change(tx, id, slug);
  await introduce(tx, added.map(introduced));
  return added.map(({ id }) => id);
}

const introduced = (made: Addition & { readonly id: string }): Introduced => ({
  id: made.id,
  name: made.name,
  description: made.description,
  category_id: made.categoryId,
  slug: made.slug ?? null,
  sku: made.sku ?? null,
  amount: made.price.amount,
  translations: made.translations ?? [],
});

type Seed = Input<"product.seed">["products"][number];

/** Adds the products with new keys. @returns their ids, and those of which a picture is wanted */
export async function seed(tx: Tx, products: readonly Seed[]): Promise<{ added: string[]; drawn: string[] }> {
  // Two that seed the same take turns.
  tx.lock("products:seed");
  const wanted = new Map(products.map((one) => [one.key, one]));
  for (const { key } of await tx.all(listKeys, { keys: rowsText(products.map(({ key }) => [key, 0])) }))
    wanted.delete(key);
  const ids = new Map<string, string>();
  for (const { category } of wanted.values())
    if (!ids.has(category)) ids.set(category, await categories.named(tx, category));
  const fresh = [...wanted.values()];
  const added = await add(
    tx,
    fresh.map(({ key, name, description, price, category, options, stock: each }) => ({
      key,
      name,
      description,
      price,
      stock: options ? 0 : each,
      categoryId: ids.get(category)!,
    })),
  );
  for (const [at, one] of fresh.entries()) if (one.options) await addVariants(tx, added[at]!, one, one.options);
  return { added, drawn: added.filter((_, at) => fresh[at]!.isDrawn) };
}

/** Every combination of these options, each with the stock of the product. */
async function addVariants(tx: Tx, id: string, { key, stock: each }: Seed, options: NonNullable<Seed["options"]>) {
  await variants.setOptions(tx, { id, options });
  const group = await variants.takeGroup(tx, id);
  await variants.add(tx, group, numbered(group.options, key), { stock: each }, now());
}
