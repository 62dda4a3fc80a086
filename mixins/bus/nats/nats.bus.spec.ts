/** @databases sqlite postgres */
import type { ServiceBroker } from "moleculer";
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Envelope } from "#core/envelope.ts";
import { metricLines } from "../../node/metric-sources.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { storage } from "../../../test/support/systems/storage.ts";
import {
  admin,
  beforeEffect,
  eventuallyRead,
  jsm,
  local,
  name,
  names,
  notes,
  nothingWaits,
  publisher,
  read,
  reader,
  setUpNatsBus,
  start,
  STREAM,
  write,
} from "../../../test/support/systems/nats-bus.ts";

const onPostgres = storage() === "postgres" ? it : () => {};

describe("NATS bus", () => {
  setUpNatsBus();

  it("carries events from one node to the subscribers on others, once to each group", async () => {
    const other = `other-${newId()}`;
    const [writing, reading, others] = [
      await start(publisher()),
      await start(reader(name)),
      await start(reader(other)),
    ];
    await write(writing, "a", "b", "c");
    await eventuallyRead(reading, ["a", "b", "c"]);
    await eventually(async () => (await notes(others, other)).length === 3);
    await nothingWaits(writing);
  });

  it("gives a new group what was published before it first started", async () => {
    const writing = await start(publisher());
    await write(writing, "a", "b");
    await nothingWaits(writing);
    await eventuallyRead(await start(reader(name)), ["a", "b"]);
  });

  it("waits for a subscriber that is away", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, "a");
    await eventuallyRead(reading, ["a"]);
    await reading.stop();
    await write(writing, "b");
    await nothingWaits(writing);
    await eventuallyRead(await start(reader(name)), ["a", "b"]);
  });

  it("limits the stream, keeps the order, and names each message after its event", async () => {
    const writing = await start(publisher());
    const ids = names("n", 300);
    for (const id of ids) await write(writing, id);
    await nothingWaits(writing);
    const { config, state } = await jsm.streams.info(STREAM);
    expect(config).toMatchObject({
      subjects: ["madang.event.note.>"],
      max_age: 7 * 24 * 3600e9,
      max_bytes: 536_870_912,
      duplicate_window: 120e9,
      discard: "old",
    });
    expect(state.messages).toBe(300);
    const message = await jsm.streams.getMessage(STREAM, { seq: 300 });
    expect(message.subject).toBe("madang.event.note.written");
    const event = message.json<Envelope>();
    expect(event.data).toEqual({ id: "n299" });
    expect(message.header.get("Nats-Msg-Id")).toBe(event.id);
  });

  it("handles the events of one subject in order", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    const service = local(writing, "note");
    const ids = names("n", 100);
    const cause = { requestID: "r", id: "c" };
    await service.db.write(async (tx) => {
      for (const id of ids) tx.add(service.outbox.event(cause, "note.written", "note:1", { id }));
    });
    await eventuallyRead(reading, ids);
    expect(await read(reading)).toEqual(ids);
  });

  it("takes no event that says other than its subject of whose it is, or that no database could store", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, "a");
    await eventuallyRead(reading, ["a"]);
    const event = {
      id: newId(),
      type: "note.written",
      version: 1,
      time: timestamp(),
      source: "note",
      subject: "note:forged",
      correlationId: newId(),
      causationId: newId(),
      data: { id: "forged" },
    };
    const forged = [
      { ...event, source: "payment" },
      { ...event, type: "payment.refunded" },
      { ...event, id: 7 },
      { ...event, id: "\u0000" },
      { ...event, subject: undefined },
      { ...event, subject: "s".repeat(10_000) },
      { ...event, version: "1" },
      { data: { id: "forged" } },
      [event],
      null,
    ];
    for (const one of [...forged.map((value) => JSON.stringify(value)), "", "no json"])
      admin.publish("madang.event.note.written", one);
    await admin.flush();
    await write(writing, "b");
    await eventuallyRead(reading, ["a", "b"]);
    const settled = async () => (await jsm.consumers.info(STREAM, `v1-${name}`)).num_ack_pending === 0;
    await eventually(settled);
    expect(await read(reading)).toEqual(["a", "b"]);
  });

  it("remembers how far the bus was when events are told again", async () => {
    const writing = await start(publisher());
    const service = local(writing, "note");
    const position = () => service.db.query.selectFrom("outbox_position").select("seq").executeTakeFirst();
    await write(writing, "a");
    await nothingWaits(writing);
    await write(writing, "b");
    await nothingWaits(writing);
    expect(await position()).toEqual({ seq: 2 });
    await service.outbox.replay({ subject: "note:a" });
    await nothingWaits(writing);
    expect(await position()).toEqual({ seq: 2 });
  });

  it("carries an event of nearly a megabyte, and refuses a larger one where it is written", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    const { db, outbox: own } = local(writing, "note");
    const add = (id: string) =>
      db.write(async (tx) => tx.add(own.event({ requestID: "r", id: "c" }, "note.written", "note:1", { id })));
    await add("x".repeat(999_900));
    await expect(add("x".repeat(1_000_000))).rejects.toThrow("note.written of note:1 is larger than 1000000 bytes.");
    await add("next");
    await eventually(async () => (await read(reading)).at(-1) === "next");
    expect((await read(reading)).map((text) => text!.length)).toEqual([999_900, 4]);
  });

  it("replays kept events for an operator", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, "a", "b");
    await eventuallyRead(reading, ["a", "b"]);
    await nothingWaits(writing);
    await jsm.streams.purge(STREAM);
    const { outbox: own } = local(writing, "note");
    expect(await own.replay({ since: "9999-01-01" })).toBe(0);
    expect(await own.replay({ subject: "note:b", type: "note.written" })).toBe(1);
    await nothingWaits(writing);
    expect(await own.replay({})).toBe(2);
    await nothingWaits(writing);
    await eventuallyRead(reading, ["a", "b"]);
  });

  it("tells how far subscribers are behind", async () => {
    const writing = await start(publisher());
    beforeEffect(() => {
      throw new Error("not yet");
    });
    const reading = await start(reader(name));
    await write(writing, "a", "b");
    const line = (broker: ServiceBroker, text: string) =>
      eventually(async () => (await metricLines(broker)).includes(text));
    await line(reading, `madang_inbox_waiting_events{service="${name}"} 2`);
    await line(reading, `madang_inbox_dead_letters{service="${name}"} 0`);
    await line(reading, `madang_bus_pending_events{group="v1-${name}",source="note"} 0`);
    await line(writing, `madang_outbox_waiting_events{service="note"} 0`);
  });

  describe("with several nodes of a service", () => {
    onPostgres("publishes each event once, in order, whichever node wrote it", async () => {
      const nodes = [await start(publisher()), await start(publisher()), await start(publisher())];
      const ids = names("n", 300);
      await Promise.all(ids.map((id, index) => write(nodes[index % 3]!, id)));
      await nothingWaits(nodes[0]!);
      const { state } = await jsm.streams.info(STREAM);
      expect(state.last_seq).toBe(300);
    });

    onPostgres("lets each event take effect once, on one of the subscriber's nodes", async () => {
      const writing = await start(publisher());
      const reading = [await start(reader(name)), await start(reader(name))];
      const owners = async () => new Set((await notes(reading[0]!)).map(({ owner }) => owner)).size;
      const ids: string[] = [];
      // Who is given how many is the server's to decide.
      while (ids.length < 400 || (await owners()) < 2) {
        const more = names(`n${ids.length}-`, 20);
        await write(writing, ...more);
        ids.push(...more);
      }
      await eventuallyRead(reading[0]!, ids);
    });

    onPostgres("goes on with the others when one stops under load, twice over", async () => {
      const writing = [await start(publisher()), await start(publisher())];
      const reading = [await start(reader(name)), await start(reader(name))];
      const ids = names("n", 400);
      let stopping: Promise<unknown> = Promise.resolve();
      for (let from = 0; from < ids.length; from += 20) {
        if (from === 200) stopping = Promise.all([writing[1]!.stop(), reading[1]!.stop()]);
        await write(writing[from < 200 ? (from / 20) % 2 : 0]!, ...ids.slice(from, from + 20));
      }
      await stopping;
      await eventuallyRead(reading[0]!, ids);
    });

    onPostgres("tries an event that failed again on any node, and counts its failures once", async () => {
      const writing = await start(publisher());
      const reading = [await start(reader(name)), await start(reader(name))];
      let failures = 2;
      beforeEffect(({ data }) => {
        if (data.id === "bad" || failures-- > 0) throw new Error("not yet");
      });
      await write(writing, "a", "bad");
      await eventuallyRead(reading[0]!, ["a"]);
      const { db, inbox: letters } = local(reading[1]!, name);
      await db.write(({ query }) =>
        query.updateTable("inbox").set({ attempts: 7, next_at: 0 }).where("state", "=", "waiting").execute(),
      );
      const [dead] = await eventually(async () => {
        const found = await letters.deadLetters(10);
        return found.length > 0 ? found : null;
      });
      expect(dead).toMatchObject({ event: { data: { id: "bad" } }, attempts: 8 });
      beforeEffect(() => {});
      expect(await local(reading[0]!, name).inbox.replay(dead!.event.id)).toBe(true);
      await eventuallyRead(reading[0]!, ["a", "bad"]);
      expect(await letters.deadLetters(10)).toEqual([]);
    });
  });
});
