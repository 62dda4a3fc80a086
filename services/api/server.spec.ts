import { ServiceBroker, type ServiceSchema } from "moleculer";
import type { HttpServer } from "#mixins/http/server.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { sleepingCalls, startGateway } from "../../test/support/systems/sample-gateway.ts";

describe("a node that starts", () => {
  it("answers 503 for what is not there yet, and 404 once all is", async () => {
    const { promise: late, resolve: go } = Promise.withResolvers<void>();
    const slow: ServiceSchema = { name: "slow", started: () => late };
    const { default: api } = await import("./api.service.ts");
    const broker = new ServiceBroker({ logger: false });
    const gateway = broker.createService({ ...api, settings: { ...api.settings, port: 0 } });
    broker.createService(slow);
    const starting = broker.start();
    await broker.waitForServices("v1.api");
    const { server } = gateway as unknown as { server: HttpServer };
    const early = await fetch(`${server.url}/api/v1/books`);
    expect([early.status, early.headers.get("retry-after")]).toEqual([503, "1"]);
    go();
    await starting;
    expect((await fetch(`${server.url}/api/v1/books`)).status).toBe(404);
    await broker.stop();
  });
});

describe("a node that stops", () => {
  it("answers requests under way before their services close, and then is not ready", async () => {
    let closed = false;
    const slow: ServiceSchema = { name: "slow", stopped: () => void (closed = true) };
    const { broker, url } = await startGateway(slow);
    const answer = fetch(`${url}/api/v1/sleep/600000`).then(({ status }) => ({ status, closed }));
    const wake = await eventually(() => sleepingCalls.pop());
    const stopped = broker.stop();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    wake();
    await expect(answer).resolves.toEqual({ status: 200, closed: false });
    await stopped;
  });
});
