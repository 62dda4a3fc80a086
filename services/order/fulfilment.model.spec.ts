/** What becomes of an order's units, over all combinations; and that what is given back adds up to what was paid. */
import fc from "fast-check";
import type { Status } from "./answer.contract.ts";
import { type Line, move, open, rest, statusOf } from "./fulfilment.model.ts";
import { keptBetween, owedBetween, sharesOf } from "./refund.model.ts";

const untouched = { packed: 0, shipped: 0, delivered: 0, lost: 0, cancelled: 0, claimed: 0, returned: 0 };
const lineOf = (quantity: number, product_id = "tea", position = 0): Line => ({
  ...untouched,
  position,
  product_id,
  quantity,
});

/** Every way in which the units of one line can stand. */
function standings(quantity: number): Line[] {
  const upTo = (most: number) => Array.from({ length: most + 1 }, (_, number) => number);
  return upTo(quantity).flatMap((cancelled) =>
    upTo(quantity - cancelled).flatMap((shipped) =>
      upTo(shipped).flatMap((lost) =>
        upTo(shipped - lost).flatMap((delivered) =>
          upTo(delivered).map((returned) => ({
            ...lineOf(quantity),
            cancelled,
            packed: shipped,
            shipped,
            lost,
            delivered,
            claimed: returned,
            returned,
          })),
        ),
      ),
    ),
  );
}

/** A film has arrived with its order, and may be taken back. */
const films = [0, 1].map((returned) => ({
  ...lineOf(1, "film", 1),
  title: {},
  packed: 1,
  shipped: 1,
  delivered: 1,
  claimed: returned,
  returned,
}));

/** The same rules, said of each unit instead of sums. */
function expected(lines: readonly Line[]): Status {
  const units = lines.flatMap((line) => {
    const { quantity, cancelled, shipped, lost, delivered, returned } = line;
    const states: [string, number][] = [
      ["cancelled", cancelled],
      ["lost", lost],
      ["returned", returned],
      ["delivered", delivered - returned],
      ["shipped", shipped - lost - delivered],
      ["open", quantity - cancelled - shipped],
    ];
    return states.flatMap(([state, count]) => Array.from({ length: count }, () => state));
  });
  const all = (...states: string[]) => units.every((unit) => states.includes(unit));
  const isSent = units.some((unit) => !["cancelled", "open"].includes(unit));
  if (!isSent) return all("cancelled") ? "cancelled" : "confirmed";
  if (all("cancelled", "lost", "returned")) return "returned";
  if (all("cancelled", "lost", "returned", "delivered")) return "delivered";
  return all("cancelled", "lost", "returned", "delivered", "shipped") ? "shipped" : "partially_shipped";
}

describe("statusOf", () => {
  it("is the projection of all units, for every combination of two lines", () => {
    const [two, one] = [standings(2), standings(1)];
    const wrong = two.flatMap((first) =>
      one.flatMap((second) => {
        const lines = [first, second];
        return statusOf(lines) === expected(lines) ? [] : [{ lines, is: statusOf(lines), expected: expected(lines) }];
      }),
    );
    expect(wrong).toEqual([]);
    expect(two.length * one.length).toBeGreaterThan(100);
  });

  it("is that of the goods beside a film, which counts when none of them is left to come", () => {
    for (const film of films)
      for (const line of standings(2)) {
        const goods = statusOf([line]);
        const isOver = goods === "cancelled" || goods === "returned";
        const ofFilm = film.returned === 1 ? "returned" : "delivered";
        expect(statusOf([line, film])).toBe(isOver ? ofFilm : goods);
      }
    expect(films.map((film) => statusOf([film]))).toEqual(["delivered", "returned"]);
  });
});

describe("move", () => {
  it("names the product of which too few are left, and how many", () => {
    const lines = [lineOf(3), lineOf(1, "cup", 1)];
    const packed = move(lines, [{ productId: "tea", quantity: 2 }], "pack");
    expect(rest(packed)).toEqual([
      { productId: "tea", quantity: 1 },
      { productId: "cup", quantity: 1 },
    ]);
    const refused = (productId: string, quantity: number, way: Parameters<typeof move>[2], available: number) =>
      expect(() => move(packed, [{ productId, quantity }], way)).toThrow(
        expect.objectContaining({ type: "ORDER_UNITS_UNAVAILABLE", data: { productId, available } }),
      );
    refused("tea", 2, "cancel", 1);
    refused("tea", 3, "ship", 2);
    refused("tea", 1, "deliver", 0);
    refused("pot", 1, "pack", 0);
  });

  it("takes a film back that is cancelled, once, and never packs one", () => {
    const units = [{ productId: "film", quantity: 1 }];
    const [back] = move([films[0]!], units, "cancel");
    expect(back).toMatchObject({ cancelled: 0, claimed: 1, returned: 1 });
    expect(rest([films[0]!])).toEqual([]);
    expect(() => move([back!], units, "cancel")).toThrow();
    expect(() => move([films[0]!], units, "pack")).toThrow();
  });

  it("adds up units of one product that are named twice", () => {
    const twice = [
      { productId: "tea", quantity: 1 },
      { productId: "tea", quantity: 2 },
    ];
    expect(move([lineOf(3)], twice, "pack").map(open)).toEqual([0]);
    expect(() => move([lineOf(2)], twice, "pack")).toThrow();
  });
});

describe("amounts", () => {
  const priced = fc.record({
    quantity: fc.integer({ min: 1, max: 7 }),
    line_total: fc.integer({ min: 0, max: 1_000_000_000_000 }),
    tax: fc.integer({ min: 0, max: 1_000_000 }),
    tax_included: fc.constantFrom(0, 1, null),
  });
  const order = fc.record({
    lines: fc.array(priced, { minLength: 1, maxLength: 6 }),
    total: fc.integer({ min: 0, max: 1_000_000_000_000 }),
    /** Of the total, in ten thousandths; null where points pay nothing. */
    byPoints: fc.option(fc.integer({ min: 0, max: 10_000 })),
    order: fc.infiniteStream(fc.nat()),
  });

  it("of all units, given up in whatever order, add up to the money and the points that paid, and none is negative", () => {
    fc.assert(
      fc.property(order, ({ lines: given, total, byPoints, order: picks }) => {
        const points = byPoints === null ? 0 : Math.floor((total * byPoints) / 10_000);
        const price = { total, payable: byPoints === null ? null : total - points };
        let lines = given.map((line, position) => ({ ...lineOf(line.quantity, `p${position}`, position), ...line }));
        const all = lines;
        const paid = { amount: 0, points: 0 };
        for (let left = rest(lines); left.length > 0; left = rest(lines)) {
          const pick = picks.next().value!;
          const { productId, quantity } = left[pick % left.length]!;
          const next = move(lines, [{ productId, quantity: (pick % quantity) + 1 }], "cancel");
          const owed = owedBetween(lines, next, price);
          expect(Math.min(owed.amount, owed.points)).toBeGreaterThanOrEqual(0);
          paid.amount += owed.amount;
          paid.points += owed.points;
          lines = next;
        }
        expect(paid).toEqual({ amount: total - points, points });
        expect(sharesOf(all, total).reduce((sum, share) => sum + share, 0)).toBe(total);
      }),
    );
  });

  it("of units that have arrived are the money alone, and nothing when all of them came back", () => {
    const arrived = { ...lineOf(3), packed: 3, shipped: 3, delivered: 3, line_total: 3003, tax: 0, tax_included: 1 };
    const price = { total: 3003, payable: 2003 };
    expect(keptBetween([{ ...arrived, delivered: 0 }], [arrived], price)).toBe(2003);
    const part = { ...arrived, returned: 1 };
    const parts = [keptBetween([arrived], [part], price), keptBetween([part], [{ ...part, returned: 3 }], price)];
    expect(parts).toEqual([-668, -1335]);
  });

  it("of a line are its price, its own tax, and its share of the shipping", () => {
    const lines = [
      { line_total: 20_000, tax: 3800, tax_included: 0 },
      { line_total: 10_000, tax: 909, tax_included: 1 },
    ];
    // A fee of 3,000 with its tax of 380, by what each line costs.
    expect(sharesOf(lines, 30_000 + 3800 + 3000 + 380)).toEqual([26_180, 11_000]);
    // A film has no share of it.
    const film = { line_total: 9900, tax: 900, tax_included: 1, title: {} };
    expect(sharesOf([...lines, film], 30_000 + 3800 + 3380 + 9900)).toEqual([26_180, 11_000, 9900]);
    expect(sharesOf([film], 9900)).toEqual([9900]);
    // A discount of the whole order.
    expect(sharesOf(lines, 16_900)).toEqual([11_900, 5000]);
  });
});
