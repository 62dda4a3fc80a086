/** `npm run seed`: the demo data, for a deployment that should have it. */
import { ServiceBroker } from "moleculer";
import config from "../moleculer.config.ts";
import { seedDemo } from "./demo/seed.ts";

const broker = new ServiceBroker({ ...config, logLevel: "warn" });
for (const name of ["user", "product"]) broker.loadService(`services/${name}/${name}.service.ts`);
await broker.start();
const accounts = await seedDemo(broker);
await broker.stop();
console.table(accounts);
