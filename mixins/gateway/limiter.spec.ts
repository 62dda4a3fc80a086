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

  it("keeps a debt until it is over, though a new generation of keys has begun", () => {
    const limiter = new Limiter(2);
    limiter.take("b", START);
    limiter.take("a", START + 50_000);
    limiter.take("a", START + 50_000);
    // The first generation is a window old.
    limiter.take("b", START + 65_000);
    expect(limiter.take("a", START + 70_000).allowed).toBe(false);
    expect(limiter.take("a", START + 200_000)).toMatchObject({ allowed: true, remaining: 1 });
  });

  it("forgets the oldest keys when too many come within a window, and none of the last 50,000", () => {
    const limiter = new Limiter(1);
    let keys = 0;
    const takeMany = () => {
      for (let more = 0; more < 50_000; more += 1) limiter.take(`${++keys}`, START);
      // The generation is full, so that another one begins.
      limiter.take("last", START);
    };
    limiter.take("a", START);
    takeMany();
    expect(limiter.take("a", START).allowed).toBe(false);
    takeMany();
    expect(limiter.take("last", START).allowed).toBe(false);
    expect(limiter.take("a", START).allowed).toBe(true);
  });
});
