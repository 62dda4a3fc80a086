/** How durable events travel from an outbox to the inboxes of all who subscribed. */
import type { Envelope } from "#core/envelope.ts";

/**
 * Stores the events durably, or fails; the bus delivers again until it succeeds. Events of one subject may come out of
 * order: across nodes of a group, after a new connection, and when they are told again. Nobody may rely on it.
 */
export type Receive = (events: readonly Envelope[]) => Promise<void>;

/** One group's share in one process. */
export interface Subscription {
  /** The subscriber can store events from now on. */
  begin(): void;
  /** Takes no more; resolves when what was taken is stored, or is free for other nodes. */
  end(): Promise<void>;
}

/** How far a bus has stored a service's events, as the bus counts: what was there must be there the next time. */
export interface Position {
  /** Names one life of the store: another, when it was made anew. */
  readonly store: string;
  readonly seq: number;
}

/** What a publisher knows, and what a bus that lost events needs of it. */
export interface Publisher {
  /** The publishing service. */
  readonly source: string;
  /** Where the bus was when it last took something; null when it never did. */
  position(): Promise<Position | null>;
  /** Marks everything kept as not yet published. */
  repeat(): Promise<void>;
}

export interface Bus {
  /** Milliseconds that a publish is given: after that the events count as not published, and are published again. */
  readonly patience: number;
  /**
   * Call it before publishing; it answers at once while all is well, and false while the bus is away, which it tells
   * itself. A bus that lost events that it had asks the publisher to repeat all.
   */
  prepare(publisher: Publisher): Promise<boolean>;
  /**
   * Resolves when every event is safe, in the order given; fails when one of them may not be. All are of one service.
   * @returns what to keep for the next `prepare`; null where nothing can be lost
   */
  publish(events: readonly Envelope[]): Promise<Position | null>;
  /** @param group the subscribing service: each group gets every event once in effect */
  subscribe(group: string, types: readonly string[], receive: Receive): Subscription;
}
