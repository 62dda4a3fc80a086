/** Gateways stop first: they answer what they have taken before the services behind them close. */
import type { Middleware, Service } from "moleculer";

/** A service that people's requests come in by. */
interface Gateway extends Service {
  /** Takes no more requests; resolves when those that were taken are answered. */
  drain?(): Promise<void>;
}

export const drain: Middleware = {
  name: "Drain",
  stopping: async ({ services }) => {
    await Promise.all(services.map(async (service: Gateway) => service.drain?.()));
  },
};
