/** When a queue looks and begins, by a clock that stands still: its rows are in memory, and only the clock moves on. */
import { EventEmitter } from "node:events";
import type { ServiceBroker } from "moleculer";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { Queue } from "./queue.ts";

type Options = Partial<ConstructorParameters<typeof Queue<string>>[1]>;
const LOST_NODE = "$node.disconnected";

describe("Queue", () => {
  let clock: Clock;
  let queue: Queue<string>;
  let due: string[];
  let looks: number;
  let begun: string[];
  const localBus = new EventEmitter();

  /** Resolves when all has been done that does not wait for the clock. */
  const rest = () => new Promise<void>((resolve) => void setImmediate(resolve));
  const advance = (milliseconds: number) => (clock.advance(milliseconds), rest());
  const start = async (options: Options) => {
    const host = { logger: { warn: () => {} } as never, broker: { localBus } as unknown as ServiceBroker };
    queue = new Queue<string>(host, {
      next: async () => ((looks += 1), { at: due.length > 0 ? 0 : null }),
      claim: async () => due.splice(0),
      work: async (row) => void begun.push(row),
      limit: 10,
      ...options,
    });
    await queue.start();
    await rest();
  };

  beforeEach(() => {
    clock = new Clock();
    clock.stop();
    const real = setTimeout;
    jest.spyOn(globalThis, "setTimeout").mockImplementation((act) => real(act, 2 ** 30));
    [due, begun, looks] = [[], [], 0];
  });
  afterEach(async () => {
    await queue.stop();
    jest.restoreAllMocks();
  });

  it.each([
    ["some milliseconds, though a new row may be due at once", 0, 50],
    ["five seconds, though a new row is due much later", 60_000, 5000],
  ])("looks by itself after %s", async (_, soonest, pause) => {
    await start({ soonest });
    await advance(pause - 1);
    expect(looks).toBe(1);
    await advance(1);
    expect(looks).toBe(2);
  });

  it("looks no more often than its pace, however often it is woken", async () => {
    await start({ pace: 1000 });
    queue.wake();
    await advance(999);
    expect(looks).toBe(1);
    await advance(1);
    expect(looks).toBe(2);
  });

  it("begins the next row after one turn when the clock was set back meanwhile", async () => {
    due = ["first", "second"];
    const { promise, resolve } = Promise.withResolvers<void>();
    await start({ atOnce: 1, rate: 0.1, work: (row) => (begun.push(row), promise) });
    clock.advance(-3_600_000);
    resolve();
    await rest();
    await advance(9999);
    expect(begun).toEqual(["first"]);
    await advance(1);
    expect(begun).toEqual(["first", "second"]);
  });

  it("no longer listens for lost nodes after it was stopped", async () => {
    await start({});
    expect(localBus.listenerCount(LOST_NODE)).toBe(1);
    await queue.stop();
    expect(localBus.listenerCount(LOST_NODE)).toBe(0);
  });
});
