/** @databases sqlite postgres */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as wait } from "node:timers/promises";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Envelope } from "#core/envelope.ts";
import { mixin } from "#core/implement.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { type NoteEvent, notePublisher, noteReader } from "../../test/support/systems/note-events.ts";
import { allNotes, type NoteTables } from "../../test/support/systems/notes-service.ts";
import { storage } from "../../test/support/systems/storage.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { localBus } from "../bus/local.bus.ts";
import type { Database } from "../database/database.ts";
import type { Inbox } from "./dead-letters.ts";
import { tokenOf } from "../../test/support/actors/people.ts";

type Reader = { db: Database<NoteTables>; inbox: Inbox };

/** What only an embedded database does. */
const onSqlite = storage() === "sqlite" ? it : () => {};

/** What the readers' handlers do before and after their effect: specs make them fail here. */
let before: (event: NoteEvent) => Promise<void> | void;
let after: (event: NoteEvent) => void;

const reader = (name: string, ...mixins: object[]): ServiceSchema =>
  noteReader(name, { before: (event) => before(event), after: (event) => after(event), mixins });

describe("inbox", () => {
  let broker: ServiceBroker;
  let name: string;
  let clock: Clock;

  const read = async (service = name) =>
    (await localService<Reader>(broker, service).db.all(allNotes, {})).map(({ text }) => text);
  const letters = () => localService<Reader>(broker, name).inbox;
  const write = (id: string) => broker.call("note.write", { id });
  const deliver = (...events: Envelope[]) => localBus(broker).publish(events);
  const event = (subject: string, id = subject): Envelope => ({
    id: newId(),
    type: "note.written",
    version: 1,
    time: timestamp(),
    source: "note",
    subject,
    correlationId: "c",
    causationId: "c",
    data: { id },
  });
  /** Lets a minute pass each time it looks, so that nobody waits for a back-off. */
  const eventuallyRead = (expected: readonly string[]) =>
    eventually(async () => {
      clock.advance(60_000);
      return (await read()).join() === expected.join();
    });

  beforeEach(() => {
    name = `reader-${newId()}`;
    before = () => {};
    after = () => {};
    clock = new Clock();
  });
  afterEach(async () => {
    await broker.stop();
    jest.restoreAllMocks();
  });

  it("lets an event take effect once in every subscriber", async () => {
    const other = `other-${newId()}`;
    broker = await startBroker([notePublisher(), reader(name), reader(other)]);
    await write("n1");
    await eventually(async () => (await read()).length > 0 && (await read(other)).length > 0);
    expect([await read(), await read(other)]).toEqual([["n1"], ["n1"]]);
  });

  it("changes nothing when an event comes again, as after a crash between publishing and marking", async () => {
    broker = await startBroker([reader(name)]);
    const [first, second] = [event("n1"), event("n2")];
    await deliver(first, first, second);
    await deliver(first, second);
    await Promise.all([deliver(first), deliver(second)]);
    expect(await read()).toEqual(["n1", "n2"]);
  });

  it("tries a handler that failed again, and keeps nothing of the failures", async () => {
    broker = await startBroker([reader(name)]);
    let failures = 3;
    before = () => {
      if (failures-- > 0) throw new Error("not yet");
    };
    await deliver(event("n1"));
    await eventuallyRead(["n1"]);
    expect(failures).toBe(-1);
  });

  it("keeps the order of a subject, and holds up no other", async () => {
    broker = await startBroker([reader(name)]);
    let broken = true;
    before = ({ data }) => {
      if (broken && data.id === "a1") throw new Error("not yet");
    };
    await deliver(event("a", "a1"), event("a", "a2"), event("b", "b1"), event("a", "a3"));
    await deliver(event("a", "a4"), event("c", "c1"));
    expect(await read()).toEqual(["b1", "c1"]);
    broken = false;
    await eventuallyRead(["b1", "c1", "a1", "a2", "a3", "a4"]);
    await deliver(event("a", "a5"));
    expect((await read()).at(-1)).toBe("a5");
  });

  it("is not blocked by many subjects that fail", async () => {
    broker = await startBroker([reader(name)]);
    let broken = true;
    before = ({ data }) => {
      if (data.id === "bad" || (broken && data.id === "good")) throw new Error("not yet");
    };
    await deliver(...Array.from({ length: 120 }, (_, index) => event(`s${index}`, "bad")), event("z", "good"));
    broken = false;
    await eventuallyRead(["good"]);
  });

  onSqlite("refuses a handler that waits for anything but its SQL", async () => {
    broker = await startBroker([reader(name)]);
    let slow = true;
    before = () => (slow ? wait(10) : undefined);
    await deliver(event("n1"));
    expect(await read()).toEqual([]);
    slow = false;
    await eventuallyRead(["n1"]);
  });

  describe("dead letters", () => {
    const poisoned = async () => {
      broker = await startBroker([reader(name)]);
      before = ({ data }) => {
        if (data.id === "poison") throw new Error("cannot be read");
      };
      const poison = event("n1", "poison");
      await deliver(poison, event("n1", "next"));
      await eventuallyRead(["next"]);
      return poison;
    };

    it("hold an event that keeps failing, and free its subject", async () => {
      const poison = await poisoned();
      expect(await letters().deadLetters(10)).toEqual([{ event: poison, attempts: 8, error: "cannot be read" }]);
      await deliver(poison);
      expect(await read()).toEqual(["next"]);
    });

    it("can be replayed", async () => {
      const { id } = await poisoned();
      before = () => {};
      expect(await letters().replay(id)).toBe(true);
      await eventuallyRead(["next", "poison"]);
      expect(await letters().deadLetters(10)).toEqual([]);
      expect(await letters().replay(id)).toBe(false);
    });

    it("can be discarded, for good", async () => {
      const poison = await poisoned();
      before = () => {};
      expect(await letters().discard(poison.id)).toBe(true);
      expect(await letters().discard(poison.id)).toBe(false);
      expect(await letters().replay(poison.id)).toBe(false);
      await deliver(poison);
      expect(await read()).toEqual(["next"]);
    });

    it("are looked after by staff", async () => {
      const { id, time } = await poisoned();
      const asStaff = { meta: { accessToken: await tokenOf("eve", "staff") } };
      const call = (action: string, params: object) => broker.call(`${name}.${action}`, params, asStaff);
      expect(await call("listDeadLetters", {})).toEqual({
        items: [
          {
            id,
            type: "note.written",
            subject: "n1",
            time,
            attempts: 8,
            error: "cannot be read",
            data: { id: "poison" },
          },
        ],
        nextCursor: null,
      });
      await expect(broker.call(`${name}.listDeadLetters`)).rejects.toMatchObject({ type: "UNAUTHENTICATED" });
      before = () => {};
      await call("replayDeadLetter", { id });
      await eventuallyRead(["next", "poison"]);
      await expect(call("replayDeadLetter", { id })).rejects.toMatchObject({ type: "NOT_FOUND" });
      await expect(call("discardDeadLetter", { id })).rejects.toMatchObject({ type: "NOT_FOUND" });
    });

    it("include an event whose handler fails after its effect, without the effect", async () => {
      broker = await startBroker([reader(name)]);
      after = () => {
        throw new Error("poison");
      };
      await deliver(event("n1"));
      await eventually(async () => {
        clock.advance(60_000);
        return (await letters().deadLetters(1)).length > 0;
      });
      expect(await read()).toEqual([]);
    });
  });

  it("gets what was published before it started", async () => {
    const slow = mixin({ started: () => wait(150) });
    broker = await startBroker([notePublisher("hello"), reader(name, slow)]);
    await eventually(async () => (await read()).length > 0);
    expect(await read()).toEqual(["hello"]);
  });

  it("loses nothing when the node stops, and goes on after a restart", async () => {
    const services = () => [notePublisher(), reader(name)];
    broker = await startBroker(services());
    before = ({ data }) => {
      if (data.id === "n7") throw new Error("not now");
    };
    const ids = Array.from({ length: 100 }, (_, index) => `n${index}`);
    await Promise.all(ids.map(write));
    await broker.stop();
    before = () => {};
    broker = await startBroker(services());
    await eventually(async () => {
      clock.advance(60_000);
      return (await read()).length >= ids.length;
    });
    expect(new Set(await read())).toEqual(new Set(ids));
    expect(await read()).toHaveLength(ids.length);
  });

  onSqlite("keeps an event in the outbox while the subscriber cannot store", async () => {
    broker = await startBroker([notePublisher(), reader(name)]);
    const other = new DatabaseSync(join(process.env.DATA_DIR!, `${name}.db`));
    other.exec("BEGIN EXCLUSIVE");
    await expect(deliver(event("n0"))).rejects.toMatchObject({ type: "STORAGE_UNAVAILABLE" });
    await write("n1");
    other.exec("ROLLBACK");
    other.close();
    await eventuallyRead(["n1"]);
  });
});
