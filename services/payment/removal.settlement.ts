/** Has the provider forget methods that their owners have removed. */
import type { Service } from "moleculer";
import type { Database } from "#mixins/database/database.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { RemovalRow } from "./payment.projection.ts";
import { type PaymentProvider, ProviderRefusal } from "./payment.provider.ts";
import type { PaymentTables } from "./payment.repository.ts";
import * as removals from "./removal.repository.ts";

/** The most methods that are worked off at once. */
const BATCH = 20;

export class Removals {
  readonly #db: Database<PaymentTables>;
  readonly #provider: PaymentProvider;
  readonly #queue: Queue<RemovalRow>;

  constructor(service: Service & { readonly db: Database<PaymentTables> }, provider: PaymentProvider) {
    const { db } = service;
    this.#db = db;
    this.#provider = provider;
    this.#queue = new Queue(service, {
      next: () => db.one(removals.due.next, {}),
      claim: (limit) => removals.claim(db, limit),
      work: (row) => this.#forget(row),
      limit: BATCH,
    });
  }

  /** Without a provider that keeps methods there is nothing to forget. */
  async start(): Promise<void> {
    if (this.#provider.forget) await this.#queue.start();
  }

  wake(): void {
    this.#queue.wake();
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
  }

  /** @throws PROVIDER_UNAVAILABLE; it is tried again */
  async #forget(row: RemovalRow): Promise<void> {
    if (row.provider === this.#provider.name && !(await removals.isSavedAgain(this.#db, row))) {
      if (await removals.isNeeded(this.#db, row)) {
        await removals.postpone(this.#db, row);
        return;
      }
      // A refusal says that it is not there any more.
      await this.#provider.forget!(row.token).catch((error: unknown) => {
        if (!(error instanceof ProviderRefusal)) throw error;
      });
    }
    await removals.end(this.#db, row.id);
  }
}
