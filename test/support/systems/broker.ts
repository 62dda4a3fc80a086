/** A node for specs: everything is as in production, but it writes no log and is patient. */
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from "moleculer";
import { middleware } from "#mixins/middlewares/middleware.ts";
import config from "../../../moleculer.config.ts";
import { makeDatabases } from "./storage.ts";

/** Milliseconds that any call may take: how busy the machine is must not decide what a spec finds. */
const PATIENCE = 60_000;

/** Comes before the deadline, which then reads no shorter time from the contract. */
const patience = middleware(() => ({
  name: "Patience",
  localAction: (next, action: { timeout?: number }) => {
    // A spec's own action may have less than a second.
    if (action.timeout && action.timeout >= 1000) action.timeout = Math.max(action.timeout, PATIENCE);
    return next;
  },
}));

/** What breakers and deadlines do is proven by specs of their own, which ask for them. */
export const patient: Pick<BrokerOptions, "requestTimeout" | "circuitBreaker"> = {
  requestTimeout: PATIENCE,
  circuitBreaker: { ...config.circuitBreaker, minRequestCount: Number.MAX_SAFE_INTEGER },
};

/** Starts a node with these services; the spec stops it with `await broker.stop()`. */
export async function startBroker(
  services: readonly ServiceSchema[],
  { middlewares = config.middlewares, ...options }: BrokerOptions = {},
): Promise<ServiceBroker> {
  const broker = new ServiceBroker({
    ...config,
    ...patient,
    logger: false,
    skipProcessEventRegistration: true,
    middlewares: [patience(), ...middlewares],
    ...options,
  });
  for (const service of services) broker.createService(service);
  await makeDatabases(services.map(({ name }) => name));
  await broker.start();
  return broker;
}
