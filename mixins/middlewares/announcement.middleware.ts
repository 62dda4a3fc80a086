/**
 * Makes the announcement of a node's services complete. Moleculer takes a second reference to an object for a cycle and
 * leaves it out. Schemas share parts (`Money`), and gateways on other nodes need all of them.
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
