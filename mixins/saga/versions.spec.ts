/**
 * Nodes of two releases that share a table of sagas, whose definitions differ.
 * @databases sqlite postgres
 */
import { setTimeout as wait } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { metricLines } from "../node/metric-sources.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  becomes,
  begin,
  brokers,
  clock,
  definition,
  eventuallyText,
  fail,
  host,
  hostOf,
  id,
  only,
  setUpSaga,
  start,
  status,
  step,
  text,
  timeout,
  times,
  participants,
  write,
} from "../../test/support/systems/sample-saga.ts";
import { dueSaga } from "../../test/support/fixtures/saga-row.ts";
import { Waiting } from "./definition.ts";
import { countUnfinished, insertSaga } from "./journal.ts";
import { newRow } from "./state.ts";

/** With a step more, between the first two. */
const second = { ...definition, version: 2, steps: definition.steps.toSpliced(1, 0, step("insure")) };
const old = ["reserve", "authorize", "capture", "commit"];
const later = ["reserve", "insure", "authorize", "capture", "commit"];

/**
 * Begins a saga on the first node, which stops after it tried this step once, when the next node has started. Time stands
 * still from here on, so the first node does not try again however long that takes.
 */
async function leaveAfterOneTry(first: ServiceBroker, name: string, startNext: () => Promise<unknown>): Promise<void> {
  clock.stop();
  participants.after = only(name, times(1, fail(timeout)));
  await begin();
  await eventually(async () => (await host().saga.find(id))?.owner === null);
  brokers.splice(0, 1);
  await startNext();
  await first.stop();
}

describe("a saga whose definition changes", () => {
  setUpSaga();

  it("is left to nodes that know its version, however long it is due", async () => {
    const next = await start(undefined, "node-0", second, definition);
    await leaveAfterOneTry(next, "reserve", () => start(undefined, "node-1"));
    clock.advance(120_000);
    await wait(500);
    expect(participants.calls).toEqual(["reserve"]);
    expect(await status()).toBe("active");
    brokers.push(await start(undefined, "node-2", second, definition));
    await becomes("completed");
    expect(participants.calls).toEqual(["reserve", ...later]);
  });

  it("goes on by the steps that it was begun with, on a node that begins others", async () => {
    const before = await start(undefined, "node-0");
    await leaveAfterOneTry(before, "reserve", () => start(undefined, "node-1", second, definition));
    await eventuallyText("completed");
    expect(participants.calls).toEqual(["reserve", ...old]);
  });

  it("is undone by the steps that it was begun with", async () => {
    await start(undefined, "node-0");
    await begin();
    await becomes("completed");
    const next = hostOf(await start(undefined, "node-1", second, definition));
    await next.db.write(async (tx) => tx.add(next.saga.undo(id, { code: "CANCELLED", message: "" })));
    await becomes("compensated CANCELLED");
    expect(participants.calls.slice(4)).toEqual(["undo capture", "undo authorize", "undo reserve"]);
  });

  it("is refused to be gone on with, or ended by hand, on a node that does not know its version", async () => {
    await start(undefined, "node-0");
    await host().db.run(insertSaga, newRow({ ...dueSaga(id), version: 7, status: "parked", next_at: null }));
    for (const ask of [
      () => host().db.write((tx) => host().saga.retry(tx, id)),
      () => host().db.write((tx) => host().saga.close(tx, id, "completed")),
    ])
      await expect(ask()).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
    expect(await status()).toBe("parked");
  });

  it("has definitions of different versions, the newest first", async () => {
    for (const definitions of [
      [definition, definition],
      [definition, second],
    ])
      await expect(start(undefined, "node-0", ...definitions)).rejects.toThrow(/name each once, the newest first/);
  });

  it("is parked when its steps were changed and its version was not", async () => {
    const before = await start(undefined, "node-0");
    await leaveAfterOneTry(before, "authorize", () => start(undefined, "node-1", { ...second, version: 1 }));
    await eventuallyText("parked SAGA_CHANGED");
    expect(participants.calls).toEqual(["reserve", "authorize"]);
  });
});

describe("unfinished sagas", () => {
  setUpSaga();

  it("are counted by their versions, with those that need a person and without those that ended", async () => {
    // Versions that no other spec leaves anything of.
    const [older, newer] = [8, 9];
    const broker = await start(
      undefined,
      "node-0",
      { ...definition, version: newer },
      { ...definition, version: older },
    );
    const { db } = host();
    const unfinished = { status: "waiting", next_at: 1e15 } as const;
    const ended = { next_at: null } as const;
    const rows = [
      unfinished,
      unfinished,
      { ...ended, status: "parked" } as const,
      { ...ended, status: "completed", version: newer } as const,
      { ...unfinished, version: newer },
    ].map((change) => ({ ...dueSaga(newId()), version: older, ...change }));
    await db.write(async (tx) => tx.add(...rows.map((row) => insertSaga.with(newRow(row)))));
    const count = async (version: number) => (await db.one(countUnfinished, { version }))!.count;
    expect([await count(older), await count(newer), await count(10)]).toEqual([3, 1, 0]);
    const told = 'madang_sagas_unfinished{service="note",version="8"} 3';
    await eventually(async () => (await metricLines(broker)).includes(told));
    await db.run(insertSaga, newRow({ ...dueSaga(newId()), ...unfinished, version: 77 }));
    const unknown = /^madang_sagas_unfinished\{service="note",version="unknown"\} [1-9]/;
    await eventually(async () => (await metricLines(broker)).some((line) => unknown.test(line)));
  });
});

describe("a step that waits for a time", () => {
  setUpSaga();

  it.each(["authorize", "commit"])("is asked again then and not before, at %s", async (name) => {
    clock.stop();
    const until = now() + 3_600_000;
    participants.before = only(name, () =>
      now() < until ? new Waiting("until the parcel is there", undefined, until) : undefined,
    );
    await start();
    // Its patience is longer than that.
    await begin();
    await eventually(async () => (await status()) === "waiting");
    const asked = participants.calls.length;
    clock.advance(3_599_999);
    await wait(300);
    expect(participants.calls).toHaveLength(asked);
    clock.advance(1);
    await becomes("completed");
    expect(await text()).toBe("completed");
    expect(participants.calls).toHaveLength(asked + old.length - old.indexOf(name));
  });

  it("is given up at the end of its patience, however much later its time is", async () => {
    clock.stop();
    const patience = 60_000;
    participants.before = only("authorize", () => new Waiting("at the bank", undefined, now() + 3_600_000));
    await start(patience);
    await write();
    expect(await status()).toBe("waiting");
    clock.advance(patience + 1);
    await becomes("compensated EXPIRED");
  });
});
