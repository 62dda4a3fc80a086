/** Redis is gone or stands still: the platform goes on, limits by itself in each process, says so, and shares again. */
import { RedisOutage } from "../support/faults/redis-outage.ts";
import { AvailabilityRun } from "../support/faults/availability-run.ts";

// Within, so that it is closed before its folder is removed.
describe("the platform without Redis", () => {
  let run: AvailabilityRun;
  beforeAll(async () => {
    run = await AvailabilityRun.open({ nodes: 2, env: RedisOutage.env });
  });
  afterAll(() => run.close());
  afterEach(() => run.whole());

  it.each([
    ["is killed", "SIGKILL"],
    ["stands still", "SIGSTOP"],
  ] as const)("fails no request when Redis %s, and each gateway limits for itself", async (_, signal) => {
    const { failures } = await new RedisOutage(run).survive(signal, 10_000);
    expect(failures).toEqual([]);
  });
});
