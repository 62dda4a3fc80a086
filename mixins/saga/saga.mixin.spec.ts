/** @databases sqlite postgres */
import { setTimeout as wait } from "node:timers/promises";
import { Errors } from "moleculer";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { sharedError } from "#core/errors.ts";
import { endsWithin } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  newSaga,
  becomes,
  begin,
  brokers,
  clock,
  eventuallyText,
  fail,
  host,
  id,
  journal,
  only,
  refusal,
  setUpSaga,
  start,
  status,
  text,
  timeout,
  times,
  participants,
  write,
} from "../../test/support/systems/sample-saga.ts";
import { dueSaga } from "../../test/support/fixtures/saga-row.ts";
import { Waiting } from "./definition.ts";
import { insertSaga } from "./journal.ts";
import { leaseUntil } from "./lease.ts";
import { newRow } from "./state.ts";
import { MOST } from "./sagas.ts";

describe("saga", () => {
  setUpSaga();

  it("runs its steps in order and completes", async () => {
    await start();
    await brokers[0]!.call("note.write", { id }, { requestID: "request-1" });
    await becomes("completed");
    expect(participants.calls).toEqual(["reserve", "authorize", "capture", "commit"]);
    expect(participants.keys).toEqual(participants.calls.map((step) => `${id}:${step}`));
    expect(participants.runs.at(-1)).toMatchObject({
      id,
      input: { text: id },
      results: { reserve: { step: "reserve" }, authorize: { step: "authorize" }, capture: { step: "capture" } },
      ctx: { requestID: "request-1", user: { id: "ann" } },
    });
    expect(await journal()).toEqual(participants.calls.map((step) => `forward ${step} done`));
    expect(await host().saga.find(id)).toMatchObject({ status: "completed", next_at: null, lease_until: 0 });
  });

  it("tells whoever awaits it on its node what its end answered, and only where it stands to who asks later", async () => {
    await start();
    participants.before = only("reserve", () => wait(50));
    await begin();
    expect(await host().saga.settled(id, 60_000)).toEqual({ status: "completed", outcome: "all is done" });
    await wait(20);
    expect(await host().saga.settled(id, 60_000)).toEqual({ status: "completed" });
  });

  it("is not taken for completed when it is turned round in the same moment", async () => {
    await start();
    const cancelled = { code: "CANCELLED", message: "" };
    const told = Promise.withResolvers<unknown>();
    participants.after = only("commit", () => {
      const turn = async () => {
        // Until its end is on its way to the disk, so that both are stored together.
        for (let n = 0; n < 40; n += 1) await Promise.resolve();
        await host().db.write(async (tx) => tx.add(host().saga.undo(id, cancelled)));
        return host().saga.settled(id, 60_000);
      };
      void turn().then(told.resolve, told.reject);
    });
    await begin();
    expect(await told.promise).toMatchObject({ status: "compensated" });
    expect(await text()).toBe("compensated CANCELLED");
  });

  it("never begins when the change it belongs to is undone", async () => {
    await start();
    await expect(begin(fail(refusal))).rejects.toMatchObject({ type: "NOTE_LIMIT_REACHED" });
    await wait(150);
    expect(participants.calls).toEqual([]);
    expect(await host().saga.find(id)).toBeUndefined();
  });

  it("answers at once who asks for a saga that has come to rest, and not for longer than the budget", async () => {
    await start();
    await write();
    await becomes("completed");
    expect(await endsWithin(30_000, host().saga.settled(id, 60_000))).toBe(true);
    newSaga();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    participants.before = only("capture", () => answered);
    await write();
    expect(await status()).toBe("active");
    answer();
    await becomes("completed");
  });

  describe("a refusal", () => {
    it.each([
      ["reserve", []],
      ["authorize", ["undo reserve"]],
      ["capture", ["undo authorize", "undo reserve"]],
      ["commit", ["undo capture", "undo authorize", "undo reserve"]],
    ])("at %s undoes the steps before it, last first", async (step, undone) => {
      await start();
      participants.before = only(step, fail(refusal));
      await write();
      await becomes("compensated NOTE_LIMIT_REACHED");
      expect(participants.calls.slice(participants.calls.indexOf(step) + 1)).toEqual(undone);
      expect([...participants.done]).toEqual([]);
    });

    it("after an unknown outcome undoes that step too: it may have happened", async () => {
      await start();
      participants.after = only("authorize", times(1, fail(timeout)));
      participants.before = (call) => {
        if (call === "authorize" && participants.done.has("authorize")) throw refusal();
      };
      await write();
      await eventuallyText("compensated NOTE_LIMIT_REACHED");
      expect(participants.calls).toEqual(["reserve", "authorize", "authorize", "undo authorize", "undo reserve"]);
      expect([...participants.done]).toEqual([]);
    });
  });

  describe("an unknown outcome", () => {
    const unknown = [
      timeout,
      () => new TypeError("x is undefined"),
      () => new Errors.ServiceNotFoundError({ action: "v1.x.y" }),
      () => sharedError("IDEMPOTENCY_IN_PROGRESS"),
    ];
    const faults = ["reserve", "authorize", "capture", "commit"].flatMap((step) =>
      (["before", "after"] as const).flatMap((moment) => unknown.map((error) => ({ step, moment, error }))),
    );

    it("is asked again with the same key, whatever failed before or after which step's effect", async () => {
      await start();
      for (const { step, moment, error } of faults) {
        newSaga();
        participants[moment] = only(step, times(1, fail(error)));
        await begin();
        await eventuallyText("completed");
        expect(participants.calls.filter((call) => call === step)).toHaveLength(2);
        expect(new Set(participants.keys).size).toBe(4);
        expect([...participants.done]).toEqual(["reserve", "authorize", "capture", "commit"]);
      }
    });

    it("is asked again once, and undone when that is refused, though storing it took longer than the pause", async () => {
      await start();
      const { db } = host();
      const run = db.run.bind(db);
      jest.spyOn(db, "run").mockImplementation(async (...statement) => {
        const changed = await run(...statement);
        clock.advance(1000);
        return changed;
      });
      participants.after = only("authorize", times(1, fail(timeout)));
      participants.before = (call) => {
        if (call === "authorize" && participants.done.has("authorize")) throw refusal();
      };
      await write();
      await eventuallyText("compensated NOTE_LIMIT_REACHED");
      expect(participants.calls).toEqual(["reserve", "authorize", "authorize", "undo authorize", "undo reserve"]);
    });

    it.each(["reserve", "authorize"])("of %s after the saga's patience undoes that step too", async (step) => {
      await start(0);
      participants.before = only(step, async () => {
        await wait(5);
        throw timeout();
      });
      await write();
      await becomes("compensated REQUEST_TIMEOUT");
      expect(participants.calls).toContain(`undo ${step}`);
      participants.arrive(step);
      expect([...participants.done]).toEqual([]);
    });

    it("after the pivot is asked again however long it takes", async () => {
      await start(0);
      participants.before = only("commit", times(3, fail(timeout)));
      await write();
      await eventuallyText("completed");
      expect(participants.calls.filter((call) => call === "commit")).toHaveLength(4);
    });

    it.each(["undo authorize", "undo reserve"])("of %s is asked again", async (call) => {
      await start();
      const undoOnce = times(2, fail(refusal));
      participants.before = (made) => {
        if (made === "capture") throw refusal();
        if (made === call) undoOnce(made);
      };
      await write();
      await eventuallyText("compensated NOTE_LIMIT_REACHED");
      expect(participants.calls.filter((made) => made === call)).toHaveLength(3);
      expect([...participants.done]).toEqual([]);
    });
  });

  describe("a step that waits", () => {
    it("goes on when it is woken", async () => {
      await start();
      let decided = false;
      participants.before = only("authorize", () => (decided ? undefined : new Waiting("at the bank")));
      await write();
      await eventually(async () => (await status()) === "waiting");
      expect(await journal()).toContain("forward authorize waiting");
      decided = true;
      await host().db.write(async (tx) => tx.add(host().saga.wake(id)));
      await becomes("completed");
    });

    it("is asked again by itself when the wake-up was lost", async () => {
      await start();
      let decided = false;
      participants.before = only("authorize", () => (decided ? undefined : new Waiting("at the bank")));
      await write();
      decided = true;
      await eventuallyText("completed");
    });

    it("is undone when the saga's patience ends", async () => {
      await start();
      participants.before = only("authorize", () => new Waiting("at the bank"));
      await write();
      await eventuallyText("compensated EXPIRED");
      expect(participants.calls.slice(-2)).toEqual(["undo authorize", "undo reserve"]);
    });

    it("cannot be woken when it does not wait", async () => {
      await start();
      await write();
      await host().db.write(async (tx) => tx.add(host().saga.wake(id)));
      expect(await host().saga.find(id)).toMatchObject({ status: "completed", next_at: null });
    });
  });

  it("goes on as soon as what could not be stored can be, without waiting for its lease to end", async () => {
    await start();
    clock.stop();
    const leaseEnds = leaseUntil();
    const full = sharedError("STORAGE_UNAVAILABLE");
    participants.after = only(
      "reserve",
      times(1, () => {
        jest.spyOn(host().db, "run").mockRejectedValueOnce(full);
        jest.spyOn(host().db, "write").mockRejectedValueOnce(full).mockRejectedValueOnce(full);
      }),
    );
    await write();
    await eventually(async () => {
      if (now() + 100 < leaseEnds) clock.advance(100);
      return (await text()) === "completed";
    });
    expect(participants.calls).toEqual(["reserve", "reserve", "authorize", "capture", "commit"]);
  });

  it("does not take so many at once that others find no connection, and takes the rest when there is room", async () => {
    await start();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    participants.before = only("reserve", () => answered);
    const ids = Array.from({ length: MOST + 60 }, () => newId());
    await host().db.write(async (tx) => {
      for (const each of ids) await tx.run(insertSaga, newRow(dueSaga(each)));
    });
    await eventually(() => participants.calls.length >= MOST);
    await wait(250);
    expect(participants.calls).toHaveLength(MOST);
    answer();
    const ended = host()
      .db.query.selectFrom("sagas")
      .select("id")
      .where("id", "in", ids)
      .where("status", "=", "completed");
    await eventually(async () => (await ended.execute()).length === ids.length);
    expect(participants.calls.filter((call) => call === "reserve")).toHaveLength(ids.length);
  });
});
