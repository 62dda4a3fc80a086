/** Gives back what abandoned orders hold: adds `this.sweep`, which looks for it while the service runs. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { Worker } from "#mixins/queue/worker.ts";
import { config } from "./product.config.ts";
import { due, expire } from "./product.reservation.ts";
import type { ProductTables } from "./product.tables.ts";

/** Orders at once. */
const BATCH = 100;

type Host = Service & { readonly db: Database<ProductTables>; readonly sweep?: Worker };

export const sweep = (): Mixin<{ readonly sweep: Worker }> =>
  mixin<{ readonly sweep: Worker }, Host>({
    started() {
      const worker = new Worker(this.logger, () => sweepBatch(this.db), { idle: config.PRODUCT_SWEEP_INTERVAL });
      addName(this, "sweep", worker);
      worker.wake();
    },
    async stopped() {
      await this.sweep?.stop();
    },
  });

async function sweepBatch(db: Database<ProductTables>): Promise<boolean> {
  const time = now();
  const orderIds = await due(db, time, BATCH);
  await expire(db, orderIds, time);
  return orderIds.length === BATCH;
}
