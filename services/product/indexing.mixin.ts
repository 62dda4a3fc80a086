/** Adds `this.indexing`, which writes the entries of the text index that a change has not written: those of a node of another release. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import { addName, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { Worker } from "#mixins/queue/worker.ts";
import { index, stale } from "./index.repository.ts";
import type { ProductTables } from "./product.tables.ts";

/** Products in one transaction. On SQLite everybody else's changes wait for it. */
const BATCH = 100;
/** Milliseconds between two looks for what others changed. */
const IDLE = 5000;

type Host = Service & { readonly db: Database<ProductTables>; readonly indexing?: Worker };

export const indexing = (): Mixin<{ readonly indexing: Worker }> =>
  mixin<{ readonly indexing: Worker }, Host>({
    started() {
      const step = () =>
        this.db.write(async (tx) => {
          // Nodes take turns, so that none waits for rows of another.
          tx.lock("products:index");
          const ids = await stale(tx, BATCH);
          if (ids.length > 0) await index(tx, ids, now());
          return ids.length === BATCH;
        });
      const worker = new Worker(this.logger, step, { idle: IDLE });
      addName(this, "indexing", worker);
      worker.wake();
    },
    async stopped() {
      await this.indexing?.stop();
    },
  });
