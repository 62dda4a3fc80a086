/** Completes delayed charges, ends those that expire, has some disputed, and delivers the webhooks of charges until each is acknowledged. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { Webhook } from "../payment.provider.ts";
import { EXPIRED } from "../payment.model.ts";
import { behaviourOf } from "./sandbox.model.ts";
import * as disputes from "./dispute.repository.ts";
import { moved } from "./movement.repository.ts";
import * as ledger from "./sandbox.repository.ts";
import { sign, SIGNATURE_HEADER } from "./signature.model.ts";

/** The most charges or webhooks that are worked off at once. */
const BATCH = 100;
/** Milliseconds until the next attempt: short at first, then longer, without an end. */
const backOff = (attempts: number): number => Math.min(200 * 2 ** attempts, 60_000);

export class Courier {
  readonly #db: Database<ledger.LedgerTables>;
  readonly #secret: string;
  readonly #deliver: (webhook: Webhook) => Promise<unknown>;
  readonly #charges: Queue<ledger.ChargeRow>;
  readonly #disputes: Queue<ledger.DisputeRow>;
  readonly #webhooks: Queue<ledger.WebhookRow>;

  constructor(
    db: Database<ledger.LedgerTables>,
    logger: Service["logger"],
    secret: string,
    deliver: (webhook: Webhook) => Promise<unknown>,
  ) {
    this.#db = db;
    this.#secret = secret;
    this.#deliver = deliver;
    const host = { logger };
    this.#charges = new Queue(host, {
      next: () => db.one(ledger.settling.next, {}),
      claim: (limit) => db.all(ledger.settling.list, { now: now(), limit }),
      work: (row) => this.#settle(row),
      limit: BATCH,
    });
    this.#disputes = new Queue(host, {
      next: () => db.one(disputes.deciding.next, {}),
      claim: (limit) => db.all(disputes.deciding.list, { now: now(), limit }),
      work: (row) => this.#dispute(row),
      limit: BATCH,
    });
    this.#webhooks = new Queue(host, {
      next: () => db.one(ledger.undelivered.next, {}),
      claim: (limit) => db.all(ledger.undelivered.list, { now: now(), limit }),
      work: (webhook) => this.#bring(webhook),
      limit: BATCH,
    });
  }

  async start(): Promise<void> {
    await Promise.all([this.#charges.start(), this.#disputes.start(), this.#webhooks.start()]);
  }

  /** Reports that there is a webhook to deliver. */
  wake(): void {
    this.#webhooks.wake();
  }

  /** Reports that a charge or a dispute goes on at this time, in milliseconds since the epoch. */
  wakeAt(time: number): void {
    this.#charges.wake(time);
    this.#disputes.wake(time);
  }

  async stop(): Promise<void> {
    await Promise.all([this.#charges.stop(), this.#disputes.stop(), this.#webhooks.stop()]);
  }

  async #settle({ id, token, status }: ledger.ChargeRow): Promise<void> {
    await this.#db.write(async (tx) => {
      const settle = () => tx.run(ledger.settleCharge, { id });
      const expire = () => tx.run(ledger.voidCharge, { id, reason: EXPIRED });
      if ((await (status === "authorized" ? expire() : settle())) === 0) return;
      const row = (await tx.one(ledger.findCharge, { id }))!;
      if (status === "processing") tx.add(...moved(id, "capture", row.captured));
      await ledger.announceCharge(tx, row, behaviourOf(token).webhooks ?? 0);
      tx.afterCommit(() => this.wake());
    });
  }

  async #dispute(row: ledger.DisputeRow): Promise<void> {
    await this.#db.write(async (tx) => {
      const decided = await disputes.goOn(tx, row);
      tx.afterCommit(() => {
        this.wake();
        if (decided !== null) this.wakeAt(decided);
      });
    });
  }

  /** Delivers one copy. It is removed when it is acknowledged, and delivered again later when it is not. */
  async #bring({ id, body, copies, attempts }: ledger.WebhookRow): Promise<void> {
    const headers = { "content-type": "application/json", [SIGNATURE_HEADER]: sign(this.#secret, body, now()) };
    const acknowledged = await this.#deliver({ provider: "sandbox", headers, body }).then(
      () => true,
      () => false,
    );
    const next = acknowledged
      ? { copies: copies - 1, attempts: 0, due_at: copies > 1 ? now() : null }
      : { copies, attempts: attempts + 1, due_at: now() + backOff(attempts) };
    await this.#db.write((tx) => tx.run(ledger.moveWebhook, { id, ...next }));
  }
}
