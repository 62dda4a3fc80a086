import { ConfigError } from "#core/config.ts";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { startEdge } from "../../test/support/shelf.ts";
import { Problems } from "./problem.ts";
import { HttpServer } from "./server.ts";

const server = () => new HttpServer((_req, res) => void setTimeout(() => res.end("late"), 200), new Problems());

describe("the HTTP server", () => {
  it("says in one sentence that a port is taken", async () => {
    const first = server();
    await first.listen(0, "127.0.0.1");
    const port = Number(new URL(first.url).port);
    const failure = await server()
      .listen(port, "127.0.0.1")
      .catch((error: unknown) => error);
    await first.drain(0);
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as Error).message).toBe(
      `Port ${port} of 127.0.0.1 is taken: stop what listens there, or set PORT to another.`,
    );
  });

  it("answers what it has taken before it closes, and takes no more", async () => {
    const draining = server();
    await draining.listen(0, "127.0.0.1");
    const { url } = draining;
    const answer = fetch(url).then((one) => one.text());
    await new Promise((resolve) => setTimeout(resolve, 50));
    const drained = draining.drain(5000);
    await expect(fetch(url)).rejects.toThrow();
    await expect(answer).resolves.toBe("late");
    await drained;
  });

  it("cuts connections that outlast its patience", async () => {
    const impatient = server();
    await impatient.listen(0, "127.0.0.1");
    const answer = fetch(impatient.url);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await Promise.all([impatient.drain(20), expect(answer).rejects.toThrow()]);
  });
});

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
    const { broker, url } = await startEdge(slow);
    const answer = fetch(`${url}/api/v1/sleep/100`).then(({ status }) => ({ status, closed }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    const stopped = broker.stop();
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await expect(answer).resolves.toEqual({ status: 200, closed: false });
    await stopped;
  });
});
