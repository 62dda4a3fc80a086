/** Prices a basket at the product service's present prices. */
import type { Input, Output } from "#core/contract.ts";
import { type Ctx, userId } from "#core/context.ts";
import { sharedError } from "#core/errors.ts";
import { MAX_AMOUNT } from "#core/schema.ts";
import type { Holder } from "./cart.model.ts";
import * as carts from "./cart.repository.ts";
import { discountsOf } from "./discount.model.ts";
import * as cartLines from "./line.repository.ts";
import { order as contract } from "./order.contract.ts";
import { checkQuantities, mergeLines, type PricedNow, priceLine, subtotalOf } from "./order.model.ts";
import type { Db } from "./order.repository.ts";
import { paidWith } from "./point.model.ts";
import { feeOf, ruleFor } from "./shipping.model.ts";
import { rulesFor } from "./shipping.repository.ts";
import { quoteTitles, type RequestedTitles } from "./title.pricing.ts";
import { chargesOf, taxFor } from "./tax.model.ts";
import { ratesOf } from "./tax.repository.ts";

type RequestedItems = NonNullable<Input<"order.quote">["items"]>;

/** The most products in one call. */
const LOOKED_UP = 100;

type Product = Output<"product.lookup">["items"][number];

interface Found {
  readonly items: Product[];
  /** Ids of products of which a variant has to be chosen. */
  readonly inVariants: string[];
}

/** @param categories true where coupons may be for some of them */
export async function lookUp(ctx: Ctx, ids: readonly string[], categories = false): Promise<Found> {
  const parts = Array.from({ length: Math.ceil(ids.length / LOOKED_UP) }, (_, part) =>
    ctx.call("product.lookup", {
      ids: ids.slice(part * LOOKED_UP, (part + 1) * LOOKED_UP),
      ...(categories && { categories }),
    }),
  );
  const found = await Promise.all(parts);
  return {
    items: found.flatMap(({ items }) => items),
    inVariants: found.flatMap(({ inVariants = [] }) => inVariants),
  };
}

/** @throws VARIANT_REQUIRED and PRODUCT_UNAVAILABLE, naming the products */
export function checkFound(wanted: readonly string[], { items, inVariants }: Found): void {
  if (inVariants.length > 0) throw contract.error("VARIANT_REQUIRED", { productIds: inVariants });
  const found = new Set(items.map(({ id }) => id));
  const productIds = wanted.filter((id) => !found.has(id));
  if (productIds.length > 0) throw contract.error("PRODUCT_UNAVAILABLE", { productIds });
}

/**
 * What goods a request asks for: its own lines, or those of the caller's cart.
 * @throws CART_CHANGED, VALIDATION_FAILED when it names both, or none and no films
 */
export async function requested(
  db: Db,
  ctx: Ctx<Pick<Input<"order.quote">, "items" | "cart" | "titles">>,
  holder: Holder = { userId: userId(ctx) },
): Promise<RequestedItems> {
  const { items, cart: seen, titles } = ctx.params;
  if (titles && !items && !seen) return [];
  if ((items === undefined) === (seen === undefined)) {
    const detail = { en: "must be given, or `cart` instead", ko: "`items`와 `cart` 중 하나만 보내 주세요" };
    throw sharedError("VALIDATION_FAILED", {
      errors: [{ pointer: "/items", detail: detail[ctx.meta.language ?? "en"] }],
    });
  }
  if (items) return items;
  // The version first: lines that are newer than it are noticed, when the order empties the cart.
  const cart = await carts.find(db, holder);
  if (!cart || cart.version !== seen!.version || cart.currency === null) throw contract.error("CART_CHANGED");
  return (await cartLines.list(db, cart)).map(cartLines.unitsOf);
}

interface Asked {
  readonly items: RequestedItems;
  readonly titles: RequestedTitles;
  readonly country: string | undefined;
  /** Of coupons. */
  readonly codes: readonly string[];
  /** The most to pay with. */
  readonly points?: number | undefined;
}

type Offered = Output<"user.lookupBenefits">;

/** Without coupons and points nobody is asked. */
const offeredOf = async (ctx: Ctx, { codes, points = 0 }: Asked): Promise<Offered> =>
  codes.length === 0 && points === 0 ? { coupons: [] } : ctx.call("user.lookupBenefits", { codes: [...codes] });

/**
 * Coupons that are not good take off nothing, and are named; so are points that are not there.
 * @throws VARIANT_REQUIRED, PRODUCT_UNAVAILABLE, MIXED_CURRENCIES, TOTAL_TOO_LARGE, TOO_LARGE, VALIDATION_FAILED, and TITLE_OWNED,
 * TITLE_NOT_OFFERED and TITLE_NOT_AVAILABLE naming the film
 */
export async function price(db: Db, ctx: Ctx, wishes: Asked): Promise<PricedNow> {
  const { items: asked, titles, country, codes, points = 0 } = wishes;
  const wanted = mergeLines(asked);
  const ids = wanted.map(({ productId }) => productId);
  const [products, films, rates, rules, offered] = await Promise.all([
    lookUp(ctx, ids, codes.length > 0),
    quoteTitles(ctx, titles),
    ratesOf(db, country),
    rulesFor(db, country),
    offeredOf(ctx, wishes),
  ]);
  checkFound(ids, products);
  const byId = new Map(products.items.map((product) => [product.id, product]));
  const sold = [...wanted.map((line) => ({ line, product: byId.get(line.productId)! })), ...films];
  const priced = (discounts?: readonly number[]) =>
    sold.map(({ line, product }, at) => priceLine(product, line, taxFor(rates, product.taxRate), discounts?.[at]));
  const full = priced();
  const { currency } = subtotalOf(full);
  checkQuantities(asked, ctx.meta.language);
  // Films are not sent.
  const rule = wanted.length === 0 ? undefined : ruleFor(rules(currency), country);
  const fee = rule ? feeOf(rule, subtotalOf(full.slice(0, wanted.length)).amount) : 0;
  const lines = full.map(({ productId, lineTotal }) => {
    const { categoryIds = [] } = byId.get(productId) ?? {};
    return { productId, categoryIds, amount: lineTotal.amount };
  });
  const discounts = discountsOf(offered.coupons, { lines, currency, fee });
  const items = discounts.applied.length > 0 ? priced(discounts.lines) : full;
  const charges = chargesOf(items, fee - discounts.shipping, rule?.name, discounts.applied);
  if (charges.total.amount > MAX_AMOUNT) throw contract.error("TOTAL_TOO_LARGE");
  return { items, refused: discounts.refused, ...paidWith(charges, points, offered.points) };
}
