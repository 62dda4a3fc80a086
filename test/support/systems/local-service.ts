/** A service that runs in the spec's own process, for specs that look at what its mixins added. */
import type { Service, ServiceBroker } from "moleculer";

/** The running service, with the names that its mixins added. */
export const localService = <Names extends object>(broker: ServiceBroker, name: string): Service & Names =>
  broker.getLocalService({ name, version: 1 }) as Service & Names;
