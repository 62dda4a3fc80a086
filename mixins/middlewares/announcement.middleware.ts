/**
 * What a node announces of its services is whole. Moleculer takes an object that it meets a second time for a circle and
 * leaves it out; schemas share theirs (`Money`), and gateways elsewhere read them.
 */
import type { Middleware, ServiceBroker } from "moleculer";

interface Catalog {
  getLocalNodeServices(): unknown;
}

export const announcement = (broker: ServiceBroker): Middleware => ({
  name: "Announcement",
  created: () => {
    const catalog = broker.registry.services as unknown as Catalog;
    const list = catalog.getLocalNodeServices.bind(catalog);
    catalog.getLocalNodeServices = () => JSON.parse(JSON.stringify(list()));
  },
});
