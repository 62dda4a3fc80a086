/** Which brokers are on standby: they finish what they have, so that their process can end or be inspected. */
import type { ServiceBroker } from "moleculer";
import { perBroker } from "./per-broker.ts";

const stateOf = perBroker(() => ({ isStandby: false, isPreparing: false }));

/** True while the node of this broker accepts no new work. */
export const isStandby = (broker: ServiceBroker): boolean => stateOf(broker).isStandby;

export function setStandby(broker: ServiceBroker, standby: boolean): void {
  stateOf(broker).isStandby = standby;
}

/** True while the node's services have started but the node cannot keep its promises yet. */
export const isPreparing = (broker: ServiceBroker): boolean => stateOf(broker).isPreparing;

export function setPreparing(broker: ServiceBroker, isGoingOn: boolean): void {
  stateOf(broker).isPreparing = isGoingOn;
}
