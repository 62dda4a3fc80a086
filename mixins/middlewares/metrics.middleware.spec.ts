import { Errors, type Middleware, ServiceBroker } from "moleculer";
import { actionMetrics, metrics } from "./metrics.middleware.ts";
import { tracing } from "./tracing.middleware.ts";

const started = async (...middlewares: Middleware[]): Promise<ServiceBroker> => {
  const broker = new ServiceBroker({
    logger: false,
    tracing: { enabled: true },
    internalMiddlewares: false,
    middlewares,
  });
  broker.createService({
    name: "echo",
    actions: {
      say: (ctx) => ({ requestID: ctx.requestID, tracing: ctx.tracing, span: ctx.span !== null }),
      fail() {
        throw new Errors.MoleculerError("No", 409, "ECHO_NO");
      },
    },
  });
  await broker.start();
  return broker;
};

describe("metrics", () => {
  it("counts, times and tells the code of what failed", async () => {
    const broker = await started(metrics());
    await broker.call("echo.say");
    await broker.call("echo.say");
    await broker.call("echo.fail").catch(() => {});
    const text = actionMetrics(broker);
    expect(text).toContain('madang_action_duration_seconds_count{action="echo.say"} 2');
    expect(text).toContain('madang_action_duration_seconds_bucket{action="echo.say",le="+Inf"} 2');
    expect(text).toContain('madang_action_errors_total{action="echo.fail",code="ECHO_NO"} 1');
    expect(text).toContain('madang_action_active{action="echo.fail"} 0');
    await broker.stop();
  });

  it("tells each series once, and nothing of what nobody called", async () => {
    const broker = await started(metrics());
    await broker.call("echo.say");
    const series = actionMetrics(broker)
      .split("\n")
      .filter((line) => !line.startsWith("#"))
      .map((line) => line.slice(0, line.lastIndexOf(" ")));
    expect(new Set(series).size).toBe(series.length);
    expect(series.filter((one) => one.includes("_bucket"))).toHaveLength(7);
    expect(series.filter((one) => one.includes("echo.fail"))).toEqual([]);
    await broker.stop();
  });
});

describe("tracing", () => {
  it.each([
    [0, false],
    [1, true],
  ])("with a share of %d records spans: %s", async (share, recorded) => {
    const broker = await started(tracing(share));
    const { requestID, tracing: chosen, span } = await broker.call<Record<string, unknown>>("echo.say");
    expect(requestID).toMatch(/^[0-9a-f-]{32,36}$/);
    expect([chosen, span]).toEqual([recorded, recorded]);
    await broker.stop();
  });

  it("follows a caller that has chosen", async () => {
    const broker = await started(tracing(0));
    const parentSpan = { id: "0000000000000001", traceID: "f".repeat(32), sampled: true };
    const answer = await broker.call<Record<string, unknown>, object>("echo.say", {}, { parentSpan } as never);
    expect(answer).toMatchObject({ requestID: "f".repeat(32), span: true });
    await broker.stop();
  });
});
