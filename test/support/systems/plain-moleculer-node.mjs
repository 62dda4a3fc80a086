// A Moleculer node without any code of this project: `node plain-moleculer-node.mjs <NATS> <order> <access token>`.
import { ServiceBroker } from "moleculer";

const [transporter, id, accessToken] = process.argv.slice(2);
const broker = new ServiceBroker({ nodeID: "stock", transporter, logger: false });

broker.createService({
  name: "listener",
  events: {
    "order.*"(ctx) {
      process.send({ event: ctx.eventName, payload: ctx.params });
    },
  },
});

await broker.start();
await broker.waitForServices({ name: "order", version: 1 });
const call = (meta) => broker.call("v1.order.get", { id }, { meta }).catch(({ type }) => ({ type }));
process.send({ order: await call({ accessToken }), anonymous: await call({}) });
process.on("SIGTERM", () => void broker.stop().then(() => process.exit(0)));
