/** Two nodes of each service under a steady load: one of them dies, stands still or is restarted, and nobody notices. */
import { AvailabilityRun } from "../support/faults/availability-run.ts";

const services = ["product", "order", "payment", "user", "notification"];

// Within, so that it is closed before its folder is removed.
describe("one of two nodes", () => {
  let run: AvailabilityRun;
  beforeAll(async () => {
    run = await AvailabilityRun.open({ nodes: 2 });
  });
  afterAll(() => run.close());

  it.each(services)("of %s that is killed fails no request, and none takes longer than 500 ms", async (service) => {
    const { report, limit } = await run.crash(`${service}-1`);
    await run.revive(`${service}-1`);
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("of the gateways that is killed fails no read, and no write with a key, behind the load balancer", async () => {
    const { report, limit } = await run.crash("api-1", { through: "haproxy" });
    await run.revive("api-1");
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it.each(services)("of %s that stands still fails no request, and none takes longer than 8 s", async (service) => {
    const { report, limit } = await run.freeze(`${service}-2`, 20_000);
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("of the gateways that stands still fails no read, and no write with a key, behind the load balancer", async () => {
    const { report, limit } = await run.freeze("api-2", 20_000, { through: "haproxy" });
    expect(report.failures).toEqual([]);
    expect(report.worst).toBeLessThan(limit);
  });

  it("of each service in turn that is restarted fails no request", async () => {
    const { failures } = await run.restart(services.flatMap((service) => run.cluster.nodes(service)));
    expect(failures).toEqual([]);
  }, 1_200_000);

  it("of the gateways in turn that is restarted fails no request behind the load balancer", async () => {
    const { failures } = await run.restart(run.cluster.nodes("api"), { through: "haproxy" });
    expect(failures).toEqual([]);
  });

  it("leaves every invariant true", async () => {
    expect(await run.violations()).toEqual([]);
  });
});
