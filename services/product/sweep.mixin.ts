/** Adds `this.sweep`, which releases the stock of abandoned orders while the service runs. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { Queue } from "#mixins/queue/queue.ts";
import { due, expire } from "./product.reservation.ts";
import type { ProductTables } from "./product.tables.ts";
import { overdue } from "./reservation.repository.ts";

/** Orders at once. */
const BATCH = 100;

type Sweep = Queue<string>;
type Host = Service & { readonly db: Database<ProductTables>; readonly sweep?: Sweep };

export const sweep = (): Mixin<{ readonly sweep: Sweep }> =>
  mixin<{ readonly sweep: Sweep }, Host>({
    async started() {
      const queue: Sweep = new Queue(this, {
        next: () => this.db.one(overdue.next, {}),
        claim: (limit) => due(this.db, now(), limit),
        work: (orderId) => expire(this.db, [orderId], now()),
        limit: BATCH,
      });
      addName(this, "sweep", queue);
      await queue.start();
    },
    async stopped() {
      await this.sweep?.stop();
    },
  });
