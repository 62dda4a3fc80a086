/** @databases sqlite postgres */
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { MachineSpeed } from "../../../test/support/invariants/machine-speed.ts";
import {
  eventuallyRead,
  forget,
  jsm,
  local,
  name,
  names,
  nats,
  nothingWaits,
  publisher,
  reader,
  setUpNatsBus,
  start,
  startNode,
  STREAM,
  waiting,
  write,
} from "../../../test/support/systems/nats-bus.ts";

describe("a NATS bus that was interrupted", () => {
  setUpNatsBus();

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
    if (isDown) {
      forget(writing);
      writing = await start(publisher());
    }
    const total = async () => (await jsm.streams.info(STREAM)).state.messages;
    await eventually(async () => (await total().catch(() => 0)) >= 40);
    await write(writing, "c");
    await eventuallyRead(reading, [...names("a", 20), ...names("b", 20), "c"]);
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
    const late = await startNode([reader(name)], { created });
    await eventuallyRead(late, ["a", "d"]);
    expect(warnings).toEqual([expect.stringMatching(/missed up to 2 events of note.*replay note/)]);
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
    forget(...reading);
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
    forget(writing, reading);
    await eventuallyRead(await start(publisher(), reader(name)), ["a", ...names("b", 10)]);
  });
});
