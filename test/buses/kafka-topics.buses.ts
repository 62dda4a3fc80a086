/** @databases sqlite: topics are tested; what is stored of them is the conformance spec's */
import { spawn } from "node:child_process";
import { cpSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Producer, stringSerializers } from "@platformatic/kafka";
import type { ServiceBroker, ServiceSchema } from "moleculer";
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { addressOf } from "#mixins/kafka/address.ts";
import { kafkaHome } from "../../scripts/cluster/kafka.jars.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { isHere } from "../support/systems/is-here.ts";
import { startKafkaBus } from "../support/systems/kafka-bus.ts";

if (isHere(kafkaHome)) {
  const server = await startKafkaBus();
  process.env.BUS_URL = server.url;
  // They read the settings.
  const { beginNodes, endNodes, ...nodes } = await import("../support/systems/note-nodes.ts");
  const { Link } = await import("#mixins/bus/link.ts");
  const { KafkaConnection } = await import("#mixins/kafka/connection.ts");

  const topic = "madang.note";
  const guide = join(import.meta.dirname, "../../docs/guide/consumers/kafka.mjs");

  describe("Kafka as the bus", () => {
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
    afterAll(() => server.stop());

    /** A node whose warnings are kept. */
    const startTold = (...services: readonly ServiceSchema[]) =>
      nodes.startNode(services, {
        created: ({ logger }: ServiceBroker) =>
          void jest.spyOn(logger, "warn").mockImplementation((text: string) => void warnings.push(text)),
      });

    it("is read by programs of others in a group of their own, as docs/guide/consumers/kafka.mjs does", async () => {
      const writing = await nodes.start(nodes.publisher());
      await nodes.write(writing, "a");
      await nodes.nothingWaits(writing);
      const child = spawn(process.execPath, [guide, server.url, "note"]);
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
      await nodes.write(writing, "b");
      await eventually(() => output.split("\n").length === 3);
      expect(output).toBe('note.written note:a {"id":"a"}\nnote.written note:b {"id":"b"}\n');
      child.kill();
    });

    it("passes over what is no event, or another service's", async () => {
      const writing = await nodes.start(nodes.publisher());
      const reading = await nodes.start(nodes.reader(name));
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      const event = {
        specversion: "1.0",
        id: newId(),
        type: "note.written",
        eventversion: 1,
        time: timestamp(),
        source: "note",
        subject: "note:forged",
        correlationid: "c",
        causationid: "c",
        data: { id: "forged" },
      };
      const forged = [{ ...event, source: "payment" }, { ...event, type: "payment.refunded" }, null];
      const headers = { ce_type: "note.written", ce_id: "x" };
      const values = [...forged.map((one) => JSON.stringify(one)), "{"];
      const messages = [
        ...values.map((value) => ({ topic, key: "k", value, headers })),
        { topic, key: "k", value: "" },
      ];
      const options = { ...addressOf(server.url), clientId: "other", serializers: stringSerializers };
      const producer = new Producer<string, string, string, string>(options);
      await producer.send({ messages });
      await producer.close();
      await nodes.write(writing, "b");
      await nodes.eventuallyRead(reading, ["a", "b"]);
    });

    it("tells a subscriber once that was away too long how to get what the bus dropped meanwhile", async () => {
      const writing = await nodes.start(nodes.publisher());
      const reading = await nodes.start(nodes.reader(name));
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      await reading.stop();
      nodes.forget(reading);
      for (const id of ["b", "c", "d"]) await nodes.write(writing, id);
      await nodes.nothingWaits(writing);
      await server.ask((admin) =>
        admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition: 0, offset: 3n }] }] }),
      );
      await nodes.eventuallyRead(await startTold(nodes.reader(name)), ["a", "d"]);
      expect(warnings).toEqual([expect.stringMatching(/missed up to 2 events of note.*replay note/)]);
    });

    it("publishes again what Kafka lost at its end, and readers begin anew", async () => {
      const writing = await nodes.start(nodes.publisher());
      const reading = await nodes.start(nodes.reader(name));
      const [before, after] = [nodes.names("a", 20), nodes.names("b", 20)];
      await nodes.write(writing, ...before);
      await nodes.eventuallyRead(reading, before);
      await nodes.nothingWaits(writing);
      const store = join(process.env.DATA_DIR!, "kafka", "data");
      // As after a power cut: the disk has what was synced some time ago.
      await server.stop();
      cpSync(store, `${store}.backup`, { recursive: true });
      await server.restart();
      await nodes.write(writing, ...after);
      await nodes.eventuallyRead(reading, [...before, ...after]);
      await nodes.nothingWaits(writing);
      // What the outbox no longer keeps is not published again, so that new events take the numbers of lost ones.
      await nodes.local(writing, "note").db.write(({ query }) => query.deleteFrom("outbox").execute());
      await server.stop();
      rmSync(store, { recursive: true });
      renameSync(`${store}.backup`, store);
      await server.restart();
      const more = nodes.names("c", 30);
      for (const id of more) await nodes.write(writing, id);
      await nodes.eventuallyRead(reading, [...before, ...after, ...more]);
    });

    it("publishes all that an outbox sends at once, however large", async () => {
      const writing = await nodes.start(nodes.publisher());
      const reading = await nodes.start(nodes.reader(name));
      await server.stop();
      const { db, outbox } = nodes.local(writing, "note");
      const cause = { requestID: "r", id: "c" };
      const ids = nodes.names("n", 12);
      for (const id of ids)
        await db.write(async (tx) =>
          tx.add(outbox.event(cause, "note.written", "note:large", { id, text: "x".repeat(900_000) } as never)),
        );
      await server.restart();
      await nodes.eventuallyRead(reading, ids);
    });

    it("says in the log why it may not sign in", async () => {
      const broker = await startTold(nodes.publisher());
      const url = server.url.replace(/:[^:@]+@/, ":wrong@");
      const connection = new KafkaConnection({ url, setting: "BUS_URL", name: "wrong", link: new Link(broker) });
      await eventually(() => warnings.some((text) => /^The bus is away \(.*authentication/i.test(text)));
      expect(connection.isUp).toBe(false);
      connection.close();
    });
  });
}
