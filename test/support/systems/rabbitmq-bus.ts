/** A RabbitMQ of the spec's own. */
import { join } from "node:path";
import { Connection } from "rabbitmq-client";
import { startRabbitMq } from "../../../scripts/cluster/rabbitmq.ts";
import type { BusServer } from "./bus-conformance.ts";

export async function startRabbitBus() {
  const server = await startRabbitMq({ folder: join(process.env.DATA_DIR!, "rabbitmq") });
  afterAll(() => server.stop());
  return Object.assign(server, {
    async clear() {
      const connection = new Connection(server.url);
      connection.on("error", () => {});
      await connection.queueDelete({ queue: "madang.note" }).catch(() => {});
      await connection.close();
    },
    fill: (isFull: boolean) => server.control("set_vm_memory_high_watermark", isFull ? "0" : "0.6"),
  }) satisfies BusServer;
}
