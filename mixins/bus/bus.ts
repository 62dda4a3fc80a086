/** How durable events travel from an outbox to the inboxes of all who subscribed. */
import type { Envelope } from "#core/envelope.ts";

/** Stores the events durably, or fails; the bus delivers again until it succeeds. */
export type Receive = (events: readonly Envelope[]) => Promise<void>;

export interface Bus {
  /** Resolves when every event is safe with all of its subscribers, in the order given. */
  publish(events: readonly Envelope[]): Promise<void>;
  /** @param group the subscribing service: each group gets every event once in effect */
  subscribe(group: string, types: readonly string[], receive: Receive): void;
}
