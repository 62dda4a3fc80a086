/** A payment provider with books of its own that behaves like a real one. Its test tokens are in sandbox.model.ts. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service, ServiceBroker } from "moleculer";
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { migrationsIn } from "#mixins/database/migrate.ts";
import { openFile } from "#mixins/database/open.ts";
import { config } from "../payment.config.ts";
import {
  type Authorization,
  type CaptureRequest,
  type Charge,
  type ListQuery,
  type Lookup,
  type MovementList,
  type PaymentProvider,
  ProviderRefusal,
  type Webhook,
} from "../payment.provider.ts";
import { Courier } from "./sandbox.courier.ts";
import { behaviourOf, labelOf } from "./sandbox.model.ts";
import * as disputes from "./dispute.repository.ts";
import * as movements from "./movement.repository.ts";
import * as ledger from "./sandbox.repository.ts";
import { parseWebhook, webhookSecret } from "./sandbox.webhook.ts";

type OfCharge = Parameters<PaymentProvider["capture"]>[0];

export class SandboxProvider implements PaymentProvider {
  readonly name = "sandbox";
  readonly #db: Database<ledger.LedgerTables>;
  readonly #courier: Courier;
  readonly #secret: string;

  private constructor(db: Database<ledger.LedgerTables>, courier: Courier, secret: string) {
    this.#db = db;
    this.#courier = courier;
    this.#secret = secret;
  }

  /** @param deliver brings a webhook to the payment service, and fails when it is not acknowledged */
  static async open(
    logger: Service["logger"],
    deliver: (webhook: Webhook) => Promise<unknown>,
    broker?: ServiceBroker,
  ): Promise<SandboxProvider> {
    const db = openFile<ledger.LedgerTables>("sandbox-provider", broker);
    await db.migrate(await migrationsIn(new URL("./migrations/", import.meta.url)));
    const secret = webhookSecret();
    const courier = new Courier(db, logger, secret, deliver);
    await courier.start();
    return new SandboxProvider(db, courier, secret);
  }

  /** Makes one charge per reference. @throws ProviderRefusal when that has a charge with another amount or token */
  async authorize({ key, reference, amount, token, capture = false }: Authorization): Promise<Charge> {
    const { status: shown, reason = null, webhooks = 0, delayed, expires, late } = behaviourOf(token);
    const status = capture && shown === "authorized" ? "captured" : shown;
    const isHeld = shown === "authorized";
    let first = false;
    const charge = await this.#once(key, { reference, amount, token, ...(capture && { capture }) }, async (tx) => {
      const made = await tx.one(ledger.findByReference, { reference });
      if (made) return same(made, amount, token);
      first = true;
      const row: ledger.ChargeRow = {
        id: newId(),
        reference,
        token,
        status,
        reason,
        currency: amount.currency,
        amount: amount.amount,
        authorized: isHeld ? amount.amount : 0,
        captured: status === "captured" ? amount.amount : 0,
        refunded: 0,
        lost: 0,
        at_once: capture ? 1 : 0,
        settles_at: delayed || (expires && !capture) ? now() + config.PAYMENT_SANDBOX_DELAY : null,
      };
      tx.add(ledger.insertCharge.with(row), ...movements.moved(row.id, "capture", row.captured));
      if (row.settles_at !== null) tx.afterCommit(() => this.#courier.wakeAt(row.settles_at!));
      this.#plan(tx, row);
      if (isHeld && !expires) await this.#tell(tx, row, webhooks);
      return row.id;
    });
    if (first && late) await sleep(config.PAYMENT_SANDBOX_LATE_ANSWER, undefined, { ref: false });
    return charge;
  }

  confirm({ key, charge: id }: OfCharge): Promise<Charge> {
    return this.#once(key, { confirm: id }, async (tx) => {
      const confirmed = await tx.run(ledger.confirmCharge, { id });
      const row = await found(tx, id);
      if (confirmed) tx.add(...movements.moved(id, "capture", row.captured));
      if (confirmed) await this.#tell(tx, row, behaviourOf(row.token).webhooks ?? 0);
      return id;
    });
  }

  capture({ key, charge: id, ...part }: CaptureRequest): Promise<Charge> {
    return this.#once(key, { capture: id, ...part }, async (tx) => {
      const { status, authorized, captured } = await found(tx, id);
      const { amount = authorized - captured, final = false } = part;
      if (await tx.run(ledger.captureCharge, { id, amount, ends: final ? 1 : 0 })) {
        tx.add(...movements.moved(id, "capture", amount));
        this.#plan(tx, await found(tx, id));
        return id;
      }
      throw new ProviderRefusal(status === "authorized" ? "capture_exceeds_authorized" : `charge_${status}`);
    });
  }

  cancel({ key, charge: id }: OfCharge): Promise<Charge> {
    return this.#once(key, { cancel: id }, async (tx) => {
      if (await tx.run(ledger.voidCharge, { id, reason: null })) return id;
      throw new ProviderRefusal(`charge_${(await found(tx, id)).status}`);
    });
  }

  refund({ key, charge: id, amount }: OfCharge & { readonly amount: number }): Promise<Charge> {
    return this.#once(key, { refund: id, amount }, async (tx) => {
      if (await tx.run(ledger.refundCharge, { id, amount })) {
        tx.add(...movements.moved(id, "refund", amount));
        return id;
      }
      throw new ProviderRefusal("refund_exceeds_captured");
    });
  }

  async retrieve({ reference }: Lookup): Promise<Charge | null> {
    const row = await this.#db.one(ledger.findByReference, { reference });
    return row ? ledger.toCharge(row) : null;
  }

  list(query: ListQuery): Promise<MovementList> {
    return movements.list(this.#db, query);
  }

  dispute(id: string): ReturnType<NonNullable<PaymentProvider["dispute"]>> {
    return this.#db.write((tx) => disputes.find(tx, id));
  }

  describe(token: string): ReturnType<PaymentProvider["describe"]> {
    return Promise.resolve(labelOf(token));
  }

  parseWebhook(webhook: Webhook): unknown {
    return parseWebhook(this.#secret, webhook);
  }

  ledger(
    query: Parameters<NonNullable<PaymentProvider["ledger"]>>[0],
  ): ReturnType<NonNullable<PaymentProvider["ledger"]>> {
    return ledger.listCharges(this.#db, query);
  }

  async close(): Promise<void> {
    await this.#courier.stop();
    await this.#db.close();
  }

  /**
   * Makes one durable change per key. A repeated request gets the charge in its present state.
   * @throws ProviderRefusal when the key was used for another request
   */
  #once(key: string, request: object, work: (tx: ledger.Tx) => Promise<string>): Promise<Charge> {
    const wanted = JSON.stringify(request);
    return this.#db.write(async (tx) => {
      const asked = await tx.one(ledger.findRequest, { key });
      if (asked && asked.request !== wanted) throw new ProviderRefusal("key_reused");
      const id = asked?.charge_id ?? (await work(tx));
      if (!asked) tx.add(ledger.insertRequest.with({ key, request: wanted, charge_id: id }));
      return ledger.toCharge(await found(tx, id));
    });
  }

  /** The dispute of a charge whose token has one. */
  #plan(tx: ledger.Tx, row: ledger.ChargeRow): void {
    const at = disputes.plan(tx, row);
    if (at !== undefined) tx.afterCommit(() => this.#courier.wakeAt(at));
  }

  async #tell(tx: ledger.Tx, row: ledger.ChargeRow, copies: number): Promise<void> {
    if (copies === 0) return;
    await ledger.announceCharge(tx, row, copies);
    tx.afterCommit(() => this.#courier.wake());
  }
}

/** @throws ProviderRefusal when the charge belongs to another request */
function same({ id, currency, ...row }: ledger.ChargeRow, amount: Authorization["amount"], token: string): string {
  if (currency === amount.currency && row.amount === amount.amount && row.token === token) return id;
  throw new ProviderRefusal("reference_used");
}

/** @throws ProviderRefusal when the charge does not exist */
async function found(tx: ledger.Tx, id: string): Promise<ledger.ChargeRow> {
  const row = await tx.one(ledger.findCharge, { id });
  if (!row) throw new ProviderRefusal("charge_unknown");
  return row;
}
