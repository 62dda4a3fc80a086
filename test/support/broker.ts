/** A node for specs: everything is as in production, but it writes no log. */
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import config from "../../moleculer.config.ts";
import { makeDatabases } from "./storage.ts";

/** Starts a node with these services; the spec stops it with `await broker.stop()`. */
export async function startBroker(
  services: readonly ServiceSchema[],
  options: BrokerOptions = {},
): Promise<ServiceBroker> {
  const broker = new ServiceBroker({ ...config, logger: false, skipProcessEventRegistration: true, ...options });
  for (const service of services) broker.createService(service);
  await makeDatabases(services.map(({ name }) => name));
  await broker.start();
  return broker;
}
