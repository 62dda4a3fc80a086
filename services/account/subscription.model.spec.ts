import { Random } from "../../test/support/fixtures/random.ts";
import { periodEnd } from "./subscription.model.ts";

const day = (text: string) => Date.parse(`${text}T09:30:00.000Z`);
const iso = (time: number) => new Date(time).toISOString().slice(0, 10);

describe("a period", () => {
  it.each([
    ["2027-01-31", "2027-01-31", "month", "2027-02-28"],
    ["2027-01-31", "2027-02-28", "month", "2027-03-31"],
    ["2028-01-31", "2028-01-31", "month", "2028-02-29"],
    ["2027-12-15", "2027-12-15", "month", "2028-01-15"],
    ["2027-01-31", "2027-02-15", "month", "2027-02-28"],
    ["2027-01-15", "2027-06-20", "year", "2028-01-15"],
    ["2028-02-29", "2028-02-29", "year", "2029-02-28"],
    ["2028-02-29", "2031-02-28", "year", "2032-02-29"],
  ] as const)("of an account of %s that begins on %s for a %s ends on %s", (anchor, start, interval, end) => {
    expect(iso(periodEnd(day(anchor), day(start), interval))).toBe(end);
  });

  it("is followed by the next without a gap, and none keeps another day than the first or its month's last", () => {
    const random = new Random(1);
    for (let run = 0; run < 200; run += 1) {
      const anchor = Date.UTC(2027, 0, 1) + random.upTo(1500 * 86_400_000);
      const interval = random.pick(["month", "year"] as const);
      const wanted = new Date(anchor).getUTCDate();
      for (let start = anchor, count = 0; count < 30; count += 1) {
        const end = periodEnd(anchor, start, interval);
        const date = new Date(end);
        const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
        const days = interval === "month" ? 31 : 366;
        expect([iso(anchor), date.getUTCDate(), end - start <= days * 86_400_000, end > start]).toEqual([
          iso(anchor),
          Math.min(wanted, last),
          true,
          true,
        ]);
        start = end;
      }
    }
  });
});
