import fc from "fast-check";
import { heightFor, isBelieved, isWatched, manifestFor, resumeFrom, seatFor } from "./session.model.ts";

describe("a place", () => {
  it("is the lowest that is free, and there are no more than the plan has", () => {
    expect(seatFor([], 1)).toBe(0);
    expect(seatFor([0, 2], 3)).toBe(1);
    expect(seatFor([0, 1], 2)).toBeUndefined();
    // A smaller plan than before: those beyond it count too.
    expect(seatFor([3, 4], 2)).toBeUndefined();
    expect(seatFor([4], 2)).toBe(0);
  });
});

describe("a report", () => {
  it("is believed when it is newer, except near the beginning right after a resume", () => {
    const session = { sequence: 3, position_ms: null, resume_ms: 900_000 };
    expect(isBelieved(session, { sequence: 3, positionMs: 900_000 })).toBe(false);
    expect(isBelieved(session, { sequence: 4, positionMs: 14_999 })).toBe(false);
    expect(isBelieved(session, { sequence: 4, positionMs: 15_000 })).toBe(true);
    expect(isBelieved({ ...session, position_ms: 901_000 }, { sequence: 4, positionMs: 0 })).toBe(true);
    expect(isBelieved({ ...session, resume_ms: 0 }, { sequence: 4, positionMs: 0 })).toBe(true);
    const nearZero = [29_999, 30_000].map((resume_ms) =>
      isBelieved({ ...session, resume_ms }, { sequence: 4, positionMs: 0 }),
    );
    expect(nearZero).toEqual([true, false]);
  });
});

it("a film is watched at nine tenths, and starts again then", () => {
  expect([isWatched(899, 1000), isWatched(900, 1000), isWatched(null, 1000), isWatched(0, 0)]).toEqual([
    false,
    true,
    false,
    false,
  ]);
  expect([
    resumeFrom(undefined, 1000),
    resumeFrom({ position_ms: 500 }, 1000),
    resumeFrom({ position_ms: 900 }, 1000),
  ]).toEqual([0, 500, 0]);
  expect(resumeFrom({ position_ms: 500 }, 400)).toBe(0);
});

it("the playlist goes up to what is allowed", () => {
  const named = [1080, 720, 719, 480, 240, 100].map((most) => manifestFor("main.m3u8", [240, 480, 720], most));
  const [all, middle, low] = ["main.m3u8", "main-480.m3u8", "main-240.m3u8"];
  expect(named).toEqual([all, all, middle, middle, low, low]);
});

it("files may be fetched up to what the plan allows, and a film that has nothing so small as small as it is", () => {
  expect([480, 239, 2160].map((most) => heightFor([240, 1080], most))).toEqual([480, 240, 2160]);
});

it("the playlist has no rung above what is allowed, if the film has any below", () => {
  const heights = fc.uniqueArray(fc.integer({ min: 100, max: 2200 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(heights, fc.integer({ min: 100, max: 4320 }), (rungs, most) => {
      const [, named] = /^main(?:-(\d+))?\.m3u8$/.exec(manifestFor("main.m3u8", rungs, most))!;
      const best = named === undefined ? Math.max(...rungs) : Number(named);
      expect(rungs).toContain(best);
      expect(best <= most || best === Math.min(...rungs)).toBe(true);
      expect(best).toBeLessThanOrEqual(heightFor(rungs, most));
    }),
  );
});
