/**
 * Events in NATS as programs of others read them, and as nodes of other releases do.
 * @databases sqlite: what travels is the same, whichever database it comes from.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { timestamp } from "#core/clock.ts";
import { isEnvelope } from "#core/envelope.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import {
  admin,
  eventuallyRead,
  jsm,
  name,
  nats,
  nothingWaits,
  publisher,
  reader,
  setUpNatsBus,
  start,
  STREAM,
  write,
} from "../../../test/support/systems/nats-bus.ts";

describe("events in JetStream", () => {
  setUpNatsBus();

  it("are CloudEvents that the release before reads too", async () => {
    const writing = await start(publisher());
    await write(writing, "a");
    await nothingWaits(writing);
    const event = (await jsm.streams.getMessage(STREAM, { seq: 1 })).json<Record<string, unknown>>();
    const { correlationId } = event;
    expect(event).toMatchObject({ specversion: "1.0", source: "note", type: "note.written", data: { id: "a" } });
    expect(event).toMatchObject({ eventversion: 1, version: 1, correlationid: correlationId });
    expect(isEnvelope(event)).toBe(true);
  });

  it("are read in the form of the release before", async () => {
    await start(publisher());
    const reading = await start(reader(name));
    await eventually(() => jsm.streams.info(STREAM).catch(() => null));
    const event = {
      id: newId(),
      type: "note.written",
      version: 1,
      time: timestamp(),
      source: "note",
      subject: "note:1",
      correlationId: "c",
      causationId: "c",
      data: { id: "old" },
    };
    admin.publish("madang.event.note.written", JSON.stringify(event));
    await eventuallyRead(reading, ["old"]);
  });

  it("are read by programs of others, as docs/guide/consumers/nats.mjs does", async () => {
    const writing = await start(publisher());
    await write(writing, "a");
    await nothingWaits(writing);
    const example = join(import.meta.dirname, "../../../docs/guide/consumers/nats.mjs");
    const child = spawn(process.execPath, [example, nats.url, "note"]);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    await write(writing, "b");
    await eventually(() => output.split("\n").length === 3);
    expect(output).toBe('note.written note:a {"id":"a"}\nnote.written note:b {"id":"b"}\n');
    child.kill();
  });
});
