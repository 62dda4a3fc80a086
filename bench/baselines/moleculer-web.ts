/** moleculer-web with one alias and nothing else switched on. */
import { ServiceBroker } from "moleculer";
import ApiGateway from "moleculer-web";
import { port, product } from "./answer.ts";

const broker = new ServiceBroker({ logger: false });
broker.createService({ name: "product", actions: { get: () => product } });
broker.createService({
  name: "api",
  mixins: [ApiGateway as never],
  settings: {
    port,
    ip: "127.0.0.1",
    routes: [{ path: "/api/v1", mappingPolicy: "restrict", aliases: { "GET /products/:id": "product.get" } }],
  },
});
await broker.start();
