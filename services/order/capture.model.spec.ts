/** That captures, cancellations and refunds of one order always add up, in whatever sequence its units go their ways. */
import fc from "fast-check";
import { isComplete, partBetween, type Taken, uncapturedOf } from "./capture.model.ts";
import { type Line, move } from "./fulfilment.model.ts";
import { owedBetween, type Price, type RefundReason } from "./refund.model.ts";

const untouched = { packed: 0, shipped: 0, delivered: 0, lost: 0, cancelled: 0, claimed: 0, returned: 0 };
type Priced = Line & { readonly line_total: number; readonly tax: number; readonly tax_included: number };

const lines = fc.array(
  fc.record({ quantity: fc.integer({ min: 1, max: 5 }), line_total: fc.integer({ min: 0, max: 30 }) }),
  { minLength: 1, maxLength: 3 },
);
const prices = fc
  .record({ total: fc.integer({ min: 0, max: 60 }), points: fc.option(fc.nat(60)) })
  .map(({ total, points }) => ({ total, payable: points === null ? null : Math.max(0, total - points) }));
const steps = fc.array(
  fc.record({ way: fc.constantFrom("ship", "ship", "cancel", "lose", "return"), pick: fc.nat(), n: fc.nat() }),
  {
    maxLength: 40,
  },
);

/** An order whose money is captured as it is sent. */
class Books {
  lines: readonly Priced[];
  readonly price: Price;
  uncaptured: number;
  captured = 0;
  refunded = 0;
  givenUp = 0;

  constructor(given: readonly Priced[], price: Price) {
    this.lines = given;
    this.price = price;
    this.uncaptured = price.payable ?? price.total;
  }
  get taken(): Taken {
    return { uncaptured: this.uncaptured, kept: this.captured - this.refunded, isFinal: false };
  }
  capture(amount: number): void {
    this.captured += amount;
    this.uncaptured -= amount;
  }
  send(after: readonly Line[]): void {
    this.capture(partBetween(this.lines, after, this.price, this.taken).amount);
    this.lines = after as Priced[];
  }
  giveUp(after: readonly Line[], reason: RefundReason): void {
    const { amount } = owedBetween(this.lines, after, this.price);
    const uncaptured = uncapturedOf(reason, amount, this.taken);
    this.givenUp += amount;
    this.uncaptured -= uncaptured;
    this.refunded += amount - uncaptured;
    // Nothing can be sent any more: the rest is captured.
    if (!isComplete(this.lines) && isComplete(after)) this.capture(this.uncaptured);
    this.lines = after as Priced[];
  }
}

function take(books: Books, way: "ship" | "cancel" | "lose" | "return", pick: number, n: number): void {
  const left = (line: Line) =>
    ({
      ship: line.quantity - line.packed - line.cancelled,
      cancel: line.quantity - line.packed - line.cancelled,
      lose: line.shipped - line.delivered - line.lost,
      return: line.shipped - line.delivered - line.lost,
    })[way];
  const able = books.lines.filter((line) => left(line) > 0);
  const line = able[pick % Math.max(able.length, 1)];
  if (!line) return;
  const units = [{ productId: line.product_id, quantity: 1 + (n % left(line)) }];
  const after = (...all: Parameters<typeof move>[2][]) =>
    all.reduce((now: readonly Line[], one) => move(now, units, one), books.lines);
  if (way === "ship") books.send(after("pack", "ship"));
  else if (way === "cancel") books.giveUp(after("cancel"), "items_cancelled");
  else if (way === "lose") books.giveUp(after("lose"), "shipment_lost");
  else books.giveUp(after("deliver", "claim", "return"), "items_returned");
}

it("never pays back more than was captured, and ends with exactly what the customer owes", () => {
  fc.assert(
    fc.property(lines, prices, steps, (given, price, moves) => {
      const priced = given.map((line, position) => ({
        ...untouched,
        ...line,
        position,
        product_id: `p${position}`,
        tax: 0,
        tax_included: 1,
      }));
      const books = new Books(priced, price);
      for (const { way, pick, n } of moves) {
        take(books, way, pick, n);
        expect(books.uncaptured).toBeGreaterThanOrEqual(0);
        expect(books.refunded).toBeLessThanOrEqual(books.captured);
        expect(books.uncaptured + books.captured - books.refunded).toBe((price.payable ?? price.total) - books.givenUp);
      }
      // What is left is sent.
      while (!isComplete(books.lines)) take(books, "ship", 0, 0);
      expect(books.uncaptured).toBe(0);
    }),
    { numRuns: 2000 },
  );
});
