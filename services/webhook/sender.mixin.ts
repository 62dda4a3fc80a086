/**
 * Adds `this.sender`, which sends what is due, at least once, also after a crash. Each endpoint has a few places of its
 * own, so that a slow one delays nobody else.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { post, type PostAnswer } from "#mixins/http/post.ts";
import { mayReach } from "#mixins/http/public-host.ts";
import { isStandby } from "#mixins/node/standby.ts";
import { Queue } from "#mixins/queue/queue.ts";
import * as outgoing from "./outgoing.repository.ts";
import { config } from "./webhook.config.ts";
import { afterAttempt, disabledBefore, signatures } from "./webhook.model.ts";
import { allowed } from "./webhook.repository.ts";
import type { DeliveryRow, EndpointRow, WebhookTables } from "./webhook.tables.ts";

/** The most messages that one node sends to one endpoint at once. */
const PLACES = 4;
/** Milliseconds beyond a receiver's time for which a node holds a delivery. A crash delays it by as much. */
const MARGIN = 30_000;
/** Milliseconds that a stop waits for answers. */
const GRACE = 3000;

export interface Sender {
  /** Call it after a commit that makes a delivery due. */
  wake(): void;
}

type Host = Service & { readonly db: Database<WebhookTables>; readonly sender?: RunningSender };

interface Claimed {
  readonly endpoint: EndpointRow;
  readonly row: DeliveryRow;
}

class RunningSender implements Sender {
  readonly #host: Host;
  readonly #queue: Queue<Claimed>;
  readonly #stopping = new AbortController();
  readonly #sending = new Map<Promise<void>, string>();

  constructor(host: Host) {
    const { db, broker } = host;
    this.#host = host;
    this.#queue = new Queue<Claimed>(host, {
      next: () => this.#next(),
      claim: () => this.#claim(),
      // The queue goes on at once; who ends wakes it.
      work: async (claimed) => this.#begin(claimed),
      giveBack: ({ row }) => outgoing.giveBack(db, row),
      release: async () => (db.dialect === "sqlite" ? outgoing.release(db, this.#lease) : 0),
      limit: () => (isStandby(broker) ? 0 : PLACES),
    });
  }

  get #lease(): number {
    return config.WEBHOOK_TIMEOUT + MARGIN;
  }

  start(): Promise<void> {
    return this.#queue.start();
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
    const ended = Promise.all(this.#sending.keys());
    await Promise.race([ended, sleep(GRACE, undefined, { ref: false })]);
    this.#stopping.abort();
    await ended;
  }

  wake(): void {
    this.#queue.wake();
  }

  #room(endpointId: string): number {
    return PLACES - [...this.#sending.values()].filter((one) => one === endpointId).length;
  }

  async #next(): Promise<{ at: number | null }> {
    const due = (await outgoing.active(this.#host.db)).filter(
      ({ id, due_at }) => due_at !== null && this.#room(id) > 0,
    );
    return { at: due.length === 0 ? null : Math.min(...due.map(({ due_at }) => due_at!)) };
  }

  #claim(): Promise<Claimed[]> {
    return this.#host.db.write(async (tx) => {
      const claimed: Claimed[] = [];
      for (const { due_at, ...endpoint } of await outgoing.active(tx)) {
        const room = this.#room(endpoint.id);
        if (due_at === null || due_at > now() || room <= 0) continue;
        const rows = await outgoing.claim(tx, endpoint.id, room, this.#lease);
        claimed.push(...rows.map((row) => ({ endpoint, row })));
      }
      return claimed;
    });
  }

  #begin({ endpoint, row }: Claimed): void {
    const sending = this.#send(endpoint, row)
      .catch(({ message }: Error) =>
        this.#host.logger.warn(`The end of the webhook ${row.id} was not stored: ${message}`),
      )
      .finally(() => {
        this.#sending.delete(sending);
        this.#queue.wake();
      });
    this.#sending.set(sending, endpoint.id);
  }

  async #send(endpoint: EndpointRow, row: DeliveryRow): Promise<void> {
    const { db, logger } = this.#host;
    const at = now();
    const answer = await this.#post(endpoint, row, at);
    if (answer.status === null && this.#stopping.signal.aborted) return void (await outgoing.giveBack(db, row));
    const { status, error } = answer;
    const end = {
      ...afterAttempt(row.attempts, answer, now(), Math.random()),
      disabledBefore: disabledBefore(answer, now()),
    };
    const isDisabled = await db.write((tx) =>
      outgoing.settle(tx, row, { at, status, error, milliseconds: now() - at }, end),
    );
    if (end.status !== "delivered") logger.debug(`The webhook ${row.id} was not delivered: ${error ?? status}.`);
    if (isDisabled) logger.error(`The endpoint ${endpoint.id} gets no more webhooks: it failed for days, or is gone.`);
  }

  #post(endpoint: EndpointRow, { event_id, body }: DeliveryRow, at: number): Promise<PostAnswer> {
    const seconds = Math.floor(at / 1000);
    const { secret, former_secret, former_until } = endpoint;
    const secrets = former_secret !== null && at < former_until ? [secret, former_secret] : [secret];
    const url = new URL(endpoint.url);
    return post(url, {
      headers: {
        "content-type": "application/json",
        "user-agent": "Madang-Webhooks",
        "webhook-id": event_id,
        "webhook-timestamp": String(seconds),
        "webhook-signature": signatures(secrets, event_id, seconds, body),
      },
      body,
      signal: AbortSignal.any([AbortSignal.timeout(config.WEBHOOK_TIMEOUT), this.#stopping.signal]),
      mayReach: mayReach(url, allowed),
    });
  }
}

export function sender(): Mixin<{ readonly sender: Sender }> {
  return mixin<{ readonly sender: Sender }, Host>({
    async started() {
      const running = new RunningSender(this);
      addName(this, "sender", running);
      await running.start();
    },
    async stopped() {
      await this.sender?.stop();
    },
  });
}
