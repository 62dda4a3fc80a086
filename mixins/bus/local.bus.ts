/** The bus of one process: outbox row to inbox row, with nothing between that could lose it. */
import type { Envelope } from "#core/envelope.ts";
import type { Bus, Receive, Subscription } from "./bus.ts";
import { perBroker } from "../node/per-broker.ts";

/** Subscribed for good: an event that comes before or after its time is refused, and waits in its outbox. */
const always: Subscription = { begin() {}, async end() {} };

class LocalBus implements Bus {
  /** Subscribers wait for their databases, each statement for two seconds. */
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
export const localBus = perBroker((): Bus => new LocalBus());
