/** Reads one service's events for one group, and stores them in order. The nodes of the group share the work. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ServiceBroker } from "moleculer";
import type { Envelope } from "#core/envelope.ts";
import { isStandby } from "../node/standby.ts";
import { Worker } from "../queue/worker.ts";
import type { Receive } from "./bus.ts";
import type { Delivery, Driver, Interest, Reading } from "./driver.ts";
import { observe } from "./figures.ts";

/** Milliseconds that a node keeps events that it cannot store, before it gives them back. */
const HOLD = 5000;
/** Milliseconds until events that were given back are delivered again. */
const GIVEN_BACK = 1000;
/** The same when this node leaves. The broker must first notice that the node pulls no more. */
const LEFT_BEHIND = 100;
/** The most events that a node holds, and that one pull asks for. */
const BATCH = 200;
/** Milliseconds that one pull lasts, and some more. */
const PULL = 2250;
/** Milliseconds until something to read is looked for again. */
const PAUSE = 250;

interface Held {
  readonly delivery: Delivery;
  /** Null for what nobody here wants, or what is no event. */
  readonly event: Envelope | null;
  readonly since: number;
}

interface Options {
  readonly interest: Interest;
  readonly types: readonly string[];
  readonly receive: Receive;
}

export class Consumer {
  readonly #broker: ServiceBroker;
  readonly #driver: Driver;
  readonly #interest: Interest;
  readonly #types: ReadonlySet<string>;
  readonly #receive: Receive;
  readonly #worker: Worker;
  readonly #ending = new AbortController();
  #held: Held[] = [];
  /** Resolves when this node holds no event. */
  #stored = Promise.withResolvers<void>();
  #isFailing = false;
  #missed = 0;
  /** The first event of the store at the time when earlier ones were missed, so that each loss is logged once. */
  #missedBefore = 0;
  #reading: Reading | null = null;
  #running: Promise<void> | null = null;
  #stopObserving = () => {};

  constructor(broker: ServiceBroker, driver: Driver, { interest, types, receive }: Options) {
    this.#broker = broker;
    this.#driver = driver;
    this.#interest = interest;
    this.#types = new Set(types);
    this.#receive = receive;
    this.#worker = new Worker(broker.logger, () => this.#store(), { idle: 60_000, backOff: [50, 1000] });
  }

  begin(): void {
    this.#running ??= this.#run();
    const { group, source } = this.#interest;
    this.#stopObserving = observe(
      this.#broker,
      `group="${group}",source="${source}"`,
      ["madang_bus_pending_events", "madang_bus_unacknowledged_events", "madang_bus_missed_events"],
      async () => [...(await this.#driver.lag(this.#interest)), this.#missed],
    );
  }

  async end(): Promise<void> {
    this.#ending.abort();
    this.#stopObserving();
    this.#reading?.drain();
    // While the broker is frozen, no message ends a pull, so the wait is limited.
    await Promise.race([this.#running, sleep(PULL, undefined, { ref: false })]);
    this.#reading?.stop();
    await this.#worker.stop();
    this.#giveBack(LEFT_BEHIND);
    await this.#running;
  }

  async #run(): Promise<void> {
    const stopListening = this.#driver.onConnect(() => this.#reading?.stop());
    while (!this.#ending.signal.aborted) {
      // A node on standby leaves events to the other nodes of its group.
      const reading = isStandby(this.#broker) ? null : await this.#open();
      if (reading) await this.#pull(reading);
      else await sleep(PAUSE, undefined, { signal: this.#ending.signal }).catch(() => {});
    }
    stopListening();
  }

  /** Null while the bus is away, there is nothing to read yet, or another node reads. */
  async #open(): Promise<Reading | null> {
    const { group, source } = this.#interest;
    try {
      const reading = await this.#driver.read(this.#interest);
      if (reading) this.#notice(reading);
      return reading;
    } catch (error) {
      this.#broker.logger.debug(`${group} cannot read ${source}: ${(error as Error).message}`);
      return null;
    }
  }

  /** A full store drops its oldest events. Those that this group has not stored by then are not delivered any more. */
  #notice({ first, next }: Reading): void {
    const missed = first - Math.max(next, this.#missedBefore);
    if (missed <= 0) return;
    this.#missed += missed;
    this.#missedBefore = first;
    const { group, source } = this.#interest;
    this.#broker.logger.warn(
      `${group} missed up to ${missed} events of ${source}: they left the bus (BUS_MAX_BYTES) before it had them. ` +
        `Tell them again: \`replay ${source} --since <when ${group} was last there>\` in the shell.`,
    );
  }

  /**
   * Pulls until the reading is over. It never pulls more than this node stores at once, because the rest would be
   * withheld from other nodes.
   */
  async #pull(reading: Reading): Promise<void> {
    this.#reading = reading;
    try {
      const isOver = () => this.#ending.signal.aborted || isStandby(this.#broker);
      while (!isOver()) {
        await reading.pull(this.#isFailing ? 1 : BATCH, (delivery) => this.#take(delivery));
        if (this.#held.length > 0) await this.#stored.promise;
      }
    } catch (error) {
      const { group, source } = this.#interest;
      this.#broker.logger.debug(`${group} looks for ${source} again: ${(error as Error).message}`);
    }
    // Another reading may only begin behind what this one has taken.
    if (this.#held.length > 0) await this.#stored.promise;
    this.#reading = null;
    await reading.leave();
  }

  #take(delivery: Delivery): void {
    const { seq, type } = delivery;
    const { source } = this.#interest;
    const isWanted = this.#types.has(type);
    const event = isWanted && isEvent(delivery, source) ? delivery.event : null;
    if (isWanted && !event)
      this.#broker.logger.error(`Event ${seq} on the bus of ${source} is no ${type} of it; it is passed over.`);
    this.#held.push({ delivery, event, since: performance.now() });
    this.#worker.wake();
  }

  /**
   * Retries what cannot be stored before anything later, which keeps the order. After a while, other nodes receive it.
   */
  async #store(): Promise<boolean> {
    const batch = this.#held.slice();
    if (batch.length === 0) return false;
    try {
      const events = batch.flatMap(({ event }) => event ?? []);
      if (events.length > 0) await this.#receive(events);
    } catch (error) {
      this.#isFailing = true;
      if (performance.now() - batch[0]!.since > HOLD) this.#giveBack(GIVEN_BACK);
      throw error;
    }
    this.#isFailing = false;
    this.#held.splice(0, batch.length);
    try {
      await this.#reading?.stored(batch.map(({ delivery }) => delivery));
    } finally {
      this.#settle();
    }
    return this.#held.length > 0;
  }

  /** @param delay milliseconds until they are delivered again */
  #giveBack(delay: number): void {
    const given = this.#held.splice(0).map(({ delivery }) => delivery);
    if (given.length > 0) this.#reading?.release(given, delay);
    this.#settle();
  }

  #settle(): void {
    if (this.#held.length > 0) return;
    this.#stored.resolve();
    this.#stored = Promise.withResolvers<void>();
  }
}

/** A broker may let only the service itself publish under a type, so the event must name the same service and type. */
const isEvent = ({ type, event }: Delivery, source: string): boolean =>
  event !== null && event.type === type && event.source === source;
