/** @databases sqlite postgres */
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { connect, type JetStreamManager, type NatsConnection } from "nats";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { newId, timestamp } from "#core/clock.ts";
import { defineContract } from "#core/contract.ts";
import { metricLines } from "../../node/metric-sources.ts";
import type { Envelope } from "#core/envelope.ts";
import { type Nats, startNats } from "../../../scripts/cluster/servers.ts";
import { storage } from "../../../test/support/systems/storage.ts";
import type { NoteTables } from "../../../test/support/systems/notes-service.ts";
import { MachineSpeed } from "../../../test/support/invariants/machine-speed.ts";
import type { Database, Transaction } from "../../database/database.ts";
import { inbox as inboxBlock } from "../../inbox/inbox.contract.ts";
import type { Inbox } from "../../inbox/receiver.ts";
import type { Outbox } from "../../outbox/outbox.mixin.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";

const nats: Nats = await startNats({ folder: join(process.env.DATA_DIR!, "nats") });
Object.assign(process.env, { TRANSPORTER: nats.url, BUS: "nats" });

// They read the settings.
const { implement } = await import("#core/implement.ts");
const { natsOptions } = await import("../../node/nats.ts");
const { startBroker } = await import("../../../test/support/systems/broker.ts");
const { allNotes, insertNote, migrations, note, noteContractWithOutbox } =
  await import("../../../test/support/systems/notes-service.ts");
const { database } = await import("../../database/database.mixin.ts");
const { inbox } = await import("../../inbox/inbox.mixin.ts");
const { outbox } = await import("../../outbox/outbox.mixin.ts");

type Tx = Transaction<NoteTables>;
interface Names {
  readonly db: Database<NoteTables>;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
}

const onPostgres = storage() === "postgres" ? it : () => {};
const STREAM = "madang-note";
/** The nodes of a spec meet on the bus alone. */
const apart = { transporter: null } as object;

let before: (event: Envelope<{ id: string }>, node: string) => Promise<void> | void;

const publisher = (): ServiceSchema =>
  implement(noteContractWithOutbox, {
    mixins: [database<NoteTables>({ migrations }), outbox()],
    actions: {
      async write(ctx) {
        const { id } = ctx.params;
        await this.db.write(async (tx) => tx.add(this.outbox.event(ctx, "note.written", `note:${id}`, { id })));
        return { id, count: 1 };
      },
    },
  });

const reader = (name: string): ServiceSchema =>
  implement(
    defineContract(name, {
      summary: "Reads notes",
      blocks: [inboxBlock],
      subscribes: ["note.written"],
      actions: {},
    }),
    {
      mixins: [database<NoteTables>({ migrations }), inbox()],
      actions: {},
      events: {
        "note.written": async function (this: Service, event: Envelope<{ id: string }>, tx: Tx) {
          await before(event, this.broker.nodeID);
          // Were an event to take effect twice, there would be two rows of it.
          tx.add(insertNote.with(note(newId(), { owner: this.broker.nodeID, text: event.data.id })));
        },
      },
    },
  );

describe("NATS bus", () => {
  let brokers: ServiceBroker[];
  let admin: NatsConnection;
  let jsm: JetStreamManager;
  let name: string;
  let node = 0;

  const start = async (...services: ServiceSchema[]) => {
    const broker = await startBroker(services, { nodeID: `spec-${(node += 1)}`, ...apart });
    brokers.push(broker);
    return broker;
  };
  const local = (broker: ServiceBroker, service: string) =>
    broker.getLocalService({ name: service, version: 1 }) as Service & Names;
  const write = (broker: ServiceBroker, ...ids: string[]) =>
    Promise.all(ids.map((id) => broker.call("note.write", { id })));
  const notes = (broker: ServiceBroker) => local(broker, name).db.all(allNotes, {});
  const read = async (broker: ServiceBroker) => (await notes(broker)).map(({ text }) => text);
  const eventuallyRead = (broker: ServiceBroker, ids: readonly string[]) =>
    eventually(async () => sorted(await read(broker)) === sorted(ids));
  const sorted = (texts: readonly (string | null)[]) => texts.toSorted((a, b) => (a! < b! ? -1 : 1)).join();
  const names = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const waiting = async (broker: ServiceBroker) =>
    (await local(broker, "note").db.query.selectFrom("outbox").select("id").where("waiting", "is not", null).execute())
      .length;
  const nothingWaits = (broker: ServiceBroker) => eventually(async () => (await waiting(broker)) === 0);

  beforeEach(async () => {
    name = `reader-${newId()}`;
    brokers = [];
    before = () => {};
    admin = await connect({ ...natsOptions(nats.url), name: "spec", maxReconnectAttempts: -1 });
    jsm = await admin.jetstreamManager();
    await jsm.streams.delete(STREAM).catch(() => false);
  });
  afterEach(async () => {
    const writing = brokers.find((broker) => local(broker, "note"));
    if (writing) await local(writing, "note").db.write(({ query }) => query.deleteFrom("outbox").execute());
    await Promise.all(brokers.map((broker) => broker.stop()));
    await admin.close();
  });

  it("carries events from one node to the subscribers on others, once to each group", async () => {
    const other = `other-${newId()}`;
    const [writing, reading, others] = [
      await start(publisher()),
      await start(reader(name)),
      await start(reader(other)),
    ];
    await write(writing, "a", "b", "c");
    await eventuallyRead(reading, ["a", "b", "c"]);
    await eventually(async () => (await local(others, other).db.all(allNotes, {})).length === 3);
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

  it("starts without NATS, and publishes when it is there", async () => {
    await nats.stop();
    const writing = await start(publisher());
    await write(writing, "a");
    expect(await waiting(writing)).toBe(1);
    await nats.restart();
    await nothingWaits(writing);
    await eventuallyRead(await start(reader(name)), ["a"]);
  });

  it("goes on when NATS was killed and started again, under load", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    const ids = names("n", 300);
    for (const [index, id] of ids.entries()) {
      if (index === 100) nats.kill("SIGKILL");
      if (index === 150) void nats.restart();
      await write(writing, id);
    }
    await eventuallyRead(reading, ids);
  });

  it("publishes everything again when JetStream's store was wiped, and nothing takes effect twice", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, ...names("a", 50));
    await eventuallyRead(reading, names("a", 50));
    await nats.wipe();
    await write(writing, ...names("b", 50));
    await eventuallyRead(reading, [...names("a", 50), ...names("b", 50)]);
    await nothingWaits(writing);
    expect((await jsm.streams.info(STREAM)).state.messages).toBe(100);
    await eventuallyRead(await start(reader(`late-${name}`)).then(() => reading), [
      ...names("a", 50),
      ...names("b", 50),
    ]);
  });

  it("makes the stream again when somebody deleted it", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, "a");
    await eventuallyRead(reading, ["a"]);
    await jsm.streams.delete(STREAM);
    await write(writing, "b");
    await eventuallyRead(reading, ["a", "b"]);
    expect((await jsm.streams.info(STREAM)).state.messages).toBe(2);
  });

  it("makes a consumer again that somebody deleted, without taking effect twice", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, "a");
    await eventuallyRead(reading, ["a"]);
    // The server may be writing its files.
    await eventually(() => jsm.consumers.delete(STREAM, `v1-${name}`).catch(() => false));
    await write(writing, "b");
    await eventuallyRead(reading, ["a", "b"]);
  });

  it.each([
    ["runs", false],
    ["lost its power too", true],
  ])("publishes again what a stream lost that went back in time while its publisher %s", async (_, isDown) => {
    let writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, ...names("a", 20));
    await eventuallyRead(reading, names("a", 20));
    await nothingWaits(writing);
    const store = join(process.env.DATA_DIR!, "nats", "jetstream");
    const backup = `${store}.backup`;
    // As after a power cut: the disk has what was synced some time ago.
    await nats.stop();
    cpSync(store, backup, { recursive: true });
    await nats.restart();
    await write(writing, ...names("b", 20));
    await eventuallyRead(reading, [...names("a", 20), ...names("b", 20)]);
    await nothingWaits(writing);
    await nats.stop();
    if (isDown) await writing.stop();
    rmSync(store, { recursive: true });
    renameSync(backup, store);
    await nats.restart();
    if (isDown) brokers = [reading, (writing = await start(publisher()))];
    const total = async () => (await jsm.streams.info(STREAM)).state.messages;
    await eventually(async () => (await total().catch(() => 0)) >= 40);
    await write(writing, "c");
    await eventuallyRead(reading, [...names("a", 20), ...names("b", 20), "c"]);
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

  it("tells a subscriber once that was away too long how to get what the bus dropped meanwhile", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, "a");
    await eventuallyRead(reading, ["a"]);
    await reading.stop();
    for (const id of ["b", "c", "d"]) await write(writing, id);
    await nothingWaits(writing);
    await jsm.streams.update(STREAM, { max_msgs: 1 });
    const warnings: string[] = [];
    const created = ({ logger }: ServiceBroker) =>
      void jest.spyOn(logger, "warn").mockImplementation((text: string) => void warnings.push(text));
    const late = await startBroker([reader(name)], { nodeID: "late", created, ...apart });
    brokers.push(late);
    await eventuallyRead(late, ["a", "d"]);
    expect(warnings).toEqual([expect.stringMatching(/missed up to 2 events of note.*replay note/)]);
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

  it("holds events in their order while the database cannot store, and stores them when it can", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    const { db } = local(reading, name);
    const refuse = jest.spyOn(db, "write").mockRejectedValue(new Error("The disk is full."));
    await write(writing, ...names("a", 10));
    await eventually(() => refuse.mock.calls.length >= 20);
    refuse.mockRestore();
    await eventuallyRead(reading, names("a", 10));
  });

  it("gives events back when it stops, so that they need not wait for the server to miss it", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    const refuse = jest.spyOn(local(reading, name).db, "write").mockRejectedValue(new Error("The disk is full."));
    await write(writing, ...names("a", 10));
    await eventually(() => refuse.mock.calls.length >= 20);
    await reading.stop();
    const machineSpeed = await MachineSpeed.start();
    const began = performance.now();
    await eventuallyRead(await start(reader(name)), names("a", 10));
    expect(performance.now() - began).toBeLessThan(machineSpeed.allow(3000));
    await machineSpeed.end();
  });

  it("ends its pulls when it stops, and waits for none", async () => {
    await start(publisher());
    const reading = await Promise.all(names("r", 8).map((prefix) => start(reader(`${prefix}-${name}`))));
    const pulls = async () =>
      Promise.all(names("r", 8).map((prefix) => jsm.consumers.info(STREAM, `v1-${prefix}-${name}`)));
    await eventually(async () => (await pulls().catch(() => [])).filter((one) => one.num_waiting === 1).length === 8);
    const machineSpeed = await MachineSpeed.start();
    const began = performance.now();
    for (const one of reading) await one.stop();
    // Each pull has half a second left on average.
    expect(performance.now() - began).toBeLessThan(machineSpeed.allow(1500));
    await machineSpeed.end();
    expect((await pulls()).map((one) => one.num_waiting)).toEqual(reading.map(() => 0));
    brokers = brokers.slice(0, 1);
  });

  it("stops within its time while NATS stands still", async () => {
    const writing = await start(publisher());
    const reading = await start(reader(name));
    await write(writing, "a");
    await eventuallyRead(reading, ["a"]);
    nats.kill("SIGSTOP");
    await write(writing, ...names("b", 10));
    const machineSpeed = await MachineSpeed.start();
    const began = performance.now();
    await Promise.all([writing.stop(), reading.stop()]);
    nats.kill("SIGCONT");
    expect(performance.now() - began).toBeLessThan(machineSpeed.allow(6000));
    await machineSpeed.end();
    brokers = [];
    await eventuallyRead(await start(publisher(), reader(name)), ["a", ...names("b", 10)]);
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
    before = () => {
      throw new Error("not yet");
    };
    const reading = await start(reader(name));
    await write(writing, "a", "b");
    const line = (broker: ServiceBroker, text: string) => eventually(() => metricLines(broker).includes(text));
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
      before = ({ data }) => {
        if (data.id === "bad" || failures-- > 0) throw new Error("not yet");
      };
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
      before = () => {};
      expect(await local(reading[0]!, name).inbox.replay(dead!.event.id)).toBe(true);
      await eventuallyRead(reading[0]!, ["a", "bad"]);
      expect(await letters.deadLetters(10)).toEqual([]);
    });
  });
});

afterAll(() => nats.stop());
