/** Receives events for one service: each is handled once, or kept until it can be. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Envelope } from "#core/envelope.ts";
import type { Subscriptions } from "#core/implement.ts";
import type { Database, Transaction } from "../database/database.ts";
import { Worker } from "../worker.ts";
import * as letters from "./letters.ts";
import type { InboxRow, InboxTable } from "./letters.ts";

type Tx = Transaction<InboxTable>;

export interface DeadLetter {
  readonly event: Envelope;
  readonly attempts: number;
  readonly error: string;
}

export interface Inbox {
  deadLetters(limit: number): Promise<readonly DeadLetter[]>;
  /** Tries a dead letter again; false when there is none with this id. */
  replay(id: string): Promise<boolean>;
  /** Gives a dead letter up for good; false when there is none with this id. */
  discard(id: string): Promise<boolean>;
}

const ATTEMPTS = 8;
const backOff = (attempts: number): number => Math.min(100 * 2 ** attempts, 60_000);

interface Host extends Service {
  readonly db: Database<InboxTable>;
}

export class Receiver implements Inbox {
  readonly #service: Host;
  readonly #handlers: Record<string, (event: Envelope<never>, tx: unknown) => unknown>;
  readonly #worker: Worker;
  #stopped = false;
  /** Events that failed before: only when there are any must order be looked after. */
  #waiting = 0;

  constructor(service: Host, handlers: Subscriptions) {
    this.#service = service;
    this.#handlers = handlers as never;
    this.#worker = new Worker(service.logger, () => this.#retry(), { idle: 250 });
  }

  async start(): Promise<void> {
    this.#waiting = (await this.#service.db.one(letters.countWaiting, {}))?.n ?? 0;
    this.#worker.wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker.stop();
  }

  /** Resolves when each event is either handled or stored to be handled later. */
  receive = async (events: readonly Envelope[]): Promise<void> => {
    if (this.#stopped) throw new Error(`${this.#service.fullName} has stopped.`);
    await Promise.all(events.map((event) => this.#receiveOne(event)));
  };

  async #receiveOne(event: Envelope): Promise<void> {
    const { db } = this.#service;
    let failure: Error | null = null;
    if (this.#waiting === 0) {
      try {
        await db.write(async (tx) => {
          if (await tx.run(letters.insert, received(event, { state: "done" }))) await this.#handle(event, tx);
        });
        return;
      } catch (error) {
        failure = error as Error;
      }
    }
    await db.write(async (tx) => {
      const behind = await tx.one(letters.waitingFor, { subject: event.subject });
      if (!failure && !behind) {
        if (await tx.run(letters.insert, received(event, { state: "done" }))) await this.#handle(event, tx);
        return;
      }
      this.#waiting += await tx.run(
        letters.insert,
        received(event, {
          state: "waiting",
          attempts: failure ? 1 : 0,
          error: failure?.message ?? null,
          envelope: JSON.stringify(event),
        }),
      );
    });
    if (failure) this.#service.logger.warn(`${event.type} ${event.id} failed: ${failure.message}`);
  }

  async #handle(event: Envelope, tx: Tx): Promise<void> {
    await this.#handlers[event.type]?.call(this.#service, event as Envelope<never>, tx);
  }

  /** In order, and per subject only the first that fails. */
  async #retry(): Promise<boolean> {
    if (this.#waiting === 0) return false;
    const rows = await this.#service.db.all(letters.listWaiting, { limit: 100 });
    const blocked = new Set<string>();
    for (const row of rows) {
      if (blocked.has(row.subject)) continue;
      if (row.next_at > now() || !(await this.#retryOne(row))) blocked.add(row.subject);
    }
    this.#waiting = (await this.#service.db.one(letters.countWaiting, {}))?.n ?? 0;
    return false;
  }

  async #retryOne(row: InboxRow): Promise<boolean> {
    const event = JSON.parse(row.envelope!) as Envelope;
    try {
      await this.#service.db.write(async (tx) => {
        if (await tx.run(letters.finish, { id: row.id })) await this.#handle(event, tx);
      });
      return true;
    } catch (error) {
      const attempts = row.attempts + 1;
      const state = attempts >= ATTEMPTS ? "dead" : "waiting";
      const { message } = error as Error;
      await this.#service.db.write((tx) =>
        tx.run(letters.postpone, { id: row.id, state, attempts, next_at: now() + backOff(attempts), error: message }),
      );
      if (state === "dead") this.#service.logger.error(`${event.type} ${event.id} is now a dead letter: ${message}`);
      return state === "dead";
    }
  }

  async deadLetters(limit: number): Promise<readonly DeadLetter[]> {
    const rows = await this.#service.db.all(letters.listDead, { limit });
    return rows.map(({ envelope, attempts, error }) => ({
      event: JSON.parse(envelope!) as Envelope,
      attempts,
      error: error ?? "",
    }));
  }

  async replay(id: string): Promise<boolean> {
    const revived = await this.#service.db.write((tx) => tx.run(letters.revive, { id, next_at: now() }));
    this.#waiting += revived;
    this.#worker.wake();
    return revived > 0;
  }

  async discard(id: string): Promise<boolean> {
    return (await this.#service.db.write((tx) => tx.run(letters.giveUp, { id }))) > 0;
  }
}

const received = ({ id, subject }: Envelope, rest: Partial<InboxRow> & Pick<InboxRow, "state">): InboxRow => ({
  id,
  subject,
  attempts: 0,
  next_at: now(),
  received_at: now(),
  error: null,
  envelope: null,
  ...rest,
});
