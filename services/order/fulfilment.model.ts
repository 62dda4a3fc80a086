/** The rules of an order's units after it is confirmed: what may become of them, and what that makes of the order. */
import type { Status } from "./answer.contract.ts";
import { order } from "./order.contract.ts";

/** Units of a line by what has become of them. Those of a later state count in the earlier ones too. */
export interface Counts {
  /** In a parcel, wherever that is now. */
  readonly packed: number;
  readonly shipped: number;
  readonly delivered: number;
  readonly lost: number;
  /** Cancelled before they were packed. */
  readonly cancelled: number;
  /** In a return that was not rejected. */
  readonly claimed: number;
  readonly returned: number;
}

export interface Line extends Counts {
  readonly position: number;
  readonly product_id: string;
  readonly quantity: number;
  /** How a film is sold. Goods have none. */
  readonly title?: unknown;
}

/** A film has no parcel: it has arrived when it is granted. */
export const isFilm = ({ title }: { readonly title?: unknown }): boolean => title !== undefined && title !== null;

export interface Units {
  readonly productId: string;
  readonly quantity: number;
}

export const statusesOfSold = ["confirmed", "partially_shipped", "shipped", "delivered", "returned"] as const;

/** Units that may still be packed or cancelled. */
export const open = ({ quantity, packed, cancelled }: Line): number => quantity - packed - cancelled;

/** Each way of a unit: what it changes, and how many units of a line can take it. */
const ways = {
  pack: { changes: { packed: 1 }, left: open },
  unpack: { changes: { packed: -1 }, left: ({ packed, shipped }: Line) => packed - shipped },
  ship: { changes: { shipped: 1 }, left: ({ packed, shipped }: Line) => packed - shipped },
  deliver: { changes: { delivered: 1 }, left: underWay },
  lose: { changes: { lost: 1 }, left: underWay },
  cancel: { changes: { cancelled: 1 }, left: open },
  claim: { changes: { claimed: 1 }, left: ({ delivered, claimed }: Line) => delivered - claimed },
  reject: { changes: { claimed: -1 }, left: comingBack },
  return: { changes: { returned: 1 }, left: comingBack },
  takeBack: { changes: { claimed: 1, returned: 1 }, left: ({ delivered, claimed }: Line) => delivered - claimed },
} as const satisfies Record<string, Way>;

interface Way {
  readonly changes: Partial<Counts>;
  readonly left: (line: Line) => number;
}

function comingBack({ claimed, returned }: Line): number {
  return claimed - returned;
}

function underWay({ shipped, delivered, lost }: Line): number {
  return shipped - delivered - lost;
}

/**
 * The lines after these units have gone one way. A film that is cancelled is taken back, for it has arrived.
 * @throws UNITS_UNAVAILABLE naming the first product of which fewer units are left
 */
export function move<L extends Line>(lines: readonly L[], units: readonly Units[], way: keyof typeof ways): L[] {
  const wanted = new Map<string, number>();
  for (const { productId, quantity } of units) wanted.set(productId, (wanted.get(productId) ?? 0) + quantity);
  const moved = lines.map((line) => {
    const quantity = wanted.get(line.product_id);
    if (quantity === undefined) return line;
    wanted.delete(line.product_id);
    const { changes, left }: Way = ways[way === "cancel" && isFilm(line) ? "takeBack" : way];
    if (quantity > left(line)) throw unavailable(line.product_id, left(line));
    return { ...line, ...changed(line, changes, quantity) };
  });
  const [unknown] = wanted.keys();
  if (unknown !== undefined) throw unavailable(unknown, 0);
  return moved;
}

const unavailable = (productId: string, available: number): Error =>
  order.error("UNITS_UNAVAILABLE", { productId, available });

const changed = (line: Line, changes: Partial<Counts>, quantity: number): Partial<Counts> =>
  Object.fromEntries(
    Object.entries(changes).map(([count, sign]) => [count, line[count as keyof Counts] + sign * quantity]),
  );

/** All that may still be packed or cancelled. */
export const rest = (lines: readonly Line[]): Units[] =>
  lines.flatMap((line) => (open(line) > 0 ? [{ productId: line.product_id, quantity: open(line) }] : []));

/**
 * The status of an order that was confirmed: a projection of what has become of its units. What is lost or cancelled does
 * not count. An order of which something was sent is never confirmed or cancelled again: when nothing is left of it, it is
 * returned. Films count only where no goods are left to come: the order is delivered as long as one is kept.
 */
export function statusOf(all: readonly Counted[]): Status {
  const films = all.filter(isFilm);
  const goods = statusOfGoods(all.filter((line) => !isFilm(line)));
  if (films.length === 0 || (goods !== "cancelled" && goods !== "returned")) return goods;
  return films.some(({ delivered, returned }) => returned < delivered) ? "delivered" : "returned";
}

function statusOfGoods(lines: readonly Counted[]): Status {
  const sum = (count: (line: Counted) => number) => lines.reduce((all, line) => all + count(line), 0);
  const sent = sum(({ shipped }) => shipped);
  const lost = sum((line) => line.lost);
  const meant = sum(({ quantity, cancelled }) => quantity - cancelled) - lost;
  if (sent === 0) return meant === 0 ? "cancelled" : "confirmed";
  if (meant === sum(({ returned }) => returned)) return "returned";
  if (meant === sum(({ delivered }) => delivered)) return "delivered";
  return meant === sent - lost ? "shipped" : "partially_shipped";
}
type Counted = Pick<Line, "quantity" | "shipped" | "delivered" | "lost" | "cancelled" | "returned" | "title">;
