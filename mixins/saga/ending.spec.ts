/** @databases sqlite postgres */
import { setTimeout as wait } from "node:timers/promises";
import { sharedError } from "#core/errors.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import {
  becomes,
  clock,
  eventuallyText,
  fail,
  host,
  id,
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
import { Waiting } from "./definition.ts";

describe("the end of a saga", () => {
  setUpSaga();

  describe("undo", () => {
    const cancel = () =>
      host().db.write(async (tx) => tx.add(host().saga.undo(id, { code: "CANCELLED", message: "" })));

    it("undoes a completed saga, once", async () => {
      await start();
      await write();
      await cancel();
      await becomes("compensated CANCELLED");
      await cancel();
      await wait(250);
      expect(participants.calls.slice(4)).toEqual(["undo capture", "undo authorize", "undo reserve"]);
      expect(await status()).toBe("compensated");
    });

    it("undoes a waiting saga", async () => {
      await start();
      participants.before = only("authorize", () => new Waiting("at the bank"));
      await write();
      await cancel();
      await becomes("compensated CANCELLED");
      expect(participants.calls.slice(2)).toEqual(["undo authorize", "undo reserve"]);
    });

    it("undoes a running saga: what its step answers late no longer counts", async () => {
      await start();
      const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
      participants.after = only("authorize", () => answered);
      const writing = write();
      await eventually(() => participants.calls.includes("authorize"));
      await cancel();
      answer();
      await writing;
      await becomes("compensated CANCELLED");
      expect(participants.calls).toEqual(["reserve", "authorize", "undo authorize", "undo reserve"]);
      expect((await host().saga.find(id))?.results).toEqual({ reserve: { step: "reserve" } });
      expect([...participants.done]).toEqual([]);
    });
  });

  describe("a saga that keeps failing", () => {
    it("is parked, and goes on when it is retried", async () => {
      await start();
      participants.before = only("commit", fail(timeout));
      await write();
      await eventuallyText("parked REQUEST_TIMEOUT");
      expect(await status()).toBe("parked");
      expect(participants.calls.filter((call) => call === "commit")).toHaveLength(4);
      participants.before = () => {};
      expect(await host().db.write((tx) => host().saga.retry(tx, id))).toBe(true);
      await eventuallyText("completed");
      expect(await host().db.write((tx) => host().saga.retry(tx, id))).toBe(false);
    });

    it("is parked when it cannot be undone, and goes on undoing", async () => {
      await start();
      participants.before = (call) => {
        if (call === "capture") throw refusal();
        if (call === "undo reserve") throw timeout();
      };
      await write();
      await eventuallyText("parked REQUEST_TIMEOUT");
      participants.before = () => {};
      await host().db.write((tx) => host().saga.retry(tx, id));
      await eventuallyText("compensated NOTE_LIMIT_REACHED");
      expect([...participants.done]).toEqual([]);
    });

    it("is parked when the service's own end of it fails", async () => {
      await start();
      participants.before = only(
        "completed",
        fail(() => new Error("A bug.")),
      );
      await write();
      await eventuallyText("parked INTERNAL_ERROR");
    });

    it("can be ended by hand as completed while it is being undone, and is undone when that is asked for later", async () => {
      await start();
      participants.before = (call) => {
        if (call === "commit") throw refusal();
        if (call === "undo reserve") throw timeout();
      };
      await write();
      await eventuallyText("parked REQUEST_TIMEOUT");
      await host().db.write((tx) => host().saga.close(tx, id, "completed"));
      expect(await text()).toBe("completed");
      participants.before = () => {};
      participants.calls.length = 0;
      await host().db.write(async (tx) => tx.add(host().saga.undo(id, { code: "CANCELLED", message: "" })));
      await becomes("compensated CANCELLED");
      expect(participants.calls).toEqual(["undo capture", "undo authorize", "undo reserve"]);
    });

    it("is undone no more when it was ended by hand as undone", async () => {
      await start();
      participants.before = only("commit", fail(timeout));
      await write();
      await eventuallyText("parked REQUEST_TIMEOUT");
      await host().db.write((tx) => host().saga.close(tx, id, "compensated"));
      const calls = [...participants.calls];
      await host().db.write(async (tx) => tx.add(host().saga.undo(id, { code: "CANCELLED", message: "" })));
      expect(await host().saga.find(id)).toMatchObject({ status: "compensated", next_at: null });
      expect(participants.calls).toEqual(calls);
    });

    it("can be ended by hand", async () => {
      await start();
      participants.before = only("commit", fail(timeout));
      await write();
      expect(await host().db.write((tx) => host().saga.close(tx, id, "completed"))).toBe(false);
      await eventuallyText("parked REQUEST_TIMEOUT");
      expect(await host().db.write((tx) => host().saga.close(tx, id, "completed"))).toBe(true);
      expect(await host().saga.find(id)).toMatchObject({ status: "completed", next_at: null });
    });
  });

  it.each(["completed", "compensated NOTE_LIMIT_REACHED"])(
    "stays %s when that was stored though the answer was lost, and does nothing again",
    async (end) => {
      await start();
      if (end !== "completed") participants.before = only("capture", fail(refusal));
      const { db } = host();
      const real = db.write.bind(db);
      let isLost = false;
      const lose = () =>
        void jest.spyOn(db, "write").mockImplementationOnce(async (work) => {
          await real(work);
          isLost = true;
          throw sharedError("STORAGE_UNAVAILABLE");
        });
      // What is written next is the end.
      participants.after = only(end === "completed" ? "commit" : "undo reserve", times(1, lose));
      await write();
      await eventually(() => isLost);
      const stored = await host().saga.find(id);
      const calls = [...participants.calls];
      expect(stored).toMatchObject({ status: end.split(" ")[0], next_at: null, epoch: 1 });
      clock.advance(120_000);
      await wait(250);
      expect(await host().saga.find(id)).toEqual(stored);
      expect(participants.calls).toEqual(calls);
    },
  );
});
