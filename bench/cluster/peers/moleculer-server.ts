/** Bare Moleculer over NATS, nothing switched on. */
import { ServiceBroker } from "moleculer";
import { natsOptions } from "#mixins/node/nats.ts";
import { answer, serving } from "./echo.ts";

const broker = new ServiceBroker({
  logger: false,
  nodeID: "server",
  transporter: { type: "NATS", options: natsOptions(process.env["TRANSPORTER"]!) } as never,
});
broker.createService({ name: "echo", actions: { say: () => answer } });
await broker.start();
serving();
