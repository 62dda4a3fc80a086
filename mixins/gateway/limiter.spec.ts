import { Limiter } from "./limiter.ts";

const START = 1_700_000_000_000;

describe("the limiter", () => {
  it("allows the quota at once, then one at a time as it comes back", () => {
    const limiter = new Limiter(60);
    const grants = Array.from({ length: 61 }, () => limiter.take("a", START));
    expect(grants.filter(({ allowed }) => allowed)).toHaveLength(60);
    expect(grants[0]).toEqual({ allowed: true, remaining: 59, seconds: 1 });
    expect(grants[60]).toEqual({ allowed: false, remaining: 0, seconds: 1 });
    expect(limiter.take("a", START + 1000).allowed).toBe(true);
    expect(limiter.take("a", START + 1000).allowed).toBe(false);
  });

  it("does not punish refused requests", () => {
    const limiter = new Limiter(1);
    limiter.take("a", START);
    for (let second = 1; second < 60; second += 1) expect(limiter.take("a", START + second * 1000).allowed).toBe(false);
    expect(limiter.take("a", START + 60_000).allowed).toBe(true);
  });

  it("counts each key by itself", () => {
    const limiter = new Limiter(1);
    expect(limiter.take("a", START).allowed).toBe(true);
    expect(limiter.take("b", START).allowed).toBe(true);
    expect(limiter.take("a", START + 59_000).allowed).toBe(false);
  });

  it("forgets what is settled, and nothing before", () => {
    const limiter = new Limiter(2);
    limiter.take("a", START + 50_000);
    limiter.take("a", START + 50_000);
    expect(limiter.take("b", START + 65_000).allowed).toBe(true);
    expect(limiter.take("a", START + 70_000).allowed).toBe(false);
    expect(limiter.take("a", START + 200_000)).toMatchObject({ allowed: true, remaining: 1 });
  });
});
