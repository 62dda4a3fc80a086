/** Prices a basket at the product service's present prices. */
import type { Input } from "#core/contract.ts";
import type { Ctx } from "#core/context.ts";
import type { Money } from "#core/schema.ts";
import type { OrderItem } from "./answer.contract.ts";
import { order as contract } from "./order.contract.ts";
import { checkQuantities, mergeLines, priceLine, totalOf } from "./order.model.ts";

type RequestedItems = Input<"order.quote">["items"];

/** The most products in one call. */
const LOOKED_UP = 100;

async function lookUp(ctx: Ctx, ids: readonly string[]) {
  const parts = Array.from({ length: Math.ceil(ids.length / LOOKED_UP) }, (_, part) =>
    ctx.call("product.lookup", { ids: ids.slice(part * LOOKED_UP, (part + 1) * LOOKED_UP) }),
  );
  return (await Promise.all(parts)).flatMap(({ items }) => items);
}

/** @throws PRODUCT_UNAVAILABLE naming the products, MIXED_CURRENCIES, TOTAL_TOO_LARGE, TOO_LARGE, VALIDATION_FAILED */
export async function price(ctx: Ctx, requested: RequestedItems): Promise<{ items: OrderItem[]; total: Money }> {
  const lines = mergeLines(requested);
  const products = await lookUp(
    ctx,
    lines.map(({ productId }) => productId),
  );
  const byId = new Map(products.map((product) => [product.id, product]));
  const missing = lines.filter(({ productId }) => !byId.has(productId)).map(({ productId }) => productId);
  if (missing.length > 0) throw contract.error("PRODUCT_UNAVAILABLE", { productIds: missing });
  const items = lines.map((line) => priceLine(byId.get(line.productId)!, line));
  const total = totalOf(items);
  checkQuantities(requested, ctx.meta.language);
  return { items, total };
}
