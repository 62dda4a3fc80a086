/** Live streams over gRPC: what they tell, how they end, and who may hold how many. */
import { ACCESS_TOKEN_TTL } from "#mixins/node/tokens.ts";
import { type Followed, valueOf } from "../../test/support/actors/grpc-client.ts";
import { tokenOf } from "../../test/support/actors/people.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { bookEvents } from "../../test/support/systems/sample-gateway.ts";
import { type SampleGrpc, startGrpc } from "../../test/support/systems/sample-grpc.ts";
import { MessageStream } from "./message-stream.ts";

const of = (method: string) => `/madang.book.v1.BookService/${method}`;

let grpc: SampleGrpc;
beforeAll(async () => {
  grpc = await startGrpc();
});
afterAll(() => grpc.stop());

describe("a live stream", () => {
  interface Item {
    readonly id: string;
    readonly event: string;
    readonly data: object;
    readonly bookRead?: object;
  }
  const happen = (id: number) => bookEvents.push({ id: String(id), event: "book.read", data: { page: id } });
  const wake = () => grpc.broker.broadcast("live.changed", { subjects: ["book:1"] });
  const opened: Followed<Item>[] = [];
  const follow = async (who: string, request: object = {}, sent: object = {}): Promise<Followed<Item>> => {
    const token = await tokenOf(who, "customer");
    const stream = grpc.client.follow<Item>(of("Watch"), { id: "1", ...request }, { token, ...sent });
    opened.push(stream);
    return stream;
  };

  beforeEach(() => {
    bookEvents.length = 0;
  });
  afterEach(() => opened.splice(0).forEach((stream) => stream.leave()));

  it("tells what has happened, and what happens from then on", async () => {
    happen(1);
    const stream = await follow("bea");
    await eventually(() => stream.items.length === 1);
    happen(2);
    await wake();
    await eventually(() => stream.items.length === 2);
    expect(stream.items.map(({ id, event, data }) => [id, event, valueOf(data)])).toEqual([
      ["1", "book.read", { page: 1 }],
      ["2", "book.read", { page: 2 }],
    ]);
  });

  it("gives what the contract names its type, and only then", async () => {
    happen(1);
    bookEvents.push({ id: "2", event: "book.read", data: { page: 2, by: "Ann", of: "a newer release" } });
    bookEvents.push({ id: "3", event: "book.read", data: { page: "of an older form" } });
    bookEvents.push({ id: "4", event: "book.burnt", data: { page: 4 } });
    const { items } = await follow("jay");
    await eventually(() => items.length === 4);
    expect(items.map(({ bookRead }) => bookRead)).toEqual([{ page: 1 }, { page: 2, by: "Ann" }, undefined, undefined]);
    expect(items.map(({ data }) => valueOf(data))).toEqual(bookEvents.map(({ data }) => data));
  });

  it("goes on after what the client had last", async () => {
    happen(1);
    happen(2);
    const stream = await follow("cat", { after: 1 });
    await eventually(() => stream.items.length > 0);
    expect(stream.items.map(({ id }) => id)).toEqual(["2"]);
  });

  it("is refused like any other call", async () => {
    const refused = (await follow("dan", { id: "2" })).ended;
    expect(await refused).toMatchObject({ code: "NOT_FOUND", reason: "NOT_FOUND" });
    const nobody = grpc.client.follow(of("Watch"), { id: "1" });
    expect(await nobody.ended).toMatchObject({ code: "UNAUTHENTICATED", reason: "UNAUTHENTICATED" });
  });

  it("counts with those over HTTP, and is let go when its client leaves or its deadline passes", async () => {
    const token = await tokenOf("eve", "customer");
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${token}` };
    await fetch(`${grpc.url}/api/v1/books/1/events`, { headers, signal: leave.signal });
    happen(1);
    const second = await follow("eve");
    await eventually(() => second.items.length === 1);
    expect(await (await follow("eve")).ended).toMatchObject({ code: "RESOURCE_EXHAUSTED", reason: "RATE_LIMITED" });
    second.leave();
    const third = await eventually(async () => {
      const stream = await follow("eve", {}, { deadline: 20_000 });
      await Promise.race([stream.ended, eventually(() => stream.items.length > 0 || null)]);
      return stream.items.length > 0 ? stream : null;
    });
    third.leave();
    leave.abort();
    const short = await follow("fay", {}, { deadline: 300 });
    expect(await short.ended).toMatchObject({ code: "DEADLINE_EXCEEDED" });
    happen(2);
    const again = await Promise.all([follow("fay"), follow("fay")]);
    await eventually(() => again.every(({ items }) => items.length > 0));
  });

  it("ends with the token, and says so", async () => {
    const clock = jest.spyOn(Date, "now").mockReturnValue(Date.now() - ACCESS_TOKEN_TTL * 1000 + 3000);
    const token = await tokenOf("gus", "customer").finally(() => clock.mockRestore());
    const stream = grpc.client.follow<Item>(of("Watch"), { id: "1" }, { token });
    expect(await stream.ended).toMatchObject({ code: "UNAUTHENTICATED", reason: "TOKEN_EXPIRED" });
  });

  it("that nobody reads is cut, and its connection is not", async () => {
    const stream = await follow("ida");
    stream.pause();
    const wide = "x".repeat(100_000);
    for (let id = 1; id <= 60; id += 1) bookEvents.push({ id: String(id), event: "book.read", data: { wide } });
    const writes = jest.spyOn(MessageStream.prototype, "write");
    const full = jest.spyOn(MessageStream.prototype, "isFull", "get");
    await wake();
    await eventually(() => full.mock.results.some(({ value }) => value === true));
    const wire = writes.mock.contexts.at(-1) as MessageStream;
    jest.restoreAllMocks();
    wire.cut();
    stream.resume();
    expect(await stream.ended).toMatchObject({ code: expect.stringMatching(/^(?:CANCELLED|UNKNOWN|UNAVAILABLE)$/) });
    expect((await grpc.client.call(of("Get"), { id: "1" })).body).toMatchObject({ title: "Dune" });
  });
});
