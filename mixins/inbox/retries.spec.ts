/**
 * Two nodes retry the same events, by a clock that stands still: each event takes effect once, and waits longer after each
 * failure.
 * @databases sqlite postgres
 */
import { EventEmitter } from "node:events";
import type { ServiceBroker } from "moleculer";
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Envelope } from "#core/envelope.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import type { Database, Transaction } from "../database/database.ts";
import { type InboxTable, insert, migrations, postpone } from "./letters.ts";
import { Receiver } from "./receiver.ts";

type Handler = (event: Envelope, tx: Transaction<InboxTable>) => Promise<void>;
const DAY = 24 * 60 * 60 * 1000;

describe("retries of an inbox", () => {
  let db: Database<InboxTable>;
  let clock: Clock;
  let receivers: Receiver[];
  let handled: string[];

  const start = async (handle: Handler, own: Partial<Database<InboxTable>> = {}) => {
    const service = {
      db: {
        dialect: db.dialect,
        all: db.all.bind(db),
        one: db.one.bind(db),
        run: db.run.bind(db),
        write: db.write.bind(db),
        ...own,
      },
      broker: { localBus: new EventEmitter() } as unknown as ServiceBroker,
      name: "reader",
      fullName: "reader",
      logger: { debug() {}, warn() {}, error() {} },
    };
    const receiver = new Receiver(service as never, { "notebook.written": handle } as never);
    receivers.push(receiver);
    await receiver.start();
    return receiver;
  };
  const event = (): Envelope => ({
    id: newId(),
    type: "notebook.written",
    version: 1,
    time: timestamp(),
    source: "notebook",
    subject: "note:1",
    correlationId: "c",
    causationId: "c",
    data: {},
  });
  const rows = () => db.query.selectFrom("inbox").selectAll().orderBy("seq").execute();
  const first = async () => (await rows())[0]!;
  const fail: Handler = () => Promise.reject(new Error("not yet"));
  const succeed: Handler = async ({ id }) => void handled.push(id);

  beforeEach(async () => {
    db = await openStorage<InboxTable>();
    await db.migrate(migrations);
    clock = new Clock();
    clock.stop();
    // Real time must not do what is the clock's to do.
    const real = setTimeout;
    jest
      .spyOn(globalThis, "setTimeout")
      .mockImplementation(((act: () => void, pause: number) => real(act, pause < 200 ? pause : 2 ** 30)) as never);
    [receivers, handled] = [[], []];
  });
  afterEach(async () => {
    await Promise.all(receivers.map((receiver) => receiver.stop()));
    jest.restoreAllMocks();
    await db.close();
  });

  it("pause twice as long each time, and begin anew for a replayed dead letter", async () => {
    const receiver = await start(fail);
    const { id } = event();
    await receiver.receive([{ ...event(), id }]);
    const pauses: number[] = [];
    for (let attempts = 1; ; attempts += 1) {
      await eventually(async () => (await first()).attempts === attempts);
      if ((await first()).state === "dead") break;
      const pause = (await first()).next_at - now();
      pauses.push(pause);
      clock.advance(pause);
    }
    expect(pauses).toEqual([200, 400, 800, 1600, 3200, 6400, 12_800]);
    await receiver.replay(id);
    await eventually(async () => (await first()).attempts === 1);
    expect(await first()).toMatchObject({ state: "waiting", next_at: now() + 200 });
  });

  it("begin as soon as the first pause is over", async () => {
    let failures = 1;
    const receiver = await start(async (...of) => (failures-- > 0 ? fail(...of) : succeed(...of)));
    await receiver.receive([event()]);
    clock.advance(200);
    await eventually(() => handled.length === 1);
  });

  it("let an event take effect once that two nodes have claimed", async () => {
    let lists = 0;
    const both = Promise.withResolvers<void>();
    const all: typeof db.all = async (...question) => {
      const found = await db.all(...question);
      if (found.length > 0 && (lists += 1) === 2) both.resolve();
      if (found.length > 0) await both.promise;
      return found;
    };
    await insertWaiting();
    await Promise.all([start(succeed, { all }), start(succeed, { all })]);
    await eventually(async () => (await first()).state === "done");
    await Promise.all(receivers.map((receiver) => receiver.stop()));
    expect(handled).toHaveLength(1);
  });

  it("leave an event handled that another node has handled since this one failed", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const failing = Promise.withResolvers<void>();
    const run: typeof db.run = async (...statement) => {
      if ((statement[0] as unknown) === postpone) {
        failing.resolve();
        await promise;
      }
      return db.run(...statement);
    };
    await insertWaiting();
    const slow = await start(fail, { run });
    await failing.promise;
    await start(succeed);
    await eventually(() => handled.length === 1);
    resolve();
    await slow.stop();
    expect(await first()).toMatchObject({ state: "done", envelope: null });
  });

  it("and dead letters outlast the sweep, which removes what was handled fifteen days ago", async () => {
    const ages = [16 * DAY, 14 * DAY];
    for (const state of ["waiting", "dead", "done"] as const)
      for (const age of ages) await insertRow({ state, received_at: now() - age, next_at: now() + DAY });
    const receiver = await start(succeed);
    await eventually(async () => (await rows()).length === 5);
    await receiver.stop();
    expect((await rows()).map(({ state, received_at }) => [state, now() - received_at])).toEqual([
      ["waiting", 16 * DAY],
      ["waiting", 14 * DAY],
      ["dead", 16 * DAY],
      ["dead", 14 * DAY],
      ["done", 14 * DAY],
    ]);
  });

  const insertRow = (rest: { state: "waiting" | "dead" | "done"; received_at: number; next_at: number }) => {
    const one = event();
    const envelope = rest.state === "done" ? null : JSON.stringify(one);
    return db.run(insert, { id: one.id, subject: one.id, attempts: 1, error: null, envelope, ...rest });
  };
  const insertWaiting = () => insertRow({ state: "waiting", received_at: now(), next_at: now() });
});
