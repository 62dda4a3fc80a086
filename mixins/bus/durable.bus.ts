/**
 * The bus over a broker that keeps events: a store for each publishing service, from which each group reads at its own
 * pace. The databases hold the original data: a store that lost events is filled again from the outbox.
 */
import type { ServiceBroker } from "moleculer";
import type { Envelope } from "#core/envelope.ts";
import type { Bus, Cursor, Position, Publisher, Receive, Subscription } from "./bus.ts";
import { Consumer } from "./consumer.ts";
import type { Driver } from "./driver.ts";

/** Milliseconds after which a store is looked at again. */
const RECHECK = 30_000;

interface Known {
  /** The identity of the store. */
  readonly store: string;
  checkedAt: number;
}

export class DurableBus implements Bus {
  readonly patience: number;
  readonly #broker: ServiceBroker;
  readonly #driver: Driver;
  readonly #stores = new Map<string, Known>();
  #isWaiting = false;

  constructor(broker: ServiceBroker, driver: Driver) {
    this.patience = driver.patience;
    this.#broker = broker;
    this.#driver = driver;
    driver.onConnect(() => this.#doubt());
  }

  async prepare(publisher: Publisher): Promise<boolean> {
    const driver = this.#driver;
    if (!driver.isUp) return false;
    const { source } = publisher;
    const began = performance.now();
    const known = this.#stores.get(source);
    if (known && began - known.checkedAt < RECHECK) return true;
    // The position is read before the store, because another node may publish in between, and the store must not seem
    // to have lost that.
    const position = await publisher.position();
    const found = await driver.look(source);
    if (!found && !driver.makesStores) return this.#wait(source);
    this.#isWaiting = false;
    if (hasLost(found, position)) await this.#repeat(publisher, found, position);
    const store = found && !driver.makesStores ? found.store : await driver.make(source);
    if (found && store !== found.store && !isShorter(found, position))
      throw new Error(`The bus made its store of ${source} anew at this moment.`);
    this.#stores.set(source, { store, checkedAt: began });
    return true;
  }

  /** Events are repeated before a store exists, so that a crash in between starts again. */
  async #repeat(publisher: Publisher, found: Position | null, position: Position | null): Promise<void> {
    const { source } = publisher;
    if (position) this.#broker.logger.warn(`The bus lost events of ${source}: publishing all again.`);
    if (isShorter(found, position)) await this.#driver.renew?.(source, found!.store);
    await publisher.repeat();
  }

  /** Another program makes the store, and the events wait in their outbox until then. */
  #wait(source: string): false {
    if (!this.#isWaiting)
      this.#broker.logger.warn(`The bus has no stream of ${source} yet: \`npm run streams\` makes it.`);
    this.#isWaiting = true;
    return false;
  }

  async publish(events: readonly Envelope[]): Promise<Position> {
    if (!this.#driver.isUp) throw new Error("The bus is away.");
    const { source } = events[0]!;
    try {
      const seq = await this.#driver.send(source, events);
      return { store: this.#stores.get(source)!.store, seq };
    } catch (error) {
      this.#doubt(source);
      const { message } = error as Error;
      throw new Error(`The bus has not taken events of ${source}: ${message}.`, { cause: error });
    }
  }

  subscribe(
    group: string,
    types: readonly string[],
    receive: Receive,
    cursorOf: (source: string) => Cursor,
  ): Subscription {
    const sources = Map.groupBy(types, (type) => type.slice(0, type.indexOf(".")));
    const consumers = [...sources].map(
      ([source, own]) =>
        new Consumer(this.#broker, this.#driver, {
          interest: { group: group.replaceAll(".", "-"), source, cursor: cursorOf(source) },
          types: own,
          receive,
        }),
    );
    return {
      begin: () => consumers.forEach((consumer) => consumer.begin()),
      end: async () => {
        await Promise.all(consumers.map((consumer) => consumer.end()));
        await this.#driver.flush();
      },
    };
  }

  /** Looks at the store again before the next event; at all stores when none is named. */
  #doubt(source?: string): void {
    for (const [name, known] of this.#stores) if (!source || name === source) known.checkedAt = -Infinity;
  }
}

/** True when the same store ends before the position: servers lose power too. */
const isShorter = (found: Position | null, position: Position | null): boolean =>
  found !== null && position !== null && found.store === position.store && found.seq < position.seq;

/** True when the store is missing, is another one, or ends before the position. */
const hasLost = (found: Position | null, position: Position | null): boolean =>
  !found || (position !== null && found.store !== position.store) || isShorter(found, position);
