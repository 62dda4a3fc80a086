import { type SampleGateway, bookEvents, startGateway, tokenOf } from "../../test/support/systems/sample-gateway.ts";
import { endsWithin } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";

/** Milliseconds of an access token. */
const LIFETIME = 900_000;

let gateway: SampleGateway;
const opened: AbortController[] = [];

beforeAll(async () => (gateway = await startGateway()));
afterAll(() => gateway.broker.stop());
beforeEach(() => {
  bookEvents.length = 0;
});
afterEach(() => opened.splice(0).forEach((one) => one.abort()));

interface Stream {
  readonly status: number;
  readonly headers: Headers;
  /** What has come so far. */
  text(): string;
  hasEnded(): boolean;
}

async function open(path: string, who = "ann", headers: Record<string, string> = {}): Promise<Stream> {
  const controller = new AbortController();
  opened.push(controller);
  const authorization = `Bearer ${await tokenOf(who, "customer")}`;
  const answer = await fetch(`${gateway.url}/api/v1${path}`, {
    signal: controller.signal,
    headers: { authorization, ...headers },
  });
  let text = "";
  let ended = false;
  const read = async () => {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) text += chunk;
    ended = true;
  };
  void read().catch(() => (ended = true));
  return { status: answer.status, headers: answer.headers, text: () => text, hasEnded: () => ended };
}

const happen = (id: number, event = "book.read") => bookEvents.push({ id: String(id), event, data: { page: id } });

describe("a live stream", () => {
  it("tells what has happened, and what happens from then on", async () => {
    happen(1);
    const stream = await open("/books/1/events", "bea");
    expect(stream.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    await eventually(() => stream.text().includes("id: 1\n"));
    expect(stream.text()).toBe('retry: 2000\n\nid: 1\nevent: book.read\ndata: {"page":1}\n\n');
    happen(2);
    await gateway.broker.broadcast("live.changed", { subjects: ["book:1"] });
    await eventually(() => stream.text().endsWith('id: 2\nevent: book.read\ndata: {"page":2}\n\n'));
  });

  it("goes on after the event that the client had last", async () => {
    happen(1);
    happen(2);
    const resumed = await open("/books/1/events?after=0", "cat", { "last-event-id": "1" });
    await eventually(() => resumed.text().includes("id: 2\n"));
    expect(resumed.text()).not.toContain("id: 1\n");
    const asked = await open("/books/1/events?after=1", "cat");
    await eventually(() => asked.text().includes("id: 2\n"));
    expect(asked.text()).not.toContain("id: 1\n");
  });

  it("is not woken by what happens elsewhere", async () => {
    const stream = await open("/books/1/events", "dan");
    happen(1);
    await gateway.broker.broadcast("live.changed", { subjects: ["book:2"] });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stream.text()).not.toContain("id: 1\n");
  });

  it("is refused as a problem before it begins", async () => {
    const stream = await open("/books/2/events", "eve");
    expect([stream.status, stream.headers.get("content-type")]).toEqual([
      404,
      "application/problem+json; charset=utf-8",
    ]);
  });

  it("is refused to those who hold as many as they may", async () => {
    await open("/books/1/events", "fay");
    await open("/books/1/events", "fay");
    expect((await open("/books/1/events", "fay")).status).toBe(429);
    expect((await open("/books/1/events", "gil")).status).toBe(200);
    opened[0]!.abort();
    await eventually(async () => (await open("/books/1/events", "fay")).status === 200);
  });

  it("ends when the token of its holder does", async () => {
    const ends: (() => void)[] = [];
    const real = setTimeout;
    jest.spyOn(globalThis, "setTimeout").mockImplementation(((act: () => void, pause: number) => {
      if (pause > LIFETIME - 300_000 && pause <= LIFETIME) ends.push(act);
      return real(act, pause);
    }) as never);
    const stream = await open("/books/1/events", "hal");
    const end = await eventually(() => ends[0]);
    jest.restoreAllMocks();
    expect(stream.hasEnded()).toBe(false);
    end();
    await eventually(() => stream.hasEnded());
  });

  it("ends when the node stops, which does not wait for it", async () => {
    const stopping = await startGateway();
    const answer = await fetch(`${stopping.url}/api/v1/books/1/events`, {
      headers: { authorization: `Bearer ${await tokenOf("ann", "customer")}` },
    });
    const stopped = stopping.broker.stop();
    // What does not end by itself is cut after ten seconds.
    expect(await endsWithin(9000, stopped)).toBe(true);
    expect(await answer.text()).toContain("retry: 2000");
  });
});
