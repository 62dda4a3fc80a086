/** A Kafka of the spec's own. */
import { join } from "node:path";
import { Admin, ConfigResourceTypes, IncrementalAlterConfigOperationTypes } from "@platformatic/kafka";
import { startKafka } from "../../../scripts/cluster/kafka.ts";
import { freePort } from "../../../scripts/cluster/ports.ts";
import { addressOf } from "#mixins/kafka/address.ts";
import { eventually } from "../fixtures/eventually.ts";
import type { BusServer } from "./bus-conformance.ts";

const TOPIC = "madang.note";

export async function startKafkaBus() {
  const front = await freePort();
  const server = await startKafka({ folder: join(process.env.DATA_DIR!, "kafka"), front });

  /** Answers what an administrator is answered. */
  async function ask<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = new Admin({ ...addressOf(server.url), clientId: "spec" });
    try {
      return await work(admin);
    } finally {
      await admin.close();
    }
  }

  return Object.assign(server, {
    ask,
    front: { port: front, target: server.behind },
    clear: () =>
      ask(async (admin) => {
        if (!(await admin.listTopics()).includes(TOPIC)) return;
        await admin.deleteTopics({ topics: [TOPIC] });
        await eventually(async () => !(await admin.listTopics()).includes(TOPIC));
      }),
    /** A full disk ends a broker, as a kill does. What refuses events while it runs is a topic for which they are too large. */
    fill: (isFull: boolean): Promise<void> =>
      ask((admin) =>
        admin.incrementalAlterConfigs({
          resources: [
            {
              resourceType: ConfigResourceTypes.TOPIC,
              resourceName: TOPIC,
              configs: [
                {
                  name: "max.message.bytes",
                  configOperation: IncrementalAlterConfigOperationTypes.SET,
                  value: isFull ? "1" : "16777216",
                },
              ],
            },
          ],
        }),
      ),
  }) satisfies BusServer;
}
