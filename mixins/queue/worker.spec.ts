import { setTimeout as wait } from "node:timers/promises";
import type { Service } from "moleculer";
import { eventually } from "../../test/support/systems/notes-service.ts";
import { Worker } from "./worker.ts";

describe("Worker", () => {
  const warnings: string[] = [];
  const logger = { warn: (text: string) => void warnings.push(text) } as unknown as Service["logger"];
  let worker: Worker;

  const working = (step: () => Promise<boolean>, options: Partial<ConstructorParameters<typeof Worker>[2]> = {}) =>
    (worker = new Worker(logger, step, { idle: 10_000, ...options }));

  beforeEach(() => void warnings.splice(0));
  afterEach(() => worker.stop());

  it("works until there is nothing more to do, then sleeps", async () => {
    let left = 3;
    working(async () => (left -= 1) > 0).wake();
    await eventually(() => left === 0);
    await wait(30);
    expect(left).toBe(0);
  });

  it("looks again by itself, in case a wake-up was lost", async () => {
    let looks = 0;
    working(
      async () => {
        looks += 1;
        return false;
      },
      { idle: 5 },
    ).wake();
    await eventually(() => looks >= 3);
  });

  it("misses no wake-up that comes while it works", async () => {
    const queue: number[] = [];
    const taken: number[] = [];
    working(async () => {
      const batch = queue.splice(0);
      await wait(1);
      taken.push(...batch);
      return false;
    });
    for (let item = 0; item < 100; item += 1) {
      queue.push(item);
      worker.wake();
      if (item % 7 === 0) await wait(1);
    }
    await eventually(() => taken.length === 100);
    expect(taken).toEqual(Array.from({ length: 100 }, (_, item) => item));
  });

  it("never works twice at once", async () => {
    let running = 0;
    let most = 0;
    working(async () => {
      most = Math.max(most, (running += 1));
      await wait(2);
      running -= 1;
      return false;
    });
    for (let turn = 0; turn < 20; turn += 1) {
      worker.wake();
      await wait(1);
    }
    expect(most).toBe(1);
  });

  it.each<[string, () => Promise<boolean>]>([
    ["rejects", () => Promise.reject(new Error("The disk is full."))],
    [
      "throws at once",
      () => {
        throw new Error("The disk is full.");
      },
    ],
  ])("tries again with growing pauses when its step %s", async (_, fail) => {
    let steps = 0;
    working(
      () => {
        steps += 1;
        return steps < 5 ? fail() : Promise.resolve(false);
      },
      { backOff: [10, 40] },
    ).wake();
    await eventually(() => steps === 5);
    expect(warnings.map((text) => text.match(/in (\d+) ms/)?.[1])).toEqual(["10", "20", "40", "40"]);
    expect(warnings[0]).toBe("The disk is full. Trying again in 10 ms.");
  });

  it("is not hurried by wake-ups while it pauses after a failure, and goes on afterwards", async () => {
    let steps = 0;
    const fail = async () => {
      steps += 1;
      throw new Error("No.");
    };
    working(fail, { backOff: [600_000, 600_000] }).wake();
    await eventually(() => warnings.length === 1);
    for (let turn = 0; turn < 10; turn += 1) {
      worker.wake();
      await wait(1);
    }
    expect(steps).toBe(1);
    await worker.stop();
    working(fail, { backOff: [20, 20] }).wake();
    await eventually(() => warnings.length === 2);
    worker.wake();
    await eventually(() => steps === 3);
  });

  it("forgets its failures once it succeeds", async () => {
    let call = 0;
    working(
      async () => {
        call += 1;
        if (call !== 2) throw new Error("No.");
        return false;
      },
      { idle: 1, backOff: [5, 500] },
    ).wake();
    await eventually(() => warnings.length >= 2);
    expect(warnings.slice(0, 2)).toEqual(Array(2).fill("No. Trying again in 5 ms."));
  });

  it("ends after the piece of work at hand, and does nothing afterwards", async () => {
    const story: string[] = [];
    working(
      async () => {
        story.push("begun");
        await wait(20);
        story.push("done");
        return true;
      },
      { idle: 1 },
    ).wake();
    await worker.stop();
    worker.wake();
    await wait(30);
    expect(story).toEqual(["begun", "done"]);
  });
});
