/** A node that publishes notes without an end, for specs that kill it: numbered, in five subjects. See bus-conformance.ts. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service, ServiceSchema } from "moleculer";
import type { Database } from "#mixins/database/database.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { localService } from "./local-service.ts";
import { notePublisher } from "./note-events.ts";
import type { NoteTables } from "./notes-service.ts";

const SUBJECTS = 5;

async function write(busy: Service): Promise<never> {
  const { db, outbox } = localService<{ db: Database<NoteTables>; outbox: Outbox }>(busy.broker, "note");
  const rows = await db.query.selectFrom("outbox").select("id").execute();
  for (let number = rows.length; ; number += 1) {
    const subject = `note:${number % SUBJECTS}`;
    await db.write(async (tx) =>
      tx.add(outbox.event({ requestID: "r", id: "c" }, "note.written", subject, { id: `${number}` })),
    );
    process.stdout.write("wrote\n");
    await sleep(10);
  }
}

const busy: ServiceSchema = {
  name: "busy",
  dependencies: ["v1.note"],
  started(this: Service) {
    // It ends with its database.
    write(this).catch(() => {});
  },
};

export const services = [notePublisher(), busy];
