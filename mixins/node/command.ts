/** The broker of a command, which is a node without services that ends with its work. */
import { ServiceBroker } from "moleculer";
import { toldOnce } from "./fault.ts";

/** Read late: the settings are in the environment by then, also those of a local cluster that runs beside. */
export async function commandBroker(): Promise<ServiceBroker> {
  const { default: config } = await import("../../moleculer.config.ts");
  return new ServiceBroker(toldOnce({ ...config, logLevel: "warn" }));
}
