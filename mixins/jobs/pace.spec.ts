import fc from "fast-check";
import { allowed, isUsedUp, nextOf, pauseAfter, readyAfter, type Standing } from "./pace.ts";

const clock = 1_000_000;
const standing = (rest: Partial<Standing> = {}): Standing => ({
  paused: 0,
  clock,
  high: null,
  normal: clock,
  low: null,
  ready_at: 0,
  running: 0,
  lease_until: null,
  ...rest,
});

describe("the next job of a kind", () => {
  it("may begin when the first of any priority is due", () => {
    expect(nextOf({}, standing({ high: clock + 5, low: clock - 5 }))).toBe(clock - 5);
    expect(nextOf({}, standing({ normal: null }))).toBeNull();
  });

  it("may not begin while the kind is paused", () => {
    expect(nextOf({}, standing({ paused: 1 }))).toBeNull();
    expect(allowed({}, standing({ paused: 1 }))).toBe(0);
  });

  it("waits for the rate", () => {
    expect(nextOf({ rate: 1 }, standing({ ready_at: clock + 700 }))).toBe(clock + 700);
    expect(allowed({ rate: 1 }, standing({ ready_at: clock + 700 }))).toBe(0);
    expect(allowed({ rate: 1 }, standing({ ready_at: clock }))).toBe(1);
  });

  it("waits for the end of a lease while as many run as may", () => {
    const full = standing({ running: 2, lease_until: clock + 9000 });
    expect(nextOf({ concurrency: 2 }, full)).toBe(clock + 9000);
    expect(allowed({ concurrency: 2 }, full)).toBe(0);
    expect(allowed({ concurrency: 3 }, full)).toBe(1);
  });
});

describe("the rate", () => {
  it("lets a second's worth begin at once after a rest", () => {
    expect(allowed({ rate: 5 }, standing())).toBe(5);
    expect(allowed({ rate: 0.1 }, standing())).toBe(1);
    expect(readyAfter(5, standing(), 5)).toBe(clock + 200);
    expect(readyAfter(0.1, standing(), 1)).toBe(clock + 10_000);
  });

  it("is never exceeded, however jobs are claimed", () => {
    const rates = fc.constantFrom(0.1, 0.5, 1, 3, 10, 100);
    const claims = fc.array(fc.record({ pause: fc.nat(3000), wanted: fc.nat(40) }), { maxLength: 60 });
    fc.assert(
      fc.property(rates, claims, (rate, asked) => {
        let [time, ready_at] = [clock, 0];
        const begun: { at: number; count: number }[] = [];
        for (const { pause, wanted } of asked) {
          time += pause;
          const now = { clock: time, ready_at };
          const count = Math.min(wanted, allowed({ rate }, standing(now)));
          ready_at = readyAfter(rate, now, count);
          begun.push({ at: time, count });
        }
        const burst = Math.max(1, Math.floor(rate));
        for (const [index, { at: from }] of begun.entries()) {
          let sum = 0;
          for (const { at, count } of begun.slice(index)) {
            sum += count;
            expect(sum).toBeLessThanOrEqual(burst + ((at - from) / 1000) * rate + 1e-6);
          }
        }
      }),
    );
  });
});

describe("after a failure", () => {
  it("a job waits twice as long each time, up to a minute, and never as long as all others", () => {
    jest.spyOn(Math, "random").mockReturnValue(1);
    expect([1, 2, 3, 6, 7, 8, 50].map(pauseAfter)).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000, 60_000]);
    jest.spyOn(Math, "random").mockReturnValue(0);
    expect([1, 2, 50].map(pauseAfter)).toEqual([500, 1000, 30_000]);
    jest.restoreAllMocks();
  });

  it("a job is dead when it has failed as often as its kind allows", () => {
    const definition = { summary: "", input: {}, attempts: 3 };
    expect([2, 3].map((failures) => isUsedUp(definition, failures))).toEqual([false, true]);
    expect([9, 10].map((failures) => isUsedUp({ summary: "", input: {} }, failures))).toEqual([false, true]);
  });
});
