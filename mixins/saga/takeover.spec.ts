/** @databases sqlite postgres */
import { setTimeout as wait } from "node:timers/promises";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  becomes,
  begin,
  brokers,
  clock,
  eventuallyText,
  fail,
  host,
  hostOf,
  id,
  only,
  refusal,
  setUpSaga,
  start,
  timeout,
  times,
  participants,
  write,
} from "../../test/support/systems/sample-saga.ts";
import { LEASE } from "./lease.ts";

describe("a saga whose node dies", () => {
  setUpSaga();

  /** The first node hangs in `authorize`; answering it shows what a node does that has been replaced. */
  const hang = () => {
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    let first = true;
    participants.after = only("authorize", () => {
      const waiting = first ? answered : undefined;
      first = false;
      return waiting;
    });
    return answer;
  };
  const twice = ["reserve", "authorize", "authorize", "capture", "commit"];

  it("is taken over after a restart, and the old owner's late answer is refused", async () => {
    await start();
    const answer = hang();
    const writing = write();
    await eventually(() => participants.calls.includes("authorize"));
    await start(60_000, "node-0");
    await becomes("completed");
    answer();
    await writing;
    await wait(50);
    expect(participants.calls).toEqual(twice);
    expect(await host().saga.find(id)).toMatchObject({ status: "completed", epoch: 2 });
  });

  it("is taken over at once by a node that hears of it", async () => {
    await start();
    await start();
    const answer = hang();
    const writing = write();
    await eventually(() => participants.calls.includes("authorize"));
    brokers[1]!.localBus.emit("$node.disconnected", { node: { id: "node-9" } });
    await wait(250);
    expect(participants.calls).toEqual(["reserve", "authorize"]);
    brokers[1]!.localBus.emit("$node.disconnected", { node: { id: "node-0" } });
    await becomes("completed");
    answer();
    await writing;
    expect(participants.calls).toEqual(twice);
    expect(await host().saga.find(id)).toMatchObject({ status: "completed", owner: null, epoch: 2 });
  });

  it("is taken over once when several nodes hear of it at the same time", async () => {
    for (let n = 0; n < 4; n += 1) await start();
    const answer = hang();
    const writing = write();
    await eventually(() => participants.calls.includes("authorize"));
    for (const broker of brokers.slice(1)) broker.localBus.emit("$node.disconnected", { node: { id: "node-0" } });
    await becomes("completed");
    answer();
    await writing;
    await wait(150);
    expect(participants.calls).toEqual(twice);
  });

  it("is not taken over while a long step renews its lease", async () => {
    await start();
    await start();
    const renewals: (() => void)[] = [];
    const real = setInterval;
    jest.spyOn(globalThis, "setInterval").mockImplementation(((act: () => void, pause: number) => {
      if (pause === LEASE / 3) renewals.push(act);
      return real(act, pause);
    }) as never);
    const answer = hang();
    const writing = write();
    await eventually(() => participants.calls.includes("authorize"));
    clock.stop();
    clock.advance(LEASE - 1000);
    renewals.at(-1)!();
    await eventually(async () => (await host().saga.find(id))!.lease_until === Date.now() + LEASE);
    clock.advance(LEASE - 1000);
    await wait(250);
    expect(participants.calls).toEqual(["reserve", "authorize"]);
    answer();
    await writing;
    await becomes("completed");
  });

  it("is waited for on any node", async () => {
    await start();
    await start();
    const answer = hang();
    void begin();
    await eventually(() => participants.calls.includes("authorize"));
    const elsewhere = hostOf(brokers[1]!).saga;
    expect(await elsewhere.settled(id, 100)).toEqual({ status: "active" });
    setTimeout(answer, 50);
    expect(await elsewhere.settled(id, 60_000)).toEqual({ status: "completed" });
    expect(await elsewhere.unfinished("ann")).not.toContainEqual(expect.objectContaining({ id }));
  });

  it("is taken over by another node when its lease ends", async () => {
    await start();
    await start();
    const answer = hang();
    const writing = write();
    await eventually(() => participants.calls.includes("authorize"));
    await wait(250);
    expect(participants.calls).toEqual(["reserve", "authorize"]);
    clock.advance(LEASE + 1000);
    await becomes("completed");
    answer();
    await writing;
    expect(participants.calls).toEqual(twice);
  });

  it("is not taken over twice, nor after it ended", async () => {
    await start();
    await start();
    await start();
    participants.before = only("authorize", times(1, fail(timeout)));
    await write();
    await becomes("completed");
    await wait(150);
    expect(participants.calls).toEqual(twice);
  });

  it("goes on where it was after a stop in the middle of undoing", async () => {
    const first = await start();
    participants.before = (call) => {
      if (call === "capture") throw refusal();
      if (call === "undo reserve") throw timeout();
    };
    await write();
    await first.stop();
    participants.before = () => {};
    brokers.length = 0;
    await start();
    await eventuallyText("compensated NOTE_LIMIT_REACHED");
    expect([...participants.done]).toEqual([]);
  });
});
