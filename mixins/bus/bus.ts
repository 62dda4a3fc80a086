/** The interface of a bus, which carries durable events from an outbox to the inboxes of all subscribers. */
import type { Envelope } from "#core/envelope.ts";

/**
 * Stores the events durably, or fails; the bus delivers them again until it succeeds. Events of one subject may arrive
 * out of order: across the nodes of a group, after a reconnection, and when they are replayed. No subscriber may rely
 * on their order.
 */
export type Receive = (events: readonly Envelope[]) => Promise<void>;

/** The part of one group that runs in one process. */
export interface Subscription {
  /** From now on the subscriber can store events. */
  begin(): void;
  /** Receives no more events. Resolves when the received ones are stored or given back to other nodes. */
  end(): Promise<void>;
}

/** The position up to which a bus has a service's events. When it decreases, the bus has lost events. */
export interface Position {
  /** The identity of the store. It changes when the store is created anew. */
  readonly store: string;
  readonly seq: number;
}

/** The knowledge of a publisher that a bus needs after it has lost events. */
export interface Publisher {
  /** The publishing service. */
  readonly source: string;
  /** The position of the bus after the last publish; null before the first one. */
  position(): Promise<Position | null>;
  /** Marks all kept events as not yet published. */
  repeat(): Promise<void>;
}

/**
 * How far one group has read one service's events, in the subscriber's database, for buses that do not keep it. One node
 * of the group reads at a time.
 */
export interface Cursor {
  /** The last event that the group has stored; null before the first one. */
  position(): Promise<Position | null>;
  /** Takes the turn for some seconds, and answers the position. Undefined while another node has the turn. */
  take(): Promise<Position | null | undefined>;
  /** @throws Error when another node has the turn */
  keep(): Promise<void>;
  /** Stores the position, and keeps the turn. @throws Error when another node has the turn */
  save(position: Position): Promise<void>;
  /** Ends the turn, if this node has it. */
  leave(): Promise<void>;
}

export interface Bus {
  /** Milliseconds that a publish may take. After that, its events count as not published, and are published again. */
  readonly patience: number;
  /**
   * Call it before publishing. It answers at once while all is well; while the bus is away it answers false and logs
   * that. A bus that has lost events asks the publisher to repeat all.
   */
  prepare(publisher: Publisher): Promise<boolean>;
  /**
   * Resolves when every event is safely stored, in the given order; fails when one of them may not be. All are of one
   * service.
   * @returns the position for the next `prepare`; null for a bus that cannot lose events
   */
  publish(events: readonly Envelope[]): Promise<Position | null>;
  /**
   * @param group the subscribing service. Each group handles every event once.
   * @param cursorOf the group's cursor among the events of a service
   */
  subscribe(
    group: string,
    types: readonly string[],
    receive: Receive,
    cursorOf: (source: string) => Cursor,
  ): Subscription;
}
