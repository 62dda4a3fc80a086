/** Whether anybody answers an action now, for who would rather not begin what cannot go on. */
import type { ServiceBroker } from "moleculer";
import type { ActionName } from "./contract.ts";
import { sharedError } from "./errors.ts";

interface EndpointList {
  hasAvailable(): boolean;
}

/**
 * @param name of an action of version 1
 * @throws SERVICE_UNAVAILABLE when no node runs the action, or the breakers of all of them are open
 */
export function requireReachable({ registry }: ServiceBroker, name: ActionName): void {
  const endpoints = registry.getActionEndpoints(`v1.${name}`) as unknown as EndpointList | undefined;
  if (!endpoints?.hasAvailable()) throw sharedError("SERVICE_UNAVAILABLE", { retryAfter: 2 });
}
