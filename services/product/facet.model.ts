/** How products are counted for facets. */

/** What is counted of a product. */
export interface Counted {
  readonly category_id: string | null;
  readonly amount: number;
}

/** Ranges of prices begin with 1, 2 and 5, and zeros. */
const STEPS = [1, 2, 5] as const;

/** The range of an amount, both ends inside. */
export function rangeOf(amount: number): { readonly minPrice: number; readonly maxPrice: number } {
  if (amount === 0) return { minPrice: 0, maxPrice: 0 };
  const power = 10 ** (`${amount}`.length - 1);
  const starts = [...STEPS, 10].map((step) => step * power);
  const next = starts.findIndex((start) => start > amount);
  return { minPrice: starts[next - 1]!, maxPrice: starts[next]! - 1 };
}

/** Ranges with their counts, cheapest first. */
export function priceRanges(products: readonly Counted[]) {
  const groups = Map.groupBy(products, ({ amount }) => rangeOf(amount).minPrice);
  const ranges = Array.from(groups, ([start, { length: count }]) => ({ ...rangeOf(start), count }));
  return ranges.toSorted((a, b) => a.minPrice - b.minPrice);
}

interface Category {
  readonly id: string;
  readonly name: string;
  readonly parent_id: string | null;
}

/** Categories of one answer; those with the most products. */
const MOST = 100;

/** Categories with the products in them and below them, the largest first. @param known with all that are above them */
export function categoryCounts(products: readonly Counted[], known: readonly Category[]) {
  const byId = new Map(known.map((category) => [category.id, category]));
  const counts = new Map<string, number>();
  const inside = Map.groupBy(products, ({ category_id }) => category_id);
  for (const [id, { length }] of inside) {
    const passed = new Set<string>();
    // A category that was moved meanwhile may be read at both places.
    for (let at = byId.get(id ?? ""); at && !passed.has(at.id); at = byId.get(at.parent_id ?? "")) {
      passed.add(at.id);
      counts.set(at.id, (counts.get(at.id) ?? 0) + length);
    }
  }
  const items = Array.from(counts, ([id, count]) => {
    const { name, parent_id: parentId } = byId.get(id)!;
    return { id, name, parentId, count };
  });
  return items.toSorted((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1)).slice(0, MOST);
}
