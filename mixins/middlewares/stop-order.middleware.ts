/** Gateways stop first, so that they answer their accepted requests before the services behind them stop. */
import type { Service } from "moleculer";
import { middleware } from "./middleware.ts";

/** A service that accepts people's requests. */
interface Gateway extends Service {
  /** Accepts no more requests; resolves when the accepted ones are answered. */
  drain?(): Promise<void>;
}

export const stopOrder = middleware((broker) => ({
  name: "StopOrder",
  stopping: async () => {
    await Promise.all(broker.services.map(async (service: Gateway) => service.drain?.()));
  },
}));
