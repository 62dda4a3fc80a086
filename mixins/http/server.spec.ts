import { ConfigError } from "#core/config.ts";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { Problems } from "../gateway/problems.ts";
import { HttpServer } from "./server.ts";
import { allowSlowBody } from "./slow-body.ts";

/** A server with one request under way, whose answer is the spec's to give. */
async function busy(): Promise<{ server: HttpServer; answer: Promise<Response>; finish: () => void }> {
  const taken = Promise.withResolvers<() => void>();
  const server = new HttpServer((_req, res) => taken.resolve(() => res.end("late")), new Problems());
  await server.listen(0, "127.0.0.1");
  const answer = fetch(server.url);
  return { server, answer, finish: await taken.promise };
}
/** A connection that has asked and is not read from. */
async function ask(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  return socket;
}
/** Times that make slow requests fail quickly. */
const hasty = { headersTimeout: 50, requestTimeout: 100, connectionsCheckingInterval: 20 };

/** A server that reads bodies, of which those of `/slow` may take longer; and what it answers a client that sends one byte after another. */
async function trickle(path: string, bounds: { idle: number; total: number }, bytes: number): Promise<string> {
  const server = new HttpServer(
    (req, res) => {
      if (req.url === "/slow") allowSlowBody({ req, res }, bounds);
      buffer(req).then(
        (body) => res.end(`${body.length} bytes`),
        () => {},
      );
    },
    new Problems(),
    undefined,
    hasty,
  );
  await server.listen(0, "127.0.0.1");
  const socket = connect(Number(new URL(server.url).port), "127.0.0.1");
  socket.on("error", () => {});
  const answer = text(socket).catch(() => "");
  socket.write(`POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: ${bytes}\r\n\r\n`);
  for (let sent = 0; sent < bytes && !socket.destroyed && socket.writable; sent += 1) {
    socket.write("x");
    await sleep(30);
  }
  const answered = await answer;
  await server.drain(0);
  return answered;
}

const idle = () => new HttpServer(() => {}, new Problems());

describe("a body that comes slowly", () => {
  const MINUTE = 60_000;
  it("is refused when it takes too long", async () => {
    expect(await trickle("/", { idle: MINUTE, total: MINUTE }, 20)).toMatch(/^HTTP\/1.1 408 /);
  });

  it("may take longer where its handler says so", async () => {
    expect(await trickle("/slow", { idle: MINUTE, total: MINUTE }, 20)).toMatch(/^HTTP\/1.1 200 [^]*20 bytes$/);
  });

  it.each([
    ["stands still", { idle: 5, total: MINUTE }],
    ["takes longer than any may", { idle: MINUTE, total: 100 }],
  ])("is cut off there when it %s", async (_, bounds) => {
    expect(await trickle("/slow", bounds, 20)).toBe("");
  });
});

describe("the HTTP server", () => {
  it("says in one sentence that a port is taken", async () => {
    const first = idle();
    await first.listen(0, "127.0.0.1");
    const port = Number(new URL(first.url).port);
    const failure = await idle()
      .listen(port, "127.0.0.1")
      .catch((error: unknown) => error);
    await first.drain(0);
    expect(failure).toBeInstanceOf(ConfigError);
    expect((failure as Error).message).toBe(
      `Port ${port} of 127.0.0.1 is taken: stop what listens there, or set PORT to another.`,
    );
  });

  it("answers what it has taken before it closes, and takes no more", async () => {
    const { server, answer, finish } = await busy();
    const { url } = server;
    const drained = server.drain(600_000);
    // What comes in the same moment is taken too.
    for (let turns = 0; turns < 5; turns += 1) await turn();
    await expect(fetch(url)).rejects.toThrow();
    finish();
    expect(await (await answer).text()).toBe("late");
    await drained;
  });

  it("sends to the end, however slow the client, what it has answered before it closes", async () => {
    const answer = Buffer.alloc(32 * 1024 * 1024, "x");
    const { promise: answered, resolve } = Promise.withResolvers<void>();
    const server = new HttpServer((_req, res) => {
      res.end(answer);
      resolve();
    }, new Problems());
    await server.listen(0, "127.0.0.1");
    const socket = await ask(server.url);
    await answered;
    const drained = server.drain(600_000);
    const told = await buffer(socket);
    expect(told.length).toBeGreaterThan(answer.length);
    await drained;
  });

  it("answers a request that arrived before the server was told to close, even when it was not read yet", async () => {
    const server = new HttpServer((_req, res) => res.end("in time"), new Problems());
    await server.listen(0, "127.0.0.1");
    const socket = await ask(server.url);
    const drained = server.drain(600_000);
    expect((await buffer(socket)).toString()).toMatch(/^HTTP\/1\.1 200 OK[^]*in time$/);
    await drained;
  });

  it("cuts connections that outlast its patience", async () => {
    const { server, answer } = await busy();
    await Promise.all([server.drain(20), expect(answer).rejects.toThrow()]);
  });
});
