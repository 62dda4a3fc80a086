/** What every bus must do, whatever carries it: each kind of broker has a spec that calls this with a real server. */
import type { ServiceBroker } from "moleculer";
import type { Server } from "../../../scripts/cluster/servers.ts";
import { dependenciesOf } from "#mixins/node/dependencies.ts";
import { Proxy } from "../faults/proxy.ts";
import { eventually } from "../fixtures/eventually.ts";
import { NodeProcess } from "./nodes.ts";

/** A broker of the spec's own. */
export interface BusServer extends Pick<Server, "url" | "port" | "stop" | "kill" | "restart"> {
  /** Stops it, removes everything that it stored, and starts it again. */
  wipe(): Promise<void>;
  /** Removes the store of the notes' events, as an operator might. */
  clear(): Promise<void>;
  /** Makes it take no more events, or take them again. A broker that drops its oldest events instead has none. */
  readonly fill?: (isFull: boolean) => Promise<void>;
  /** Of a broker that tells its clients where to come: the port that it tells those who come by `target`. */
  readonly front?: { readonly port: number; readonly target: number };
  /** What a node was sent and did not get, or held when it died, is delivered later, behind others. */
  readonly reorders?: boolean;
}

const cause = { requestID: "r", id: "c" };

/** Defines the specs; call it once in a file, before anything has read the settings. */
export async function busConformance(kind: string, server: BusServer): Promise<void> {
  const proxy = await Proxy.before(server.front?.target ?? server.port, "127.0.0.1", server.front?.port);
  const [direct, proxied] = [server.url, proxy.urlOf(server.url)];
  process.env.BUS_URL = proxied;
  const nodes = await import("./note-nodes.ts");
  const { makeDatabases, storage } = await import("./storage.ts");
  const onPostgres = storage() === "postgres" ? it : () => {};

  describe(`the bus over ${kind}`, () => {
    let name: string;
    const processes: NodeProcess[] = [];
    beforeEach(async () => {
      name = nodes.beginNodes();
      await server.clear();
    });
    afterEach(async () => {
      jest.restoreAllMocks();
      await nodes.endNodes();
    });
    afterAll(async () => {
      await Promise.all(processes.map((one) => one.end("SIGKILL")));
      await proxy.close();
      await server.stop();
    });

    const startReader = (service = name) => nodes.start(nodes.reader(service));
    const startBoth = async () => [await nodes.start(nodes.publisher()), await startReader()] as const;
    /** Resolves when a group that begins now has read everything. */
    const lateGroupReads = async (ids: readonly string[]) => {
      const late = `late-${name}`;
      await nodes.eventuallyRead(await startReader(late), ids, late);
    };

    it("carries each event once to each group, in the order of its subject", async () => {
      const [writing, reading] = await startBoth();
      const other = `other-${name}`;
      const others = await startReader(other);
      const { db, outbox } = nodes.local(writing, "note");
      const numbers = Array.from({ length: 200 }, (_, index) => index);
      for (const number of numbers)
        await db.write(async (tx) =>
          tx.add(outbox.event(cause, "note.written", `note:${number % 10}`, { id: `${number}` })),
        );
      await nodes.eventuallyRead(reading, numbers.map(String));
      await nodes.eventuallyRead(others, numbers.map(String), other);
      if (!server.reorders)
        for (const texts of [await nodes.read(reading), await nodes.read(others, other)]) expectOrder(texts, 10);
      await nodes.nothingWaits(writing);
    });

    it("gives a late group everything, and keeps events for one that is away", async () => {
      const [writing, reading] = await startBoth();
      await nodes.write(writing, "a", "b");
      await nodes.eventuallyRead(reading, ["a", "b"]);
      await reading.stop();
      nodes.forget(reading);
      await nodes.write(writing, "c");
      await nodes.nothingWaits(writing);
      await lateGroupReads(["a", "b", "c"]);
      await nodes.eventuallyRead(await startReader(), ["a", "b", "c"]);
    });

    it("starts without the broker, and publishes when it is there", async () => {
      await server.stop();
      const [writing, reading] = await startBoth();
      await nodes.write(writing, "a");
      expect(await nodes.waiting(writing)).toBe(1);
      await server.restart();
      await nodes.nothingWaits(writing);
      await nodes.eventuallyRead(reading, ["a"]);
    });

    it("goes on when the broker was killed and started again, under load", async () => {
      const [writing, reading] = await startBoth();
      const ids = nodes.names("n", 300);
      let restarting: Promise<void> | undefined;
      for (const [index, id] of ids.entries()) {
        if (index === 100) server.kill("SIGKILL");
        if (index === 150) restarting = server.restart();
        await nodes.write(writing, id);
      }
      await restarting;
      await nodes.eventuallyRead(reading, ids);
      await lateGroupReads(ids);
    });

    it("publishes everything again when the store was wiped, and nothing takes effect twice", async () => {
      const [writing, reading] = await startBoth();
      const [before, after] = [nodes.names("a", 50), nodes.names("b", 50)];
      await nodes.write(writing, ...before);
      await nodes.eventuallyRead(reading, before);
      await server.wipe();
      await nodes.write(writing, ...after);
      await nodes.eventuallyRead(reading, [...before, ...after]);
      await nodes.nothingWaits(writing);
      await lateGroupReads([...before, ...after]);
      expect(await nodes.read(reading)).toHaveLength(100);
    });

    it("makes a store again that somebody deleted", async () => {
      const [writing, reading] = await startBoth();
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      await server.clear();
      await nodes.write(writing, "b");
      await nodes.eventuallyRead(reading, ["a", "b"]);
      await lateGroupReads(["a", "b"]);
    });

    const whereFull = server.fill ? it : () => {};
    whereFull("keeps events in their outbox while the broker is full", async () => {
      const [writing, reading] = await startBoth();
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      const warn = jest.spyOn(writing.logger, "warn");
      jest.spyOn(nodes.local(writing, "note").logger, "warn").mockImplementation(warn as never);
      await server.fill!(true);
      // RabbitMQ takes one more from each connection before it tells that it is full.
      await nodes.write(writing, "b");
      const ids = nodes.names("c", 20);
      await nodes.write(writing, ...ids);
      await eventually(() => warn.mock.calls.length >= 3);
      expect(await nodes.waiting(writing)).toBeGreaterThanOrEqual(20);
      await server.fill!(false);
      await nodes.eventuallyRead(reading, ["a", "b", ...ids]);
    });

    it("goes on over connections that are cut again and again", async () => {
      const [writing, reading] = await startBoth();
      const ids = nodes.names("n", 200);
      for (const [index, id] of ids.entries()) {
        if (index % 40 === 20) proxy.reset();
        await nodes.write(writing, id);
      }
      await nodes.eventuallyRead(reading, ids);
    });

    it("waits for a network that swallows everything, and for a broker that stands still", async () => {
      const [writing, reading] = await startBoth();
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      proxy.blackHole();
      await nodes.write(writing, "b");
      await eventually(() => isAway(writing));
      proxy.heal();
      await nodes.eventuallyRead(reading, ["a", "b"]);
      server.kill("SIGSTOP");
      await nodes.write(writing, "c");
      await eventually(() => isAway(writing));
      server.kill("SIGCONT");
      await nodes.eventuallyRead(reading, ["a", "b", "c"]);
    });

    it("does not let a subscriber that cannot store hold up another, and gives it everything later", async () => {
      const [writing, reading] = await startBoth();
      const other = `other-${name}`;
      const others = await startReader(other);
      const refuse = jest
        .spyOn(nodes.local(reading, name).db, "write")
        .mockRejectedValue(new Error("The disk is full."));
      const ids = nodes.names("n", 500);
      await nodes.write(writing, ...ids);
      await nodes.eventuallyRead(others, ids, other);
      expect(await nodes.read(reading)).toEqual([]);
      refuse.mockRestore();
      await nodes.eventuallyRead(reading, ids);
    });

    it("tells how far a group is behind", async () => {
      const { metricLines } = await import("#mixins/node/metric-sources.ts");
      const [writing, reading] = await startBoth();
      const behind = async () => {
        const found = (await metricLines(reading)).find((line) =>
          line.startsWith(`madang_bus_pending_events{group="v1-${name}"`),
        );
        return Number(found?.split(" ").at(-1) ?? Number.NaN);
      };
      await nodes.write(writing, "a");
      await nodes.eventuallyRead(reading, ["a"]);
      await eventually(async () => (await behind()) === 0);
    });

    describe("with several nodes of a service", () => {
      onPostgres("lets each event take effect once, also while nodes stop", async () => {
        const writing = [await nodes.start(nodes.publisher()), await nodes.start(nodes.publisher())];
        const reading = [await startReader(), await startReader(), await startReader()];
        const ids = nodes.names("n", 300);
        const stopping: Promise<unknown>[] = [];
        for (const [index, id] of ids.entries()) {
          if (index === 100) stopping.push(reading[0]!.stop());
          if (index === 150) stopping.push(writing[1]!.stop());
          if (index === 200) stopping.push(reading[1]!.stop());
          await nodes.write(writing[index < 150 ? index % 2 : 0]!, id);
        }
        await Promise.all(stopping);
        nodes.forget(reading[0]!, reading[1]!, writing[1]!);
        await nodes.eventuallyRead(reading[2]!, ids);
      });
    });

    it("loses nothing, and lets nothing take effect twice, while publisher, subscriber and broker are killed in turn", async () => {
      await makeDatabases(["note", "reader"]);
      const open = async (module: string) => {
        const started = await NodeProcess.start({
          id: `${module}-${Math.random()}`,
          services: [`test/support/systems/${module}.ts`],
          env: { BUS_URL: direct },
        });
        processes.push(started);
        return started;
      };
      let [writer, reader] = await Promise.all([open("busy-notes"), open("reading-notes")]);
      const bothGoOn = () => eventually(() => writer.output.includes("wrote") && reader.output.includes("read"));
      for (let round = 0; round < 3; round += 1) {
        await bothGoOn();
        await writer.end("SIGKILL");
        writer = await open("busy-notes");
        await bothGoOn();
        await reader.end("SIGKILL");
        reader = await open("reading-notes");
        server.kill("SIGKILL");
        await server.restart();
      }
      await bothGoOn();
      await Promise.all([writer.end(), reader.end()]);
      const [writing, reading] = [await nodes.start(nodes.publisher()), await startReader("reader")];
      await nodes.nothingWaits(writing);
      const rows = await nodes.local(writing, "note").db.query.selectFrom("outbox").select("data").execute();
      const written = rows.map(({ data }) => (JSON.parse(data) as { id: string }).id);
      await nodes.eventuallyRead(reading, written, "reader");
      if (!server.reorders) expectOrder(await nodes.read(reading, "reader"), 5);
    });
  });
}

/** The numbers of each subject must grow. */
function expectOrder(texts: readonly (string | null)[], subjects: number): void {
  const lines = Map.groupBy(texts.map(Number), (number) => number % subjects);
  for (const line of lines.values()) expect(line).toEqual(line.toSorted((a, b) => a - b));
}

const isAway = (broker: ServiceBroker): boolean =>
  dependenciesOf(broker).some(({ name, status }) => name === "bus" && status === "away");
