/** @databases sqlite postgres */
import { spawn } from "node:child_process";
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { newId } from "#core/id.ts";
import { timestamp } from "#core/clock.ts";
import { Clock } from "../../../test/support/fixtures/clock.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { startRedisBus } from "../../../test/support/systems/redis-bus.ts";

const server = await startRedisBus();
process.env.BUS_URL = server.url;
process.env.BUS_MAX_BYTES = "1048576";
// They read the settings.
const { beginNodes, endNodes, ...nodes } = await import("../../../test/support/systems/note-nodes.ts");
const { findStore, limitStore, makeStore } = await import("./store.ts");

const STREAM = "madang:events:note";

describe("Redis as the bus", () => {
  let name: string;
  let warnings: string[];

  beforeEach(async () => {
    name = beginNodes();
    warnings = [];
    await server.ask((redis) => redis.flushall());
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await endNodes();
  });
  afterAll(() => server.stop());

  /** A node whose warnings are kept. */
  const startTold = (...services: readonly ServiceSchema[]) =>
    nodes.startNode(services, {
      created: ({ logger }: ServiceBroker) =>
        void jest.spyOn(logger, "warn").mockImplementation((text: string) => void warnings.push(text)),
    });

  it("numbers events without a gap, as CloudEvents, and tells those who listen", async () => {
    const heard: [string, string][] = [];
    const listener = new Redis(server.url);
    await listener.psubscribe("madang.*");
    listener.on("pmessage", (_, channel: string, body: string) => void heard.push([channel, body]));
    const writing = await nodes.start(nodes.publisher());
    for (const id of ["a", "b"]) await nodes.write(writing, id);
    await nodes.nothingWaits(writing);
    const entries = await server.ask((redis) => redis.xrange(STREAM, "-", "+"));
    expect(entries.map(([id]) => id)).toEqual(["0-1", "0-2"]);
    const [, [, type, , body]] = entries[0]!;
    expect(type).toBe("note.written");
    expect(JSON.parse(body!)).toMatchObject({ specversion: "1.0", type, source: "note", data: { id: "a" } });
    await eventually(() => heard.length === 2);
    expect(heard[0]).toEqual(["madang.note.written", body]);
    listener.disconnect();
  });

  it("takes no event that says other than its store of whose it is, or that no database could store", async () => {
    const writing = await nodes.start(nodes.publisher());
    const reading = await nodes.start(nodes.reader(name));
    await nodes.write(writing, "a");
    await nodes.eventuallyRead(reading, ["a"]);
    const event = {
      id: newId(),
      type: "note.written",
      version: 1,
      time: timestamp(),
      source: "note",
      subject: "note:forged",
      correlationId: "c",
      causationId: "c",
      data: { id: "forged" },
    };
    const forged = [
      { ...event, source: "payment" },
      { ...event, type: "payment.refunded" },
      { ...event, id: "\u0000" },
      null,
    ];
    await server.ask(async (redis) => {
      for (const one of forged) await redis.xadd(STREAM, "0-*", "type", "note.written", "event", JSON.stringify(one));
      await redis.xadd(STREAM, "0-*", "other", "fields");
    });
    await nodes.write(writing, "b");
    await nodes.eventuallyRead(reading, ["a", "b"]);
  });

  it("tells a subscriber once that was away too long how to get what the bus dropped meanwhile", async () => {
    const writing = await nodes.start(nodes.publisher());
    const reading = await nodes.start(nodes.reader(name));
    await nodes.write(writing, "a");
    await nodes.eventuallyRead(reading, ["a"]);
    await reading.stop();
    nodes.forget(reading);
    for (const id of ["b", "c", "d"]) await nodes.write(writing, id);
    await nodes.nothingWaits(writing);
    await server.ask((redis) => redis.xtrim(STREAM, "MAXLEN", 1));
    await nodes.eventuallyRead(await startTold(nodes.reader(name)), ["a", "d"]);
    expect(warnings).toEqual([expect.stringMatching(/missed up to 2 events of note.*replay note/)]);
  });

  it("drops what is older than a week, and what is more than BUS_MAX_BYTES", async () => {
    const clock = new Clock();
    clock.stop();
    await server.ask(async (redis) => {
      const add = (size: number) => redis.xadd(STREAM, "0-*", "event", "x".repeat(size));
      await makeStore(redis, "note");
      for (let count = 0; count < 300; count += 1) await add(1000);
      await limitStore(redis, "note");
      clock.advance(7 * 24 * 3_600_000);
      await add(1000);
      await limitStore(redis, "note");
      expect(await findStore(redis, "note")).toMatchObject({ first: 1, seq: 301 });
      clock.advance(3_600_000);
      await limitStore(redis, "note");
      const { first } = (await findStore(redis, "note"))!;
      expect(first).toBeGreaterThan(150);
      for (let count = 0; count < 300; count += 1) await add(10_000);
      await limitStore(redis, "note");
      expect(await redis.memory("USAGE", STREAM)).toBeLessThan(1_500_000);
      expect(await findStore(redis, "note")).toMatchObject({ seq: 601 });
    });
  });

  it("publishes again what Redis lost at its end, and readers begin anew", async () => {
    const writing = await nodes.start(nodes.publisher());
    const reading = await nodes.start(nodes.reader(name));
    await nodes.write(writing, ...nodes.names("a", 20));
    await nodes.eventuallyRead(reading, nodes.names("a", 20));
    await nodes.nothingWaits(writing);
    const store = join(process.env.DATA_DIR!, "redis", "appendonlydir");
    // As after a power cut: the disk has what was synced some time ago.
    await server.stop();
    cpSync(store, `${store}.backup`, { recursive: true });
    await server.restart();
    await nodes.write(writing, ...nodes.names("b", 20));
    await nodes.eventuallyRead(reading, [...nodes.names("a", 20), ...nodes.names("b", 20)]);
    await nodes.nothingWaits(writing);
    // What the outbox no longer keeps is not published again, so that new events take the numbers of lost ones.
    await nodes.local(writing, "note").db.write(({ query }) => query.deleteFrom("outbox").execute());
    await server.stop();
    rmSync(store, { recursive: true });
    renameSync(`${store}.backup`, store);
    await server.restart();
    await nodes.write(writing, "c");
    await nodes.eventuallyRead(reading, [...nodes.names("a", 20), ...nodes.names("b", 20), "c"]);
  });

  it("warns that a Redis without an append-only file forgets events", async () => {
    await server.ask((redis) => redis.config("SET", "appendonly", "no"));
    await startTold(nodes.publisher());
    await eventually(() => warnings.some((text) => text.includes("appendonly is off")));
    await server.ask((redis) => redis.config("SET", "appendonly", "yes"));
  });

  it("is read by programs of others, as docs/guide/consumers/redis.mjs and redis-subscribe.mjs do", async () => {
    const example = (file: string, what: string) => {
      const path = join(import.meta.dirname, "../../../docs/guide/consumers", file);
      const child = spawn(process.execPath, [path, server.url, what]);
      const program = { output: "", end: () => child.kill() };
      child.stdout.on("data", (chunk: Buffer) => (program.output += chunk.toString()));
      return program;
    };
    const writing = await nodes.start(nodes.publisher());
    await nodes.write(writing, "a");
    await nodes.nothingWaits(writing);
    const [group, listener] = [example("redis.mjs", "note"), example("redis-subscribe.mjs", "note.*")];
    await eventually(() => listener.output === "listens\n");
    await nodes.write(writing, "b");
    const [a, b] = ["a", "b"].map((id) => `note.written note:${id} {"id":"${id}"}\n`);
    await eventually(() => group.output.length === `${a}${b}`.length && listener.output.length > "listens\n".length);
    expect([group.output, listener.output]).toEqual([`${a}${b}`, `listens\n${b}`]);
    for (const program of [group, listener]) program.end();
  });
});
