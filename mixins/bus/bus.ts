/** How durable events travel from an outbox to the inboxes of all who subscribed. */
import type { Envelope } from "#core/envelope.ts";

/** Stores the events durably, or fails; the bus delivers again until it succeeds. */
export type Receive = (events: readonly Envelope[]) => Promise<void>;

/** One group's share in one process. */
export interface Subscription {
  /** The subscriber can store events from now on. */
  begin(): void;
  /** Takes no more; resolves when what was taken is stored, or is free for other nodes. */
  end(): Promise<void>;
}

export interface Bus {
  /**
   * Call it before publishing; it answers at once while all is well, and false while the bus is away, which it tells itself.
   * @param source the publishing service
   * @param repeat marks everything kept as not yet published; called when the bus lost events that it had
   */
  prepare(source: string, repeat: () => Promise<void>): Promise<boolean>;
  /** Resolves when every event is safe, in the order given; fails when one of them may not be. All are of one service. */
  publish(events: readonly Envelope[]): Promise<void>;
  /** @param group the subscribing service: each group gets every event once in effect */
  subscribe(group: string, types: readonly string[], receive: Receive): Subscription;
}
