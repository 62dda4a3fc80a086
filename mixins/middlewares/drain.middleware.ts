/** Gateways stop first: they answer what they have taken before the services behind them close. */
import type { Service } from "moleculer";
import { middleware } from "./middleware.ts";

/** A service that people's requests come in by. */
interface Gateway extends Service {
  /** Takes no more requests; resolves when those that were taken are answered. */
  drain?(): Promise<void>;
}

export const drain = middleware((broker) => ({
  name: "Drain",
  stopping: async () => {
    await Promise.all(broker.services.map(async (service: Gateway) => service.drain?.()));
  },
}));
