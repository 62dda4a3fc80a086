/** Which brokers stand by: they finish what they have and take nothing new, so that their process may end or be looked at. */
import type { ServiceBroker } from "moleculer";
import { perBroker } from "./per-broker.ts";

const stateOf = perBroker(() => ({ isStandby: false, isPreparing: false }));

/** True while the node of this broker takes no new work. */
export const isStandby = (broker: ServiceBroker): boolean => stateOf(broker).isStandby;

export function setStandby(broker: ServiceBroker, standby: boolean): void {
  stateOf(broker).isStandby = standby;
}

/** True while the node's services have started and what people are promised with them is not there yet. */
export const isPreparing = (broker: ServiceBroker): boolean => stateOf(broker).isPreparing;

export function setPreparing(broker: ServiceBroker, isGoingOn: boolean): void {
  stateOf(broker).isPreparing = isGoingOn;
}
