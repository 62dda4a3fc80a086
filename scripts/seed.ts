/** `npm run seed`: the demo data, for a deployment that should have it; through its nodes when there are any. */
import { ServiceBroker } from "moleculer";
import { giveUp } from "./fault.ts";

async function seed(): Promise<void> {
  const [{ topology }, { default: config }, { seedDemo }] = await Promise.all([
    import("#core/topology.ts"),
    import("../moleculer.config.ts"),
    import("./demo/seed.ts"),
  ]);
  const broker = new ServiceBroker({ ...config, logLevel: "warn" } as never);
  if (!topology.isCluster)
    for (const name of ["user", "product"]) broker.loadService(`services/${name}/${name}.service.ts`);
  await broker.start();
  const accounts = await seedDemo(broker);
  await broker.stop();
  console.table(accounts);
  // A connection that was never made cannot be given up: NATS_SYSTEM_URL may be out of reach.
  process.exit();
}

seed().catch(giveUp);
