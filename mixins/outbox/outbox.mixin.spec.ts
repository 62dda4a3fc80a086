/** @databases sqlite postgres */
import { setTimeout as wait } from "node:timers/promises";
import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import { DAY, now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { workContext } from "#core/context.ts";
import type { Envelope } from "#core/envelope.ts";
import { implement } from "#core/implement.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import {
  allNotes,
  insertNote,
  migrations,
  note,
  noteContractWithOutbox,
  type NoteTables,
} from "../../test/support/systems/notes-service.ts";
import { storage } from "../../test/support/systems/storage.ts";
import { localBus } from "../bus/local.bus.ts";
import type { Database } from "../database/database.ts";
import { database } from "../database/database.mixin.ts";
import { type Outbox, outbox } from "./outbox.mixin.ts";

type Publisher = { db: Database<NoteTables>; outbox: Outbox };

/** The example of the mixin: the note and the event that tells of it are one change. */
const publisher = implement(noteContractWithOutbox, {
  mixins: [database<NoteTables>({ migrations }), outbox()],
  actions: {
    write(ctx) {
      const { id, text = null } = ctx.params;
      return this.db.write(async (tx) => {
        tx.add(insertNote.with(note(id, { text })));
        tx.add(this.outbox.event(ctx, "note.written", `note:${id}`, { id }));
        if (text === "fail") throw noteContractWithOutbox.error("LIMIT_REACHED");
        return { id, count: 1 };
      });
    },
  },
});

describe("outbox", () => {
  let broker: ServiceBroker;
  let service: Publisher;
  let published: Envelope[];
  let failures: number;
  /** How often the bus gives no answer. */
  let silences: number;

  const write = (id: string, text?: string) => broker.call("note.write", text ? { id, text } : { id });
  const waiting = () =>
    service.db.query.selectFrom("outbox").select("subject").where("waiting", "is not", null).execute();
  const received = (count: number) => eventually(() => (published.length >= count ? published : null));

  const start = async (...schemas: ServiceSchema[]) => {
    const receive = async (events: readonly Envelope[]) => {
      if (silences-- > 0) await new Promise(() => {});
      if (failures-- > 0) throw new Error("The bus is away.");
      published.push(...events);
    };
    broker = await startBroker(schemas, {
      created: (made) => localBus(made).subscribe("spec", ["note.written"], receive),
    });
    service = localService<Publisher>(broker, "note");
  };

  beforeEach(async () => {
    published = [];
    failures = 0;
    silences = 0;
    await start(publisher);
    await service.db.write(async ({ query }) => {
      await query.deleteFrom("notes").execute();
      await query.deleteFrom("outbox").execute();
    });
  });
  afterEach(() => broker.stop());

  it("publishes an event that names its cause, once the change is durable", async () => {
    await broker.call("note.write", { id: "n1" }, { requestID: "request-1" });
    const [event] = await received(1);
    expect(event).toEqual({
      seq: expect.any(Number),
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      type: "note.written",
      version: 1,
      time: expect.stringMatching(/Z$/),
      source: "note",
      subject: "note:n1",
      correlationId: "request-1",
      causationId: expect.any(String),
      data: { id: "n1" },
    });
    await eventually(async () => (await waiting()).length === 0);
  });

  it("publishes nothing of a change that was undone", async () => {
    await expect(write("n1", "fail")).rejects.toMatchObject({ type: "NOTE_LIMIT_REACHED" });
    await write("n2");
    await received(1);
    expect(published.map(({ subject }) => subject)).toEqual(["note:n2"]);
    expect((await service.db.all(allNotes, {})).map(({ id }) => id)).toEqual(["n2"]);
  });

  it("publishes in the order of the changes", async () => {
    const ids = Array.from({ length: 1200 }, (_, index) => `n${index}`);
    // Of changes that are made at once, PostgreSQL decides which comes first.
    if (storage() === "sqlite") await Promise.all(ids.map((id) => write(id)));
    else for (const id of ids) await write(id);
    await received(ids.length);
    expect(published.map(({ subject }) => subject)).toEqual(ids.map((id) => `note:${id}`));
  });

  it("asks the bus again until it has the event", async () => {
    failures = 2;
    await write("n1");
    expect(await received(1)).toHaveLength(1);
    await eventually(async () => (await waiting()).length === 0);
  });

  it("publishes again what the bus did not take within its patience", async () => {
    Object.assign(localBus(broker), { patience: 50 });
    silences = 2;
    await write("n1");
    expect(await received(1)).toHaveLength(1);
    await eventually(async () => (await waiting()).length === 0);
  });

  it("sends again after a restart what the bus never acknowledged", async () => {
    failures = 1000;
    await write("n1");
    await write("n2");
    await broker.stop();
    failures = 0;
    await start(publisher);
    expect((await received(2)).map(({ subject }) => subject)).toEqual(["note:n1", "note:n2"]);
  });

  it("tells of an event's cause when another event caused it", async () => {
    const cause = { id: newId(), correlationId: "c" } as Envelope;
    await service.db.write(async (tx) => tx.add(service.outbox.event(cause, "note.written", "note:n1", { id: "n1" })));
    expect((await received(1))[0]).toMatchObject({ correlationId: "c", causationId: cause.id });
  });

  it("keeps the events of a subject for replay", async () => {
    await service.db.write(async (tx) => {
      const ctx = workContext(localService(broker, "note"));
      for (const id of ["a", "b", "c"]) tx.add(service.outbox.event(ctx, "note.written", "note:n1", { id }));
      tx.add(service.outbox.event(ctx, "note.written", "note:n2", { id: "d" }));
    });
    const all = await service.outbox.since("note:n1", 0, 10);
    expect(all.map(({ data }) => data)).toEqual([{ id: "a" }, { id: "b" }, { id: "c" }]);
    expect(await service.outbox.since("note:n1", all[0]!.seq, 1)).toEqual([all[1]]);
  });

  it("forgets what was published seven days ago, and never what still waits for the bus", async () => {
    failures = 1000;
    const rows = [
      ["waits", { time: timestamp(now() - 8 * DAY) }],
      ["old", { time: timestamp(now() - 8 * DAY), waiting: null }],
      ["young", { time: timestamp(now() - 6 * DAY), waiting: null }],
    ] as const;
    for (const [id, fields] of rows) {
      await write(id);
      await service.db.write(({ query }) =>
        query.updateTable("outbox").set(fields).where("subject", "=", `note:${id}`).execute(),
      );
    }
    await broker.stop();
    await start(publisher);
    const kept = async () =>
      (await service.db.query.selectFrom("outbox").select("subject").orderBy("seq").execute()).map(
        ({ subject }) => subject,
      );
    await eventually(async () => !(await kept()).includes("note:old"));
    expect(await kept()).toEqual(["note:waits", "note:young"]);
  });

  it("hints at live streams which subjects changed", async () => {
    await broker.stop();
    const hints: unknown[] = [];
    await start(publisher, {
      name: "listener",
      events: { "live.changed": ({ params }: Context) => void hints.push(params) },
    });
    await write("n1");
    await eventually(() => hints.length > 0);
    expect(hints).toEqual([{ subjects: ["note:n1"] }]);
  });

  it("publishes nothing after it stopped", async () => {
    const { db, outbox: stopped } = service;
    failures = 1000;
    await broker.stop();
    const cause = workContext(localService(broker, "note"));
    const late = db.write(async (tx) => tx.add(stopped.event(cause, "note.written", "note:n1", { id: "n1" })));
    await expect(late).rejects.toMatchObject({ type: "STORAGE_UNAVAILABLE" });
    await wait(50);
    expect(published).toEqual([]);
  });
});
