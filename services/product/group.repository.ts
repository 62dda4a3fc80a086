/** What the variants of a product add up to, as parts of other statements in which the product is `p`. */
import { type ExpressionBuilder, sql as raw } from "kysely";
import type { ProductTables } from "./product.tables.ts";

type Outer = ExpressionBuilder<ProductTables & { p: ProductTables["products"] }, "p">;

const variants = (e: Outer) =>
  e.selectFrom("products as v").whereRef("v.parent_id", "=", "p.id").where("v.archived_at", "is", null);
const priced = (e: Outer, now: number) =>
  variants(e)
    .innerJoin("prices as vr", "vr.product_id", "v.id")
    .where("vr.starts_at", "<=", now)
    .where((one) => one.or([one("vr.ends_at", "is", null), one("vr.ends_at", ">", now)]));
const stocked = (e: Outer) => variants(e).innerJoin("stock_levels as vs", "vs.product_id", "v.id");

/** Units that can be ordered now. */
export const sellableIn = (e: Outer) =>
  stocked(e).select(raw<number>`cast(coalesce(sum(vs.on_hand - vs.held), 0) as bigint)`.as("sellable"));

export const isAnySellable = (e: Outer) => e.exists(stocked(e).select("v.id").whereRef("vs.on_hand", ">", "vs.held"));

export const highestIn = (e: Outer, now: number) =>
  priced(e, now).select((one) => one.fn.max("vr.amount").as("highest"));

/** When the first of their prices ends. */
export const firstEndIn = (e: Outer, now: number) =>
  priced(e, now).select((one) => one.fn.min("vr.ends_at").as("first_end"));
