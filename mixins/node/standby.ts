/** Which brokers stand by: they finish what they have and take nothing new, so that their process may end or be looked at. */
import type { ServiceBroker } from "moleculer";

const standingBy = new WeakSet<ServiceBroker>();

/** True while the node of this broker takes no new work. */
export const isStandby = (broker: ServiceBroker): boolean => standingBy.has(broker);

export function setStandby(broker: ServiceBroker, standby: boolean): void {
  if (standby) standingBy.add(broker);
  else standingBy.delete(broker);
}

const preparing = new WeakSet<ServiceBroker>();

/** True while the node's services have started and what people are promised with them is not there yet. */
export const isPreparing = (broker: ServiceBroker): boolean => preparing.has(broker);

export function setPreparing(broker: ServiceBroker, isGoingOn: boolean): void {
  if (isGoingOn) preparing.add(broker);
  else preparing.delete(broker);
}
