/**
 * What a node announces of its services is whole. Moleculer takes an object that it meets a second time for a circle and
 * leaves it out; schemas share theirs (`Money`), and gateways elsewhere read them.
 */
import { middleware } from "./middleware.ts";

interface Catalog {
  getLocalNodeServices(): unknown;
}

export const announcement = middleware((broker) => ({
  name: "Announcement",
  created: () => {
    const catalog = broker.registry.services as unknown as Catalog;
    const list = catalog.getLocalNodeServices.bind(catalog);
    catalog.getLocalNodeServices = () => JSON.parse(JSON.stringify(list()));
  },
}));
