import { insist } from "../../scripts/cluster/late.ts";

describe("insist", () => {
  const told: [string, boolean][] = [];
  const tell = (why: string, isLast: boolean) => void told.push([why, isLast]);
  beforeEach(() => void (told.length = 0));

  it("tries again what is late, and tells each time", async () => {
    let attempts = 0;
    const work = async () => {
      if ((attempts += 1) < 3) throw new Error(`late ${attempts}`);
    };
    expect(await insist(work, { tell, pause: 0 })).toBe(true);
    expect(told).toEqual([
      ["late 1", false],
      ["late 2", false],
    ]);
  });

  it("goes on without what does not come", async () => {
    expect(await insist(() => Promise.reject(new Error("gone")), { tell, attempts: 2, pause: 0 })).toBe(false);
    expect(told).toEqual([
      ["gone", false],
      ["gone", true],
    ]);
  });
});
