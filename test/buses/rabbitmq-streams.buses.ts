/** @databases sqlite: streams are tested; what is stored of them is the conformance spec's */
import { spawn } from "node:child_process";
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { Connection } from "rabbitmq-client";
import { findDaemon } from "../../scripts/cluster/binaries.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { isHere } from "../support/systems/is-here.ts";
import { startRabbitBus } from "../support/systems/rabbitmq-bus.ts";

const cause = { requestID: "r", id: "c" };

if (isHere(() => findDaemon("rabbitmq-server"))) {
  const server = await startRabbitBus();
  process.env.BUS_URL = server.url;
  process.env.BUS_MAX_BYTES = "1048576";
  // They read the settings.
  const { beginNodes, endNodes, ...nodes } = await import("../support/systems/note-nodes.ts");
  const { metricLines } = await import("#mixins/node/metric-sources.ts");
  const { Flow } = await import("#mixins/bus/rabbitmq/reading.ts");
  const { offsetOf } = await import("#mixins/bus/rabbitmq/store.ts");

  describe("RabbitMQ as the bus", () => {
    let name: string;
    let warnings: string[];

    beforeEach(async () => {
      name = beginNodes();
      warnings = [];
      await server.clear();
    });
    afterEach(async () => {
      jest.restoreAllMocks();
      await endNodes();
    });

    /** A node whose warnings are kept. */
    const startTold = (...services: readonly ServiceSchema[]) =>
      nodes.startNode(services, {
        created: ({ logger }: ServiceBroker) =>
          void jest.spyOn(logger, "warn").mockImplementation((text: string) => void warnings.push(text)),
      });

    const connected = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
      const connection = new Connection(server.url);
      try {
        return await work(connection);
      } finally {
        await connection.close();
      }
    };

    /** The number of the first event that the stream still has. */
    const first = () =>
      connected(async (connection) => {
        const flow = await Flow.from(connection, "note", "first");
        const [message] = await flow.next(1);
        flow.close();
        return message ? offsetOf(message) : -1;
      });

    it("tells a subscriber that was away too long how to get what the bus dropped meanwhile", async () => {
      const writing = await nodes.start(nodes.publisher());
      const reading = await nodes.start(nodes.reader(name));
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      await reading.stop();
      nodes.forget(reading);
      const { db, outbox } = nodes.local(writing, "note");
      const ids = Array.from({ length: 150 }, (_, index) => `${index}`.padEnd(20_000));
      for (const id of ids) await db.write(async (tx) => tx.add(outbox.event(cause, "note.written", "note:b", { id })));
      await nodes.nothingWaits(writing);
      // A stream is cut when a segment is full, and soon after.
      await eventually(async () => (await first()) > 10);
      const late = await startTold(nodes.reader(name));
      await eventually(async () => (await nodes.read(late)).includes(ids.at(-1)!));
      expect(warnings).toEqual([expect.stringMatching(/missed up to \d+ events of note.*replay note/)]);
    });

    it("publishes again what RabbitMQ lost at its end, and readers begin anew", async () => {
      const writing = await nodes.start(nodes.publisher());
      const reading = await nodes.start(nodes.reader(name));
      const [before, lost] = [nodes.names("a", 20), nodes.names("b", 20)];
      await nodes.write(writing, ...before);
      await nodes.eventuallyRead(reading, before);
      await nodes.nothingWaits(writing);
      const store = join(process.env.DATA_DIR!, "rabbitmq", "mnesia");
      // As after a power cut: the disk has what was synced some time ago.
      await server.stop();
      cpSync(store, `${store}.backup`, { recursive: true });
      await server.restart();
      await nodes.write(writing, ...lost);
      await nodes.eventuallyRead(reading, [...before, ...lost]);
      await nodes.nothingWaits(writing);
      // What the outbox no longer keeps is not published again, so that new events take the numbers of lost ones.
      await nodes.local(writing, "note").db.write(({ query }) => query.deleteFrom("outbox").execute());
      await server.stop();
      rmSync(store, { recursive: true });
      renameSync(`${store}.backup`, store);
      await server.restart();
      await nodes.write(writing, "c");
      await nodes.eventuallyRead(reading, [...before, ...lost, "c"]);
    });

    it("tells on a node that publishes nothing how far its group is behind", async () => {
      const writing = await nodes.start(nodes.publisher());
      const reading = await nodes.start(nodes.reader(name));
      const behind = async () => {
        const found = (await metricLines(reading)).find((line) => line.startsWith("madang_bus_pending_events{"));
        return Number(found?.split(" ").at(-1) ?? Number.NaN);
      };
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      await eventually(async () => (await behind()) === 0);
      const refuse = jest
        .spyOn(nodes.local(reading, name).db, "write")
        .mockRejectedValue(new Error("The disk is full."));
      const ids = nodes.names("b", 20);
      await nodes.write(writing, ...ids);
      await eventually(async () => (await behind()) >= 20);
      refuse.mockRestore();
      await nodes.eventuallyRead(reading, ["a", ...ids]);
      await eventually(async () => (await behind()) === 0);
    });

    it("is read by programs of others, as docs/guide/consumers/rabbitmq.mjs does", async () => {
      const writing = await nodes.start(nodes.publisher());
      await nodes.write(writing, "a");
      await nodes.nothingWaits(writing);
      const consumer = join(import.meta.dirname, "../../docs/guide/consumers/rabbitmq.mjs");
      const child = spawn(process.execPath, [consumer, server.url, "note.#"]);
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await eventually(() => output.includes("listens"));
      await nodes.write(writing, "b");
      await eventually(() => output.split("\n").length === 3);
      expect(output).toBe('reports listens\nnote.written note:b {"id":"b"}\n');
      child.kill();
    });
  });
}
