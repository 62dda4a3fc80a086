/** A cluster whose Redis goes and comes back under load. */
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "../fixtures/eventually.ts";
import type { Report } from "../actors/prober.ts";
import type { AvailabilityRun } from "./availability-run.ts";
import { MachineSpeed } from "../invariants/machine-speed.ts";

/** Requests a minute of one person. */
const QUOTA = 200;
/** Requests that are refused once the quota is used up. */
const REFUSED = 100;
/** Milliseconds until a process has its turn, with which Redis may be later than a gateway waits. */
const SLOW = 30;

export class RedisOutage {
  /** For the cluster: only the customer that is counted meets a limit. */
  static readonly env = { RATE_LIMIT: "on", RATE_LIMIT_ADDRESS: "1000000", RATE_LIMIT_USER: `${QUOTA}` };
  readonly #run: AvailabilityRun;

  constructor(run: AvailabilityRun) {
    this.#run = run;
  }

  /** @param milliseconds for how long it is away, at least */
  async survive(signal: "SIGKILL" | "SIGSTOP", milliseconds: number): Promise<Report> {
    const { cluster } = this.#run;
    await this.#grants(QUOTA);
    const report = await this.#run.measure(`Redis ${signal}`, async () => {
      await sleep(500);
      cluster.kill("redis", signal);
      try {
        await this.#isReported("away", "degraded");
        await this.#grants(QUOTA * cluster.urls.length);
        await sleep(milliseconds);
      } finally {
        await (signal === "SIGKILL" ? cluster.startNode("redis") : cluster.kill("redis", "SIGCONT"));
      }
      await this.#isReported("ok", "ok");
    });
    await this.#grants(QUOTA);
    return report;
  }

  /** A new customer is granted so many requests at once, in turn at each gateway. */
  async #grants(expected: number): Promise<void> {
    const { urls } = this.#run.cluster;
    const customer = await this.#run.person();
    const limit = 2 * QUOTA * urls.length;
    const statuses: number[] = [];
    let refused = 0;
    const machineSpeed = await MachineSpeed.start();
    const began = performance.now();
    // A few at a time: under a flood Redis would be too slow, and each gateway would count by itself.
    const ask = async () => {
      while (refused < REFUSED && statuses.length < limit) {
        const { status } = await customer.get("/products?limit=1");
        if (status === 429) refused += 1;
        statuses.push(status);
      }
    };
    await Promise.all([ask(), ask(), ask(), ask()]);
    const granted = statuses.filter((status) => status === 200).length;
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(granted).toBeGreaterThanOrEqual(expected);
    // Where Redis has to wait for its turn, each gateway counts by itself. A quota fills up again while it is used.
    const quotas = machineSpeed.worst < SLOW ? expected : QUOTA * urls.length;
    expect(granted).toBeLessThanOrEqual(quotas + Math.ceil((quotas * (performance.now() - began)) / 60_000));
    await machineSpeed.end();
  }

  /** What every gateway says of Redis, as soon as this is so. */
  async #isReported(status: "ok" | "away", overall: string): Promise<void> {
    for (const gateway of this.#run.cluster.urls.keys())
      await eventually(async () => {
        const health = await this.#run.health(gateway);
        return (
          health.status === overall && health.dependencies.some((one) => one.name === "redis" && one.status === status)
        );
      });
  }
}
