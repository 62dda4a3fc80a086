import type { Service } from "moleculer";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { Worker } from "./worker.ts";

/** Milliseconds, by a clock that stands still: longer than any spec takes, so that no timer goes off by itself. */
const IDLE = 1_000_000;

describe("Worker", () => {
  const warnings: string[] = [];
  const logger = { warn: (text: string) => void warnings.push(text) } as unknown as Service["logger"];
  let clock: Clock;
  let worker: Worker;
  let steps: number;
  /** What each step does. */
  let step: () => Promise<boolean | number>;

  /** Resolves when all has been done that does not wait for the clock. */
  const rest = () => new Promise<void>((resolve) => void setImmediate(resolve));
  const make = (options: Partial<ConstructorParameters<typeof Worker>[2]> = {}) => {
    worker = new Worker(logger, () => ((steps += 1), step()), { idle: IDLE, ...options });
  };
  const wake = (at?: number) => (worker.wake(at), rest());
  const advance = (milliseconds: number) => (clock.advance(milliseconds), rest());
  /** A step that runs until the spec ends it. */
  const hold = () => {
    const { promise, resolve } = Promise.withResolvers<boolean | number>();
    step = () => promise;
    return (answer: boolean | number = false) => {
      step = async () => false;
      resolve(answer);
      return rest();
    };
  };

  beforeEach(() => {
    clock = new Clock();
    clock.stop();
    warnings.length = 0;
    steps = 0;
    step = async () => false;
    make();
  });
  afterEach(async () => {
    await worker.stop();
    jest.restoreAllMocks();
  });

  it("works until there is nothing more to do, then sleeps", async () => {
    step = async () => steps < 3;
    await wake();
    expect(steps).toBe(3);
    await advance(IDLE - 1);
    expect(steps).toBe(3);
  });

  it("looks again by itself, in case a wake-up was lost", async () => {
    await wake();
    for (const looks of [2, 3, 4]) {
      await advance(IDLE - 1);
      expect(steps).toBe(looks - 1);
      await advance(1);
      expect(steps).toBe(looks);
    }
  });

  it("looks at once when it is woken from its sleep", async () => {
    await wake();
    await wake();
    expect(steps).toBe(2);
  });

  it("looks again when it was woken during a step, once", async () => {
    const end = hold();
    await wake();
    await wake();
    await wake();
    expect(steps).toBe(1);
    await end();
    expect(steps).toBe(2);
    await advance(IDLE - 1);
    expect(steps).toBe(2);
  });

  it("never works twice at once", async () => {
    const end = hold();
    await wake();
    await wake();
    await advance(IDLE);
    expect(steps).toBe(1);
    await end();
  });

  describe("that is woken for later", () => {
    const at = () => Date.now() + 1000;

    it.each<[string, () => Promise<unknown>]>([
      [
        "while it sleeps",
        async () => {
          await wake();
          await wake(at());
        },
      ],
      [
        "during a step",
        async () => {
          const end = hold();
          await wake();
          await wake(at());
          await end();
        },
      ],
      [
        "within a step",
        async () => {
          step = async () => (worker.wake(at()), (step = async () => false), false);
          await wake();
        },
      ],
    ])("%s looks then, and not before", async (_, ask) => {
      await ask();
      await advance(999);
      expect(steps).toBe(1);
      await advance(1);
      expect(steps).toBe(2);
      await advance(IDLE - 1);
      expect(steps).toBe(2);
    });

    it("keeps the earliest of several times", async () => {
      await wake();
      for (const later of [5000, 2000, 9000]) await wake(Date.now() + later);
      await advance(1999);
      expect(steps).toBe(1);
      await advance(1);
      expect(steps).toBe(2);
    });

    it("keeps the earliest of several times that came during a step", async () => {
      const end = hold();
      await wake();
      for (const later of [5000, 2000, 9000]) await wake(Date.now() + later);
      await end();
      await advance(1999);
      expect(steps).toBe(1);
      await advance(1);
      expect(steps).toBe(2);
    });

    it("looks again at once when the time has come during the step", async () => {
      const end = hold();
      await wake();
      await wake(at());
      await advance(1000);
      await end();
      expect(steps).toBe(2);
    });

    it("sleeps no longer than it would anyway", async () => {
      await wake();
      await wake(Date.now() + 2 * IDLE);
      await advance(IDLE);
      expect(steps).toBe(2);
    });
  });

  it.each<[string, () => Promise<boolean>]>([
    ["rejects", () => Promise.reject(new Error("The disk is full."))],
    [
      "throws at once",
      () => {
        throw new Error("The disk is full");
      },
    ],
  ])("tries again with growing pauses when its step %s", async (_, fail) => {
    make({ backOff: [10_000, 40_000] });
    step = fail;
    await wake();
    for (const [index, pause] of [10_000, 20_000, 40_000, 40_000].entries()) {
      expect(warnings.at(-1)).toBe(`The disk is full. Trying again in ${pause} ms.`);
      await advance(pause - 1);
      expect(steps).toBe(index + 1);
      await advance(1);
      expect(steps).toBe(index + 2);
    }
  });

  it("forgets its failures once it succeeds", async () => {
    make({ backOff: [10_000, 40_000] });
    step = async () => {
      if (steps !== 3) throw new Error("No.");
      return false;
    };
    await wake();
    await advance(10_000);
    await advance(20_000);
    await wake();
    expect(warnings.map((text) => text.match(/in (\d+) ms/)?.[1])).toEqual(["10000", "20000", "10000"]);
  });

  it.each<[string, () => Promise<number>]>([
    ["it fails", () => Promise.reject(new Error("No."))],
    ["its step asks for a pause", async () => 10_000],
  ])("is not hurried by wake-ups while it pauses because %s, and goes on afterwards", async (_, pausing) => {
    make({ backOff: [10_000, 10_000] });
    step = pausing;
    await wake();
    await wake();
    await wake(Date.now() + 1);
    await advance(9999);
    expect(steps).toBe(1);
    step = async () => false;
    await advance(1);
    expect(steps).toBe(2);
    await wake();
    expect(steps).toBe(3);
  });

  it("begins steps no faster than its pace, and does what came meanwhile together", async () => {
    make({ pace: 10_000 });
    step = async () => steps === 1;
    await wake();
    expect(steps).toBe(1);
    await wake();
    await advance(9999);
    expect(steps).toBe(1);
    await wake();
    await advance(1);
    expect(steps).toBe(2);
    await advance(10_000);
    expect(steps).toBe(2);
    await wake();
    expect(steps).toBe(3);
  });

  it("keeps its pace when the clock was set back", async () => {
    make({ pace: 10_000 });
    await wake();
    clock.advance(-3_600_000);
    await wake();
    expect(steps).toBe(1);
    await advance(10_000);
    expect(steps).toBe(2);
  });

  it("ends after the piece of work at hand, and does nothing afterwards", async () => {
    const end = hold();
    await wake();
    let isStopped = false;
    const stopping = worker.stop().then(() => (isStopped = true));
    await rest();
    expect(isStopped).toBe(false);
    await end(true);
    await stopping;
    await wake();
    await advance(IDLE);
    expect(steps).toBe(1);
  });

  it("does nothing after it was stopped in its sleep", async () => {
    await wake();
    await worker.stop();
    await advance(IDLE);
    expect(steps).toBe(1);
  });
});
