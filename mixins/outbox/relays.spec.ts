/**
 * Two nodes that share an outbox, while the bus is slow.
 * @databases postgres: SQLite serves one node
 */
import { sql } from "kysely";
import type { ServiceBroker } from "moleculer";
import type { NoteTables } from "../../test/support/systems/notes-service.ts";
import type { Database } from "../database/database.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";

// They read the settings.
const { startBroker } = await import("../../test/support/systems/broker.ts");
const { localService } = await import("../../test/support/systems/local-service.ts");
const { notePublisher } = await import("../../test/support/systems/note-events.ts");
const { MachineSpeed } = await import("../../test/support/invariants/machine-speed.ts");
const { localBus } = await import("../bus/local.bus.ts");

describe("relays of two nodes", () => {
  let brokers: ServiceBroker[];
  /** What each node's bus took. */
  let taken: [string, string][];
  let busIsSlow: Promise<void> | null;

  const start = (nodeID: string) =>
    startBroker([notePublisher()], {
      nodeID,
      transporter: null,
      created: (made: ServiceBroker) =>
        localBus(made).subscribe("spec", ["note.written"], async (events) => {
          await busIsSlow;
          for (const { subject } of events) taken.push([nodeID, subject]);
        }),
    });
  const db = () => localService<{ db: Database<NoteTables> }>(brokers[0]!, "note").db;
  const write = (node: number, id: string) => brokers[node]!.call("note.write", { id });
  const subjects = () => taken.map(([, subject]) => subject);

  beforeEach(async () => {
    taken = [];
    busIsSlow = null;
    brokers = [await start("first"), await start("second")];
  });
  afterEach(() => Promise.all(brokers.map((broker) => broker.stop())));

  it("do not wait for each other, and lose nothing that came meanwhile", async () => {
    const machineSpeed = await MachineSpeed.start();
    for (let round = 0; round < 5; round += 1) {
      taken = [];
      const slow = Promise.withResolvers<void>();
      busIsSlow = slow.promise;
      await write(0, "a");
      await eventually(async () => (await locks()).granted === 1);
      await write(1, "b");
      // Longer than both take to look again.
      for (let look = 0; look < 20; look += 1) expect((await locks()).waiting).toBe(0);
      const released = performance.now();
      slow.resolve();
      await eventually(() => taken.length === 2);
      expect(performance.now() - released).toBeLessThan(machineSpeed.allow(500));
      expect(subjects().toSorted()).toEqual(["note:a", "note:b"]);
      await eventually(async () => (await locks()).granted === 0);
    }
    await machineSpeed.end();
  });

  async function locks(): Promise<{ granted: number; waiting: number }> {
    const { rows } = await sql<{ granted: number; waiting: number }>`
      select count(*) filter (where granted) as granted, count(*) filter (where not granted) as waiting
      from pg_locks where locktype = 'advisory'
        and database = (select oid from pg_database where datname = current_database())
    `.execute(db().query);
    return rows[0]!;
  }
});
