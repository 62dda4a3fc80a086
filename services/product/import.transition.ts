/** Rows of a file become products: those that are new are added, others change where they differ. */
import { timestamp } from "#core/clock.ts";
import { isRefusal, sharedError } from "#core/errors.ts";
import { folded } from "#core/folding.ts";
import { newId } from "#core/id.ts";
import * as catalogue from "./catalogue.repository.ts";
import { type Cells, textsIn } from "./import.model.ts";
import { index } from "./index.repository.ts";
import type { Paths } from "./path.repository.ts";
import * as prices from "./price.repository.ts";
import { product } from "./product.contract.ts";
import * as products from "./product.repository.ts";
import type { Tx } from "./product.tables.ts";
import * as records from "./record.repository.ts";
import * as slugs from "./slug.repository.ts";
import * as stock from "./stock.repository.ts";
import * as texts from "./translation.repository.ts";
import * as variants from "./variant.repository.ts";

type Present = records.ProductRecord;

/** Two rows of one transaction are the same product. Each needs one of its own, which sees what the other did. */
export class SameProduct extends Error {}

/** What is wrong with some rows by themselves, so that these need not be found one by one. */
export class RefusedRows extends Error {
  readonly refusals: ReadonlyMap<Cells, unknown>;

  constructor(refusals: ReadonlyMap<Cells, unknown>) {
    super(`${refusals.size} rows are refused.`);
    this.refusals = refusals;
  }
}

interface Work {
  readonly cells: Cells;
  readonly present: Present | undefined;
}

export interface About {
  /** Why the ledger says that the stock changed. */
  readonly reason: string;
  readonly paths: Paths;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** @throws CATEGORY_NOT_FOUND */
function categoryOf({ category }: Cells, { idOf }: Paths): string | undefined {
  if (category === undefined) return undefined;
  const id = idOf.get(category);
  if (id === undefined) throw product.error("CATEGORY_NOT_FOUND");
  return id;
}

const incomplete = {
  en: "A new product needs sku, name, price and currency.",
  ko: "새 상품에는 sku, name, price, currency가 필요합니다.",
};

/** @throws VALIDATION_FAILED, NOT_FOUND, CATEGORY_NOT_FOUND */
function additionOf({ cells }: Work, paths: Paths): catalogue.Addition {
  const { id, sku, name, description = "", price: amount, currency, stock: onHand, metadata, slug } = cells;
  if (id !== undefined) throw product.error("NOT_FOUND");
  if (sku === undefined || name === undefined || amount === undefined || currency === undefined)
    throw sharedError("VALIDATION_FAILED", { details: incomplete });
  const made = newId();
  return {
    id: made,
    sku,
    name,
    description,
    categoryId: categoryOf(cells, paths) ?? null,
    price: { amount, currency },
    translations: textsIn(cells, made),
    ...(onHand !== undefined && { stock: onHand }),
    ...(metadata && { metadata }),
    ...(slug !== undefined && { slug: folded(slug) }),
  };
}

/** Of what was found when the transaction began. @throws SameProduct */
function match(rows: readonly Cells[], { byId, bySku }: Awaited<ReturnType<typeof records.take>>): Work[] {
  const seen = new Set<string>();
  return rows.map((cells) => {
    const present = cells.id === undefined ? bySku.get(cells.sku ?? "") : byId.get(cells.id);
    for (const key of [present?.id, cells.sku, present?.sku]) {
      if (key && seen.has(key)) throw new SameProduct();
    }
    for (const key of [present?.id, cells.sku, present?.sku]) if (key) seen.add(key);
    return { cells, present };
  });
}

/** @throws VALIDATION_FAILED, NOT_FOUND, CATEGORY_NOT_FOUND, PRICE_CURRENCY */
function check(one: Work, paths: Paths): void {
  const { cells, present } = one;
  if (!present) return void additionOf(one, paths);
  categoryOf(cells, paths);
  const { currency } = present;
  if (cells.currency !== undefined && cells.currency !== currency) throw product.error("PRICE_CURRENCY", { currency });
}

/** @throws RefusedRows */
function checkAll(work: readonly Work[], paths: Paths): void {
  const refusals = new Map<Cells, unknown>();
  for (const one of work) {
    try {
      check(one, paths);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      refusals.set(one.cells, error);
    }
  }
  if (refusals.size > 0) throw new RefusedRows(refusals);
}

/** What of a product's own row is to be another. @throws CATEGORY_NOT_FOUND */
function differences(cells: Cells, present: Present, paths: Paths) {
  const { sku, name, description, metadata, category } = cells;
  const isSame = category === undefined || paths.pathOf.get(present.category_id ?? "") === category;
  const categoryId = isSame ? undefined : categoryOf(cells, paths);
  return {
    ...(sku !== undefined && sku !== present.sku && { sku }),
    ...(name !== undefined && name !== present.name && { name }),
    ...(description !== undefined && description !== present.description && { description }),
    ...(metadata !== undefined && JSON.stringify(metadata) !== (present.metadata ?? "{}") && { metadata }),
    ...(categoryId !== undefined && { categoryId }),
  };
}

/**
 * Changes what differs; answers whether anything did.
 * @throws refusals of the catalogue, for which nothing of the row is to be stored
 */
async function change(tx: Tx, { cells, present }: Work & { present: Present }, about: About, known: Set<string>) {
  const { id, currency, amount, on_hand } = present;
  const changes = differences(cells, present, about.paths);
  const worded = textsIn(cells, id).filter((one) => !known.has(JSON.stringify(one)));
  const slug = cells.slug === undefined || folded(cells.slug) === present.slug ? undefined : folded(cells.slug);
  const isTold = Object.keys(changes).length > 0 || worded.length > 0 || slug !== undefined;
  if (present.parent_id !== null && (worded.length > 0 || slug !== undefined)) throw product.error("IS_VARIANT");
  const isPriced = cells.price !== undefined && (cells.price !== amount || present.options !== null);
  const parent = isTold || isPriced ? await variants.lockParent(tx, id) : null;
  if (isTold) await products.update(tx, { id, ...changes });
  if (slug !== undefined) await slugs.change(tx, id, slug);
  tx.add(...texts.add(worded));
  if (isPriced) {
    const price = { amount: cells.price!, currency };
    await prices.set(tx, { id, price, startsAt: about.now, endsAt: null });
  }
  const quantity = (cells.stock ?? on_hand) - on_hand;
  const adjustment = { id, quantity, reason: about.reason, at: timestamp(about.now) };
  if (quantity !== 0) tx.add(...stock.booked(adjustment, present.options !== null));
  if (parent !== null) await variants.changed(tx, id, parent, about.now);
  return { isChanged: isTold || isPriced || quantity !== 0, isIndexed: parent === null && (isTold || isPriced) };
}

/**
 * All of these rows in one transaction, or none.
 * @throws SameProduct, RefusedRows, and the refusal of one of them
 */
export async function apply(tx: Tx, rows: readonly Cells[], about: About) {
  // Before all others, so that two imports and whoever adds a product never wait for each other.
  tx.lock("products:skus");
  const ids = rows.flatMap(({ id }) => id ?? []);
  const skus = rows.flatMap(({ sku }) => sku ?? []);
  const work = match(rows, await records.take(tx, ids, skus, about.now));
  checkAll(work, about.paths);
  const fresh = work.filter(({ present }) => !present);
  const added = await catalogue.add(
    tx,
    fresh.map((one) => additionOf(one, about.paths)),
  );
  const old = work.filter((one): one is Work & { present: Present } => one.present !== undefined);
  const worded = old.filter(({ cells, present }) => textsIn(cells, present.id).length > 0);
  const known = new Set(
    (worded.length === 0
      ? []
      : await texts.list(
          tx,
          worded.map(({ present }) => present.id),
        )
    ).map(({ entity_id, field, language, text }) => JSON.stringify({ entity_id, field, language, text })),
  );
  const indexed: string[] = [];
  let changed = 0;
  for (const one of old) {
    const { isChanged, isIndexed } = await change(tx, one, about, known);
    if (isChanged) changed += 1;
    if (isIndexed) indexed.push(one.present.id);
  }
  if (indexed.length > 0) await index(tx, indexed, about.now);
  return { created: added.length, changed };
}
