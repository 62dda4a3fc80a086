/** Checks whether any node can answer an action now, for work whose next step needs it. */
import { Errors, type ServiceBroker } from "moleculer";
import type { ActionName } from "#core/contract.ts";

interface EndpointList {
  hasAvailable(): boolean;
}

/**
 * @param name of an action of version 1
 * @throws SERVICE_NOT_AVAILABLE when no node runs the action, or the breakers of all that do are open
 */
export function requireReachable({ registry }: ServiceBroker, name: ActionName): void {
  const action = `v1.${name}`;
  const endpoints = registry.getActionEndpoints(action) as unknown as EndpointList | undefined;
  if (!endpoints?.hasAvailable()) throw new Errors.ServiceNotAvailableError({ action });
}
