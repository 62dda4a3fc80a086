/** The bus that a node's topology names. No other file knows which kinds of buses exist. */
import type { ServiceBroker } from "moleculer";
import { topology } from "../node/topology.ts";
import type { Bus } from "./bus.ts";
import { localBus } from "./local.bus.ts";
import { natsBus } from "./nats/nats.bus.ts";

export const busOf = (broker: ServiceBroker): Bus =>
  topology.bus === "nats" ? natsBus(broker, topology.busUrl!) : localBus(broker);
