import { Timeouts } from "./call-timer.ts";

describe("time-outs", () => {
  it("expire in the order of their times, whatever the order in which they began", async () => {
    const timeouts = new Timeouts();
    const expired: number[] = [];
    const limits = [60, 20, 100, 40, 80];
    await Promise.all(
      limits.map(
        (limit) =>
          new Promise<void>((resolve) => {
            timeouts.begin(limit, () => {
              expired.push(limit);
              resolve();
            });
          }),
      ),
    );
    expect(expired).toEqual(limits.toSorted((a, b) => a - b));
  });

  it("never expire once they ended, also when one that is due ends another that is", async () => {
    const timeouts = new Timeouts();
    const expire = jest.fn();
    timeouts.end(timeouts.begin(10, expire));
    const ended = new Promise<void>((resolve) => {
      timeouts.begin(20, () => {
        timeouts.end(late);
        timeouts.begin(20, resolve);
      });
    });
    const late = timeouts.begin(25, expire);
    // The process hears of both at once.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30);
    await ended;
    expect(expire).not.toHaveBeenCalled();
  });
});
