/** What `/readyz` checks, at the gateway as at every other node. */
import type { ServiceBroker } from "moleculer";
import { isWritable } from "../database/sqlite/disk.ts";
import { isLinked } from "../middlewares/link.middleware.ts";
import { isPreparing, isStandby } from "./standby.ts";

/** True while this node has started, reaches the others, can store, and neither stops nor drains. */
export const isReady = (broker: ServiceBroker): boolean =>
  (broker as unknown as { started: boolean }).started &&
  !isPreparing(broker) &&
  isLinked(broker) &&
  isWritable(broker) &&
  !isStandby(broker);
