/** Bare Moleculer over NATS that calls another node. */
import { type Context, ServiceBroker } from "moleculer";
import { natsOptions } from "#mixins/node/nats.ts";
import { client, question } from "./echo.ts";

const broker = new ServiceBroker({
  logger: false,
  nodeID: "client",
  transporter: { type: "NATS", options: natsOptions(process.env["TRANSPORTER"]!) } as never,
});
broker.createService({ name: "caller", actions: { ask: (ctx: Context) => ctx } });
await broker.start();
await broker.waitForServices("echo");
const ctx = await broker.call<Context>("caller.ask");
await client(() => ctx.call("echo.say", question));
