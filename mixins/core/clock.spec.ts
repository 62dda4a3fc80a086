/** A time is written as what it is. */
import { timestamp } from "./clock.ts";

afterEach(() => jest.restoreAllMocks());

describe("timestamp", () => {
  it("tells each time, whichever was asked for before", () => {
    const [one, other] = [Date.UTC(2026, 1, 3, 4, 5, 6, 7), Date.UTC(1999, 11, 31)];
    const [first, second] = ["2026-02-03T04:05:06.007Z", "1999-12-31T00:00:00.000Z"];
    expect([one, one, other, one].map((moment) => timestamp(moment))).toEqual([first, first, second, first]);
    jest.spyOn(Date, "now").mockReturnValue(other);
    expect(timestamp()).toBe(second);
  });
});
