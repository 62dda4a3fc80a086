/** What a kind of broker must be able to do. The durable bus does everything else, once for all kinds. */
import type { Envelope } from "#core/envelope.ts";
import type { Cursor, Position } from "./bus.ts";

/** A message in the hands of one node of a group. */
export interface Delivery {
  /** The number of the message in its store. */
  readonly seq: number;
  readonly type: string;
  /** Null for a message that is no event. */
  readonly event: Envelope | null;
}

/** What one node reads of a service's events for its group, until the connection or the node's turn ends. */
export interface Reading {
  /** The first event that the store still has. */
  readonly first: number;
  /** The first event that the group has not stored. */
  readonly next: number;
  /**
   * Takes up to `max` messages, in their order, as they come. Resolves after a second or two without any.
   * @throws Error when the reading is over
   */
  pull(max: number, take: (delivery: Delivery) => void): Promise<void>;
  /** The group has these: only a crash delivers them again. */
  stored(deliveries: readonly Delivery[]): Promise<void>;
  /** The group has not stored these: any of its nodes receives them again, `delay` milliseconds later at the earliest. */
  release(deliveries: readonly Delivery[], delay: number): void;
  /** Ends the present pull after everything that is on its way has arrived. */
  drain(): void;
  /** Ends the present pull at once. */
  stop(): void;
  /** The last call: nothing is in this node's hands any more, and another node may read. */
  leave(): Promise<void>;
}

/** A group's interest in one service's events. */
export interface Interest {
  readonly group: string;
  /** The publishing service. */
  readonly source: string;
  readonly cursor: Cursor;
}

export interface Driver {
  /** Milliseconds that a `send` may take. */
  readonly patience: number;
  readonly isUp: boolean;
  /** False where another program makes the stores. */
  readonly makesStores: boolean;
  /**
   * Calls the listener for each new connection, because the broker may have lost something meanwhile.
   * @returns a function that removes the listener
   */
  onConnect(listener: () => void): () => void;
  /** The last event in the store of a service; null when there is no store. */
  look(source: string): Promise<Position | null>;
  /**
   * Makes the store unless it exists, and limits it as the settings say.
   * @returns the identity of the store
   */
  make(source: string): Promise<string>;
  /**
   * Gives a store that lost its last events another identity, where readers could not notice the loss by themselves.
   * @param store the identity of the store that lost them
   */
  renew?(source: string, store: string): Promise<void>;
  /**
   * Resolves when every event is safely stored in an existing store, in the given order. All are of one service.
   * @returns the number of the last one
   * @throws Error that says why one of them may not be stored
   */
  send(source: string, events: readonly Envelope[]): Promise<number>;
  /** Begins to read; null while there is nothing to read, or another node of the group reads. */
  read(interest: Interest): Promise<Reading | null>;
  /** How many events the group was not given yet, and how many it was given and has not stored. */
  lag(interest: Interest): Promise<readonly [pending: number, unacknowledged: number]>;
  /** Resolves when everything was sent, or after a moment. */
  flush(): Promise<void>;
}
