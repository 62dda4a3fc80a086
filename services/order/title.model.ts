/** The rules of films in an order: which lines are films, and what of the money is theirs. */
import { idOf } from "#core/id.ts";
import type { Order, OrderItem } from "./answer.contract.ts";
import { type Part, partBetween } from "./capture.model.ts";
import { isFilm as isFilmLine, type Line } from "./fulfilment.model.ts";
import type { Priced } from "./refund.model.ts";

type Film = OrderItem & { readonly title: NonNullable<OrderItem["title"]> };

const isFilm = (item: OrderItem): item is Film => isFilmLine(item);
export const goodsIn = (items: readonly OrderItem[]): OrderItem[] => items.filter((one) => !isFilm(one));
export const filmsIn = (items: readonly OrderItem[]): Film[] => items.filter(isFilm);

/** Films that the customer has: granted, and not taken back. */
export const ownedIn = (items: readonly OrderItem[]): Film[] =>
  filmsIn(items).filter(({ quantity, returned = 0 }) => returned < quantity);

const none = { packed: 0, shipped: 0, delivered: 0, lost: 0, cancelled: 0, claimed: 0, returned: 0 };
const sentIfFilm = (line: Line): Line =>
  isFilmLine(line) ? { ...line, packed: line.quantity, shipped: line.quantity, delivered: line.quantity } : line;

/** The id of the capture of an order's films. The order's own is the key of its payment. */
export const captureIdOf = (orderId: string): string => idOf("films", orderId);

/** What is captured for the films of an order whose other goods are captured as they are sent, in minor units. */
export function partOfFilms({ items, total, payable }: Order): Part {
  const lines = items.map((item, position): Line & Priced => ({
    ...none,
    position,
    product_id: item.productId,
    quantity: item.quantity,
    title: item.title,
    line_total: item.lineTotal.amount,
    discount: item.discount?.amount ?? null,
    tax: item.tax.amount,
    tax_included: item.taxIncluded === false ? 0 : 1,
  }));
  const owed = (payable ?? total).amount;
  const price = { total: total.amount, payable: payable?.amount ?? null };
  return partBetween(lines, lines.map(sentIfFilm), price, { uncaptured: owed });
}
