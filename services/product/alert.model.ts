/** When a product's stock counts as low, and what is told when that changes. */

export type Stage = "enough" | "low" | "out";

/** @param lowAt the most sellable units that are low */
export function stageOf(sellable: number, lowAt: number): Stage {
  if (sellable <= 0) return "out";
  return sellable <= lowAt ? "low" : "enough";
}

/** The event of a product that has come from one stage to another; null when nobody has to be told. */
export function alertOf(before: Stage, after: Stage) {
  if (before === after) return null;
  if (after === "out") return "product.stock_exhausted";
  if (before === "out") return "product.restocked";
  return after === "low" ? "product.stock_dropped" : null;
}
