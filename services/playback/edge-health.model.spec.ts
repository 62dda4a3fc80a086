import { ANNOUNCE, fresh, GONE, healthAfter, isUsable, ttlFor } from "./edge-health.model.ts";

const NOW = 1_000_000_000;
const well = { requests: 50, failures: 0, leaving: false };
const burst = { requests: 20, failures: 10, leaving: false };
const seen = (health: typeof fresh, seen_at = NOW) => ({ ...health, seen_at });

describe("an edge", () => {
  it("is used while it is heard of and serves well", () => {
    expect(isUsable(seen(healthAfter(fresh, well, NOW)), NOW)).toBe(true);
    expect(isUsable(seen(fresh, NOW - GONE), NOW)).toBe(false);
  });

  it("is not judged by a failure or two", () => {
    expect(isUsable(seen(healthAfter(fresh, { requests: 2, failures: 2, leaving: false }, NOW)), NOW)).toBe(true);
  });

  it.each([
    [3, 3, false],
    [15, 3, false],
    [16, 3, true],
  ])("rests from three failures on that are a fifth of what was asked: of %d, %d", (requests, failures, usable) => {
    expect(isUsable(seen(healthAfter(fresh, { requests, failures, leaving: false }, NOW)), NOW)).toBe(usable);
  });

  it("rests after a burst of failures and comes back; a second burst has it rest longer", () => {
    const first = healthAfter(fresh, burst, NOW);
    expect(isUsable(seen(first), NOW)).toBe(false);
    const back = first.out_until;
    expect(isUsable(seen(first, back), back)).toBe(true);
    const second = healthAfter(first, burst, back);
    expect(second.out_until - back).toBe(2 * (back - NOW));
    // Failures of those who are still there while it rests do not count twice.
    expect(healthAfter(first, burst, NOW + 1).out_until).toBe(first.out_until);
  });

  it("has a clean record again once it has served well", () => {
    const once = healthAfter(fresh, burst, NOW);
    const later = once.out_until + 60_000;
    expect(healthAfter(healthAfter(once, well, later), burst, later + 1).out_until).toBe(
      later + 1 + (once.out_until - NOW),
    );
  });

  it.each([
    ["no requests", { ...well, requests: 0 }, 15_001],
    ["failures", { ...well, failures: 2 }, 15_001],
    ["no more time than it rested", well, 15_000],
  ])("has none after %s", (_, told, passed) => {
    const once = healthAfter(fresh, burst, NOW);
    const later = healthAfter(once, told, once.out_until + passed);
    expect([later.bursts, later.out_until]).toEqual([1, once.out_until]);
    expect(healthAfter(once, well, once.out_until + 15_001).bursts).toBe(0);
  });

  it("rests for 15 seconds, and for four minutes at most", () => {
    let health = fresh;
    const rests = Array.from({ length: 7 }, () => {
      const before = Math.max(NOW, health.out_until);
      health = healthAfter(health, burst, before);
      return (health.out_until - before) / 1000;
    });
    expect(rests).toEqual([15, 30, 60, 120, 240, 240, 240]);
  });

  it("is gone when three of its words did not come, one every two seconds", () => {
    expect([ANNOUNCE, GONE]).toEqual([2000, 6000]);
    expect(isUsable(seen(fresh, NOW - 5999), NOW)).toBe(true);
  });

  it("tells the share of its requests that fail, smoothed", () => {
    const shares: number[] = [];
    for (const told of [burst, burst, well, { ...well, requests: 0 }])
      shares.push(healthAfter({ ...fresh, failing: shares.at(-1) ?? 0 }, told, NOW).failing);
    expect(shares).toEqual([0.25, 0.375, 0.1875, 0.16875]);
  });

  it("that is about to stop gets no more players", () => {
    expect(isUsable(seen(healthAfter(fresh, { ...well, leaving: true }, NOW)), NOW)).toBe(false);
  });

  it("in doubt has players ask again sooner", () => {
    expect(ttlFor([seen(fresh)], NOW)).toBe(10);
    expect(ttlFor([seen(fresh), seen(healthAfter(fresh, burst, NOW))], NOW)).toBe(5);
    // One that has been away for a minute is no doubt, but gone.
    expect([59_999, 60_000].map((away) => ttlFor([seen(fresh, NOW - away)], NOW))).toEqual([5, 10]);
  });
});
