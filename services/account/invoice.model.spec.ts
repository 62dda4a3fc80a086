import { Random } from "../../test/support/fixtures/random.ts";
import {
  changeLines,
  creditFor,
  daysUntilRetry,
  isTestNumber,
  lineOf,
  numberIn,
  seriesOf,
  sumOf,
  unused,
} from "./invoice.model.ts";

const DAY = 86_400_000;
const random = new Random(20_260_101);
const plan = (name: string) => ({
  name: { en: name, ko: name },
  amount: random.upTo(1_000_000),
  taxRate: random.pick([0, 1000, 700]),
});
const runs = Array.from({ length: 500 }, (_, run) => run);

describe("proration", () => {
  it("adds up: all that is charged and given back in a period is the price of the time that each plan was used", () => {
    for (const _ of runs) {
      const from = 1_800_000_000_000 + random.upTo(DAY);
      const period = { from, to: from + 1 + random.upTo(366 * DAY) };
      const changes = Array.from({ length: random.upTo(8) }, () => from + random.upTo(period.to - from)).toSorted(
        (a, b) => a - b,
      );
      const plans = [plan("first"), ...changes.map((_at, index) => plan(`${index}`))];
      const charged = changes.reduce(
        (sum, at, index) =>
          sum + sumOf(changeLines({ old: plans[index]!, new: plans[index + 1]!, period, next: period, at })).total,
        plans[0]!.amount,
      );
      const edges = [from, ...changes, period.to];
      const used = plans.reduce(
        (sum, { amount }, index) =>
          sum + unused(amount, period, edges[index]!) - unused(amount, period, edges[index + 1]!),
        0,
      );
      expect(charged).toBe(used);
      // And that is what the time itself costs, within a minor unit for each plan.
      const exact = plans.reduce(
        (sum, { amount }, index) => sum + (amount * (edges[index + 1]! - edges[index]!)) / (period.to - from),
        0,
      );
      expect(Math.abs(charged - exact)).toBeLessThan(plans.length);
      expect(charged).toBeGreaterThanOrEqual(0);
    }
  });

  it("gives back what it has charged, when a change is taken back at the same moment", () => {
    for (const _ of runs) {
      const period = { from: 0, to: 1 + random.upTo(40 * DAY) };
      const at = random.upTo(period.to);
      const [a, b] = [plan("a"), plan("b")];
      const there = sumOf(changeLines({ old: a, new: b, period, next: period, at }));
      const back = sumOf(changeLines({ old: b, new: a, period, next: period, at }));
      expect([there.total + back.total, there.tax + back.tax]).toEqual([0, 0]);
    }
  });

  it("charges a new period in full, and gives back the rest of the one that it replaces", () => {
    const month = { from: 0, to: 30 * DAY };
    const next = { from: 10 * DAY, to: 375 * DAY };
    const [old, chosen] = [
      { ...plan("month"), amount: 9000 },
      { ...plan("year"), amount: 90_000 },
    ];
    const lines = changeLines({ old, new: chosen, period: month, next, at: 10 * DAY });
    expect(lines.map(({ amount }) => amount)).toEqual([-6000, 90_000]);
  });

  it("tells of the rest of the same period, or of a new one, by its words and its time", () => {
    const [old, chosen, period] = [plan("old"), plan("new"), { from: 0, to: 10 }];
    const told = (next: typeof period) =>
      changeLines({ old, new: chosen, period, next, at: 5 }).map(({ text, from, to }) => [text.en, from, to]);
    const back = ["old, unused time", 5, 10];
    expect(told(period)).toEqual([back, ["new, remaining time", 5, 10]]);
    expect(told({ from: 5, to: 10 })).toEqual([back, ["new", 5, 10]]);
    expect(told({ from: 0, to: 20 })).toEqual([back, ["new", 0, 20]]);
  });

  it("never charges for time that is over, or more than the price", () => {
    expect(unused(9999, { from: 0, to: 10 }, 10)).toBe(0);
    expect(unused(9999, { from: 0, to: 10 }, 99)).toBe(0);
    expect(unused(9999, { from: 5, to: 10 }, 0)).toBe(9999);
    expect(unused(1_000_000_000_000, { from: 0, to: 366 * DAY }, 183 * DAY)).toBe(500_000_000_000);
  });
});

describe("an invoice", () => {
  it("takes no more of the credit than it needs, and its taxes are those of its lines", () => {
    expect([creditFor(1000, 300), creditFor(1000, 3000), creditFor(-5, 10)]).toEqual([300, 1000, 0]);
    const text = { en: "a", ko: "a" };
    const lines = [lineOf({ text, amount: 11_000, taxRate: 1000 }), lineOf({ text, amount: -1100, taxRate: 1000 })];
    expect(sumOf(lines)).toEqual({ total: 9900, tax: 900 });
  });
});

it("an overdue payment is tried 3, 5 and 7 days after it was due, and not again", () => {
  expect([0, 1, 2, 3, 4].map(daysUntilRetry)).toEqual([null, 3, 2, 2, null]);
});

it("documents are numbered by the year, those of test clocks apart", () => {
  const series = [false, true].map((isTest) => seriesOf(Date.parse("2027-12-31T23:59:59Z"), isTest));
  const numbers = series.map((one) => numberIn(one, 42));
  expect(numbers).toEqual(["2027-000042", "T2027-000042"]);
  expect(numbers.map(isTestNumber)).toEqual([false, true]);
});
