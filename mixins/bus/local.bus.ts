/** The bus within one process: events go from the outbox's rows straight to the inboxes' rows. */
import type { Envelope } from "#core/envelope.ts";
import type { Bus, Receive, Subscription } from "./bus.ts";
import { perBroker } from "../node/per-broker.ts";

/** It needs no start and no end: an event that comes too early or too late is refused and stays in its outbox. */
const always: Subscription = { begin() {}, async end() {} };

class LocalBus implements Bus {
  /** Subscribers wait for their databases, up to two seconds per statement. */
  readonly patience = 5000;
  readonly #groups = new Map<string, { types: ReadonlySet<string>; receive: Receive }>();

  async prepare(): Promise<boolean> {
    return true;
  }

  async publish(events: readonly Envelope[]): Promise<null> {
    const deliveries = [...this.#groups.values()].map(({ types, receive }) => {
      const wanted = events.filter(({ type }) => types.has(type));
      return wanted.length > 0 ? receive(wanted) : Promise.resolve();
    });
    await Promise.all(deliveries);
    return null;
  }

  subscribe(group: string, types: readonly string[], receive: Receive): Subscription {
    this.#groups.set(group, { types: new Set(types), receive });
    return always;
  }
}

/** The bus that all services of this broker share. */
export const localBus = perBroker(() => new LocalBus());
