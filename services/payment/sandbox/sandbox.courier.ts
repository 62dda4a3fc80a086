/** Ends charges that were delayed, and brings the news of charges until each is acknowledged. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import { Worker } from "#mixins/queue/worker.ts";
import type { Webhook } from "../payment.provider.ts";
import { behaviourOf } from "./sandbox.model.ts";
import * as ledger from "./sandbox.repository.ts";
import { sign, SIGNATURE_HEADER } from "./signature.model.ts";

/** Milliseconds: soon at first, then rarer, never given up. */
const backOff = (attempts: number): number => Math.min(200 * 2 ** attempts, 60_000);

export class Courier {
  readonly #db: Database<ledger.LedgerTables>;
  readonly #secret: string;
  readonly #deliver: (webhook: Webhook) => Promise<unknown>;
  readonly #worker: Worker;

  constructor(
    db: Database<ledger.LedgerTables>,
    logger: Service["logger"],
    secret: string,
    deliver: (webhook: Webhook) => Promise<unknown>,
  ) {
    this.#db = db;
    this.#secret = secret;
    this.#deliver = deliver;
    this.#worker = new Worker(logger, () => this.#step(), { idle: 200 });
  }

  wake(): void {
    this.#worker.wake();
  }

  stop(): Promise<void> {
    return this.#worker.stop();
  }

  async #step(): Promise<boolean> {
    for (const row of await this.#db.all(ledger.listSettling, { now: now() })) await this.#settle(row);
    const webhooks = await this.#db.all(ledger.listWebhooks, { now: now() });
    await Promise.all(webhooks.map((webhook) => this.#bring(webhook)));
    return webhooks.length > 0;
  }

  async #settle({ id, token }: ledger.ChargeRow): Promise<void> {
    await this.#db.write(async (tx) => {
      if ((await tx.run(ledger.settleCharge, { id })) === 0) return;
      await ledger.announce(tx, (await tx.one(ledger.findCharge, { id }))!, behaviourOf(token).webhooks ?? 0);
    });
  }

  /** A copy that was acknowledged is done with; one that was not comes again later. */
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
