/** gRPC-Web and Connect, as clients for browsers speak them: the same answers, failures, streams and limits as over gRPC. */
import { Code, ConnectError } from "@connectrpc/connect";
import { idOf, tokenOf } from "../../test/support/actors/people.ts";
import {
  type Books,
  booksThrough,
  failureOf,
  readAll,
  SERVICE,
  transports,
} from "../../test/support/actors/web-client.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { bookEvents, ORIGIN } from "../../test/support/systems/sample-gateway.ts";
import { type SampleGrpc, startGrpc } from "../../test/support/systems/sample-grpc.ts";
import { WebStream } from "./web-stream.ts";

let grpc: SampleGrpc;
let ann: string;
beforeAll(async () => {
  grpc = await startGrpc();
  ann = `Bearer ${await tokenOf("ann", "customer")}`;
});
afterAll(() => grpc.stop());

describe.each(Object.keys(transports))("%s", (name) => {
  let books: Books;
  beforeAll(() => {
    books = booksThrough(transports[name]!(grpc.webUrl));
  });
  const key = { "idempotency-key": "k-1" };
  const add = (title: string) => books.add({ title }, { headers: { authorization: ann, ...key } });

  it("answers a call, and tells the action who asks", async () => {
    expect(await books.get({ id: "1" })).toMatchObject({ id: "1", title: "Dune", version: 3n });
    expect(await add("Emma")).toMatchObject({ title: "Emma", key: "k-1", who: idOf("ann") });
  });

  it("takes and returns what stands beside a call", async () => {
    let answer = new Headers();
    const headers = { "x-request-id": "r-1", authorization: ann, "idempotency-key": "again" };
    await books.add({ title: "Emma" }, { headers, onHeader: (received) => void (answer = received) });
    expect(answer.get("x-request-id")).toBe("r-1");
    expect(answer.get("idempotent-replayed")).toBe("true");
    expect(answer.get("traceparent")).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-01$/);
  });

  it("tells what failed, with details", async () => {
    expect(await failureOf(add("big"))).toEqual({
      code: "FailedPrecondition",
      message: "There are too many books. Remove a book first.",
      reason: "BOOK_LIMIT_REACHED",
    });
    expect(await failureOf(add("x".repeat(21)))).toMatchObject({ code: "InvalidArgument", fields: ["title"] });
    const reason = "UNAUTHENTICATED";
    expect(await failureOf(books.add({ title: "x" }, { headers: key }))).toMatchObject({
      code: "Unauthenticated",
      reason,
    });
    const remove = books.remove({ id: "1" }, { headers: { authorization: ann } });
    expect(await failureOf(remove)).toMatchObject({ code: "PermissionDenied", reason: "FORBIDDEN" });
    const failed = await failureOf(books.fail({}));
    expect(failed).toMatchObject({ code: "Internal", reason: "INTERNAL_ERROR" });
    expect(JSON.stringify(failed)).not.toContain("hunter2");
  });

  it("refuses what is too large", async () => {
    expect(await failureOf(add("x".repeat(20_000)))).toMatchObject({ code: "ResourceExhausted" });
  });

  it("gives a call no longer than its client or its contract does", async () => {
    const call = jest.spyOn(grpc.broker, "call");
    await books.get({ id: "1" }, { timeoutMs: 50_000 });
    const { timeout } = call.mock.calls.at(-1)![2]!;
    call.mockRestore();
    expect(timeout).toBeGreaterThan(0);
    expect(timeout).toBeLessThanOrEqual(50_000);
    const reason = "REQUEST_TIMEOUT";
    expect(await failureOf(books.sleep({ ms: 60_000n }))).toMatchObject({ code: "DeadlineExceeded", reason });
  });

  describe("a live stream", () => {
    const happen = (id: number) => bookEvents.push({ id: String(id), event: "book.read", data: { page: id } });
    const watch = async (who: string, request: object = {}, options: object = {}) => {
      const headers = { authorization: `Bearer ${await tokenOf(who, "customer")}` };
      return books.watch({ id: "1", ...request }, { headers, ...options });
    };
    beforeEach(() => {
      bookEvents.length = 0;
    });

    it("tells what has happened and what happens from then on, until its client leaves", async () => {
      happen(1);
      happen(2);
      const leave = new AbortController();
      const stream = (await watch("bea", { after: 1n }, { signal: leave.signal }))[Symbol.asyncIterator]();
      expect((await stream.next()).value).toMatchObject({ id: "2", event: "book.read" });
      happen(3);
      await grpc.broker.broadcast("live.changed", { subjects: ["book:1"] });
      expect((await stream.next()).value).toMatchObject({ id: "3" });
      leave.abort();
      await expect(stream.next()).rejects.toMatchObject({ code: Code.Canceled });
    });

    it("is refused like any other call, and ends with the deadline", async () => {
      const refused = readAll(await watch("cat", { id: "2" }));
      expect(await failureOf(refused)).toMatchObject({ code: "NotFound", reason: "NOT_FOUND" });
      expect(await failureOf(readAll(books.watch({ id: "1" })))).toMatchObject({ code: "Unauthenticated" });
      happen(1);
      const short = readAll(await watch("dan", {}, { timeoutMs: 300 }));
      expect(await failureOf(short)).toMatchObject({ code: "DeadlineExceeded" });
    });

    it("that nobody reads is cut", async () => {
      const writes = jest.spyOn(WebStream.prototype, "write");
      const wide = "x".repeat(100_000);
      for (let id = 1; id <= 60; id += 1) bookEvents.push({ id: String(id), event: "book.read", data: { wide } });
      const stream = (await watch("ida"))[Symbol.asyncIterator]();
      await stream.next();
      const wire = writes.mock.contexts.at(-1) as WebStream;
      writes.mockRestore();
      expect(wire.isFull).toBe(true);
      wire.cut();
      const rest = async () => {
        while (!(await stream.next()).done);
      };
      await expect(rest()).rejects.toBeInstanceOf(ConnectError);
      expect(await books.get({ id: "1" })).toMatchObject({ title: "Dune" });
    });

    it("is let go when its client leaves: who may hold two opens five, one after the other", async () => {
      happen(1);
      const open = async () => {
        for await (const item of await watch("eve")) return item;
        return null;
      };
      for (let index = 0; index < 5; index += 1) await eventually(() => open().catch(() => null));
    });
  });
});

describe("the port of gRPC-Web and Connect", () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${grpc.webUrl}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
  const get = `/${SERVICE}/Get`;

  it("takes and answers JSON, as curl and a page without any library send it", async () => {
    const answer = await post(get, '{"id":"1"}');
    expect([answer.status, await answer.json()]).toEqual([200, { id: "1", title: "Dune", version: "3" }]);
    const failed = await post(get, '{"id":"0"}');
    const debug = { reason: "NOT_FOUND", domain: "madang" };
    expect([failed.status, await failed.json()]).toMatchObject([
      404,
      { code: "not_found", details: [{ type: "google.rpc.ErrorInfo", debug }] },
    ]);
  });

  it.each([
    ["half a message", "{"],
    ["a field of another type", '{"id":1}'],
    ["a field that nobody knows", '{"nothing":"1"}'],
    ["what is deep", "[".repeat(9000)],
  ])("refuses %s", async (_, body) => {
    const answer = await post(get, body);
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: "invalid_argument" }]);
  });

  it("lets pages of listed origins ask and read, and no others", async () => {
    const preflight = (origin: string) =>
      fetch(`${grpc.webUrl}${get}`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
    const allowed = await preflight(ORIGIN);
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([204, ORIGIN]);
    const accepted = allowed.headers.get("access-control-allow-headers");
    expect(accepted).toMatch(/Connect-Protocol-Version.*X-Grpc-Web.*Authorization/i);
    const others = await preflight("https://evil.example.test");
    expect(others.headers.get("access-control-allow-origin")).toBeNull();
    expect(others.headers.get("access-control-allow-headers")).toBeNull();
    const answer = await post(get, '{"id":"1"}', { origin: ORIGIN });
    expect(answer.headers.get("access-control-expose-headers")).toMatch(/Grpc-Status.*Idempotent-Replayed/i);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
  });

  it("has no other methods, and tells whether requests should come", async () => {
    for (const path of ["/", `/${SERVICE}/Burn`, "/grpc.health.v1.Health/Check"])
      expect([path, (await post(path, "{}")).status]).toEqual([path, 404]);
    expect((await post("/%", "{}")).status).toBe(400);
    expect((await fetch(`${grpc.webUrl}/readyz`)).status).toBe(200);
  });
});
