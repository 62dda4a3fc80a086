/** Stock keeping units: each is one product's on sale. */
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { product } from "./product.contract.ts";
import { sql, type Tx } from "./product.tables.ts";

const listSkus = sql((q, p: { skus: string }) =>
  q
    .selectFrom(rowsIn(p.skus))
    .innerJoin("products", "products.sku", "given.key")
    .select(["products.sku as sku", "products.id as id"])
    .where("archived_at", "is", null),
);

/**
 * Nobody else gives these to another product before this transaction ends.
 * @param id of the product that may have them already
 * @throws SKU_TAKEN
 */
export async function claimSkus(tx: Tx, skus: readonly string[], id?: string): Promise<void> {
  if (skus.length === 0) return;
  tx.lock("products:skus");
  const known = await tx.all(listSkus, { skus: rowsText(skus.map((sku) => [sku, 0])) });
  const taken = known.find((one) => one.id !== id);
  if (taken) throw product.error("SKU_TAKEN", { sku: taken.sku });
}
