/**
 * Transactional outbox: adds `this.outbox`. An event is a row in the transaction of the change it tells of; a relay
 * hands it to the bus afterwards, in order, until the bus has it.
 *
 * @example
 * await this.db.write(async (tx) =>
 *   tx.add(orders.confirm(id), this.outbox.event(ctx, "order.confirmed", `order:${id}`, { id })),
 * );
 */
import type { Service } from "moleculer";
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { EventData, EventDefinition, EventName } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import type { Ctx } from "#core/context.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import { topology } from "../node/topology.ts";
import { GUEST } from "../node/trust.ts";
import { busOf } from "../bus/bus-of.ts";
import { observe } from "../bus/figures.ts";
import type { Database } from "../database/database.ts";
import type { Write } from "../database/write.ts";
import type { outbox as contract } from "./outbox.contract.ts";
import { Relay, type Replay } from "./relay.ts";
import * as rows from "./rows.ts";
import type { OutboxTable } from "./rows.ts";
import { Worker } from "../queue/worker.ts";

export type { Replay } from "./relay.ts";
export type { OutboxTable } from "./rows.ts";

/** The cause of an event: a context, or the event that is being handled. */
export type Cause = { readonly requestID: string; readonly id: string } | Envelope;

export interface Outbox {
  /**
   * The event as a write of the transaction with the change that it reports. `subject` is `<kind>:<id>`.
   * @throws Error when the data is larger than the bus carries
   */
  event<E extends EventName>(cause: Cause, type: E, subject: string, data: EventData<E>): Write;
  /** Events of one subject after `seq`, oldest first, for the replay of a live stream. */
  since(subject: string, seq: number, limit: number): Promise<readonly (Envelope & { readonly seq: number })[]>;
  /** Publishes kept events again and answers their number. Subscribers skip the events that they have handled. */
  replay(which: Replay): Promise<number>;
}

/** Milliseconds for which published rows are kept for a replay. */
const KEEP = 7 * 24 * 60 * 60 * 1000;
const HOUR = 60 * 60 * 1000;
const SWEPT = 1000;
/** Milliseconds after which a relay looks for rows that another node left behind. */
const IDLE = 5000;
/** Milliseconds between two checks for a bus that is away. */
const AWAY = 1000;
/** Milliseconds from one batch to the next. */
const PACE = 10;
/** Bytes. A NATS message carries 1 MiB by default, and the envelope needs a part of it. */
const LARGEST = 1_000_000;

interface Host extends Service {
  readonly db: Database<OutboxTable>;
  readonly outbox?: RunningOutbox;
}

export function outbox(): Mixin<{ readonly outbox: Outbox }> {
  return mixin<{ readonly outbox: Outbox }, Host>(
    {
      started() {
        const running = new RunningOutbox(this);
        addName(this, "outbox", running);
        running.start();
      },
      async stopped() {
        await this.outbox?.stop();
      },
    },
    { name: "outbox", migrations: rows.migrations, handlers },
  );
}

const handlers = {
  async replayEvents(this: { readonly outbox: Outbox }, { params }: Ctx<Replay>) {
    return { count: await this.outbox.replay(params) };
  },
} satisfies BlockHandlers<typeof contract>;

class RunningOutbox implements Outbox {
  readonly #broker: Service["broker"];
  readonly #db: Database<OutboxTable>;
  readonly #source: string;
  readonly #definitions: Record<string, EventDefinition>;
  readonly #relay: Relay;
  readonly #worker: Worker;
  readonly #sweep: Worker;
  readonly #stopObserving: () => void;

  constructor(service: Host) {
    const { broker, name, logger } = service;
    this.#broker = broker;
    this.#db = service.db;
    this.#source = name;
    this.#definitions = service.schema.metadata?.events as Record<string, EventDefinition>;
    this.#relay = new Relay(service.db, busOf(broker), name, (events) => {
      // A hint for live streams. They read the rows themselves, so it may be lost without harm.
      void broker.broadcast("live.changed", { subjects: [...new Set(events.map(({ subject }) => subject))] });
      // For foreign Moleculer nodes, which do not use the bus: at most once, and in no order. A service hears it only
      // when NATS would also let it read the stream.
      const groups = topology.isGuarded ? { groups: [GUEST] } : {};
      for (const event of events) void broker.broadcast(event.type, event, groups);
    });
    this.#worker = new Worker(logger, () => this.#step(), {
      idle: IDLE,
      backOff: [50, 1000],
      // Nodes that share a database take turns, and each turn costs the same for one event as for hundreds.
      pace: service.db.dialect === "postgres" ? PACE : 0,
    });
    this.#sweep = new Worker(logger, () => this.#removeOld(), { idle: HOUR });
    this.#stopObserving = observe(
      broker,
      `service="${name}"`,
      ["madang_outbox_waiting_events", "madang_outbox_oldest_seconds"],
      () => this.#lag(),
    );
  }

  start(): void {
    this.#broker.localBus.on("$node.disconnected", this.#wake);
    this.#worker.wake();
    this.#sweep.wake();
  }

  #wake = () => this.#worker.wake();

  async #step(): Promise<boolean | number> {
    const more = await this.#relay.step();
    if (more === null) this.#worker.wake(now() + AWAY);
    return more ?? false;
  }

  async stop(): Promise<void> {
    this.#broker.localBus.off("$node.disconnected", this.#wake);
    this.#stopObserving();
    await Promise.all([this.#worker.stop(), this.#sweep.stop()]);
  }

  event(cause: Cause, type: string, subject: string, data: unknown): Write {
    const text = JSON.stringify(data);
    if (Buffer.byteLength(text) > LARGEST) throw new Error(`${type} of ${subject} is larger than ${LARGEST} bytes.`);
    const [correlationId, causationId] =
      "correlationId" in cause ? [cause.correlationId, cause.id] : [cause.requestID, cause.id];
    const { version } = this.#definitions[type.slice(type.indexOf(".") + 1)]!;
    const id = newId();
    const row = {
      id,
      type,
      version,
      time: timestamp(),
      source: this.#source,
      subject,
      correlation_id: correlationId ?? id,
      causation_id: causationId ?? id,
      data: text,
    };
    return { ...rows.insert.with(row), afterCommit: this.#wake };
  }

  async since(subject: string, seq: number, limit: number): Promise<readonly (Envelope & { readonly seq: number })[]> {
    return (await this.#db.all(rows.bySubject, { subject, seq, limit })).map(rows.toEnvelope);
  }

  async replay(which: Replay): Promise<number> {
    const marked = await this.#relay.repeat(which);
    this.#worker.wake();
    return marked;
  }

  async #lag(): Promise<readonly number[]> {
    const { count, oldest } = (await this.#db.one(rows.lag, {}))!;
    return [count, oldest ? (now() - Date.parse(oldest)) / 1000 : 0];
  }

  async #removeOld(): Promise<boolean> {
    return (await this.#db.run(rows.removeOld, { time: timestamp(now() - KEEP), limit: SWEPT })) === SWEPT;
  }
}
