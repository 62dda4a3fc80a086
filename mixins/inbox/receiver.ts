/** Receives events for one service. Each is handled once, or kept until it can be handled. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Envelope } from "#core/envelope.ts";
import type { Subscriptions } from "#core/implement.ts";
import type { Bus, Subscription } from "../bus/bus.ts";
import { observe } from "../bus/figures.ts";
import type { Database, Transaction } from "../database/database.ts";
import { Queue } from "../queue/queue.ts";
import { Worker } from "../queue/worker.ts";
import { ATTEMPTS, backOff, type DeadLetter, type Inbox, toDeadLetter } from "./dead-letters.ts";
import * as letters from "./letters.ts";
import type { InboxRow, InboxTable, NewRow } from "./letters.ts";
import { InboxCursor } from "./positions.ts";

type Tx = Transaction<InboxTable>;

/**
 * Milliseconds for which handled events stay known. An outbox publishes events up to seven days old again, and a stream
 * keeps them for seven days more.
 */
const KEEP = 15 * 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;
const SWEPT = 1000;
/** The most events that are retried at once. */
const RETRIED = 100;

interface Host extends Service {
  readonly db: Database<InboxTable>;
}

export class Receiver implements Inbox {
  readonly #service: Host;
  readonly #handlers: Record<string, (event: Envelope<never>, tx: unknown) => unknown>;
  readonly #isWanted: ((type: string) => Promise<boolean>) | undefined;
  readonly #retries: Queue<InboxRow>;
  readonly #sweep: Worker;
  #subscription: Subscription | undefined;
  #stopObserving = () => {};
  #isRunning = false;

  constructor(service: Host, handlers: Subscriptions, isWanted?: (type: string) => Promise<boolean>) {
    this.#service = service;
    this.#isWanted = isWanted;
    this.#handlers = handlers as never;
    this.#retries = new Queue(service, {
      next: () => service.db.one(letters.nextDue, {}),
      // Two nodes may list the same event, but only one of them completes it.
      claim: (limit) => service.db.all(letters.listDue, { now: now(), limit }),
      work: (row) => this.#retry(row),
      limit: RETRIED,
    });
    this.#sweep = new Worker(service.logger, () => this.#removeOld(), { idle: HOUR });
  }

  subscribe(bus: Bus): void {
    const cursorOf = (source: string) => new InboxCursor(this.#service, source);
    this.#subscription = bus.subscribe(this.#service.fullName, Object.keys(this.#handlers), this.receive, cursorOf);
  }

  async start(): Promise<void> {
    const { broker, name } = this.#service;
    this.#isRunning = true;
    this.#sweep.wake();
    this.#stopObserving = observe(
      broker,
      `service="${name}"`,
      ["madang_inbox_waiting_events", "madang_inbox_dead_letters"],
      () => this.#unfinished(),
    );
    this.#subscription?.begin();
    await this.#retries.start();
  }

  async stop(): Promise<void> {
    this.#stopObserving();
    await this.#subscription?.end();
    this.#isRunning = false;
    await Promise.all([this.#retries.stop(), this.#sweep.stop()]);
  }

  /** Resolves when each event is handled, or stored for later. */
  receive = async (events: readonly Envelope[]): Promise<void> => {
    if (!this.#isRunning) throw new Error(`${this.#service.fullName} is not running.`);
    const wanted = await this.#wantedAmong(events);
    if (await this.#receiveTogether(wanted)) return;
    await Promise.all(linesOf(wanted).map((line) => this.#receiveInOrder(line)));
  };

  async #wantedAmong(events: readonly Envelope[]): Promise<readonly Envelope[]> {
    const isWanted = this.#isWanted;
    if (!isWanted) return events;
    const types = [...new Set(events.map(({ type }) => type))];
    const answers = await Promise.all(types.map((type) => isWanted(type)));
    const wanted = new Set(types.filter((_, index) => answers[index]));
    return events.filter(({ type }) => wanted.has(type));
  }

  /**
   * Handles several events in one transaction, because on PostgreSQL a transaction costs more than its statements.
   * (SQLite shares commits by itself.) Answers false, without any change, when one of the events fails or has to wait;
   * then each needs a transaction of its own.
   */
  async #receiveTogether(events: readonly Envelope[]): Promise<boolean> {
    const { db } = this.#service;
    if (db.dialect === "sqlite" || events.length < 2) return false;
    try {
      await db.write(async (tx) => {
        const subjects = [...new Set(events.map(({ subject }) => subject))];
        const [{ rows }, ...inserted] = await tx.ask(
          letters.waitingAmong.with({ subjects }),
          ...events.map((event) => letters.insert.with(received(event))),
        );
        if (rows.length > 0) throw new Error(`earlier events of ${rows[0]!.subject} still wait`);
        const fresh = events.filter((_, index) => inserted[index]!.changed > 0);
        await Promise.all(linesOf(fresh).map((line) => this.#handleInOrder(line, tx)));
      });
      return true;
    } catch (error) {
      this.#service.logger.debug(`Events are received one by one: ${(error as Error).message}`);
      return false;
    }
  }

  async #handleInOrder(line: readonly Envelope[], tx: Tx): Promise<void> {
    for (const event of line) await this.#handle(event, tx);
  }

  async #receiveInOrder(line: readonly Envelope[]): Promise<void> {
    for (const event of line) await this.#receiveOne(event);
  }

  async #receiveOne(event: Envelope): Promise<void> {
    const { db, logger } = this.#service;
    try {
      await db.write(async (tx) => {
        if (await tx.run(letters.insertNext, received(event))) await this.#handle(event, tx);
        // It is known, or it waits behind an earlier one, which may have been handled meanwhile.
        else tx.add({ ...letters.insert.with(waiting(event)), afterCommit: () => this.#retries.wake() });
      });
    } catch (error) {
      const { message } = error as Error;
      const next_at = now() + backOff(1);
      await db.run(letters.insert, { ...waiting(event), attempts: 1, next_at, error: message });
      this.#retries.wake(next_at);
      logger.warn(`${event.type} ${event.id} failed: ${message}`);
    }
  }

  async #handle(event: Envelope, tx: Tx): Promise<void> {
    await this.#handlers[event.type]?.call(this.#service, event as Envelope<never>, tx);
  }

  async #retry(row: InboxRow): Promise<void> {
    const event = JSON.parse(row.envelope!) as Envelope;
    try {
      await this.#service.db.write(async (tx) => {
        if (await tx.run(letters.finish, { id: row.id })) await this.#handle(event, tx);
      });
    } catch (error) {
      const attempts = row.attempts + 1;
      const state = attempts >= ATTEMPTS ? "dead" : "waiting";
      const { message } = error as Error;
      const next_at = now() + backOff(attempts);
      await this.#service.db.run(letters.postpone, { id: row.id, state, attempts, next_at, error: message });
      if (state === "dead") this.#service.logger.error(`${event.type} ${event.id} is now a dead letter: ${message}`);
    }
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const rows = await this.#service.db.all(letters.listDead, { after: 0, limit });
    return rows.map(toDeadLetter);
  }

  async replay(id: string): Promise<boolean> {
    const revived = await this.#service.db.run(letters.revive, { id, next_at: now() });
    this.#retries.wake();
    return revived > 0;
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#service.db.run(letters.giveUp, { id })) > 0;
  }

  async #unfinished(): Promise<readonly number[]> {
    const states = await this.#service.db.all(letters.countUnfinished, {});
    return ["waiting", "dead"].map((state) => states.find((one) => one.state === state)?.count ?? 0);
  }

  async #removeOld(): Promise<boolean> {
    return (await this.#service.db.run(letters.removeOld, { before: now() - KEEP, limit: SWEPT })) === SWEPT;
  }
}

/** Events of one subject are handled one after another. */
const linesOf = (events: readonly Envelope[]): Envelope[][] => [
  ...Map.groupBy(events, ({ subject }) => subject).values(),
];

const received = ({ id, subject }: Envelope): NewRow => ({
  id,
  subject,
  state: "done",
  attempts: 0,
  next_at: now(),
  received_at: now(),
  error: null,
  envelope: null,
});

const waiting = (event: Envelope): NewRow => ({
  ...received(event),
  state: "waiting",
  envelope: JSON.stringify(event),
});
