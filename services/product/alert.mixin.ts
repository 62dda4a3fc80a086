/** Adds `this.alerts`, which tells when stock runs low, is sold out, or comes back; and the handlers around it. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { EventData, Input } from "#core/contract.ts";
import { type Ctx, workContext } from "#core/context.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Outbox } from "#mixins/outbox/outbox.mixin.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { alerts as contract } from "./alert.contract.ts";
import { alertOf, stageOf } from "./alert.model.ts";
import * as alerts from "./alert.repository.ts";
import { config } from "./product.config.ts";
import type { ProductTables } from "./product.tables.ts";

/** Products at once. */
const BATCH = 50;

type Alerts = Queue<string>;
interface Host extends Service {
  readonly db: Database<ProductTables>;
  readonly outbox: Outbox;
  readonly alerts?: Alerts;
}

/** Tells of a product whose stock has come to another stage. What came and went meanwhile is told to nobody. */
const tell = ({ db, outbox }: Host, cause: Ctx<null>, productId: string): Promise<void> =>
  db.write(async (tx) => {
    const level = await alerts.take(tx, productId);
    if (!level) return;
    const sellable = level.on_hand - level.held;
    const lowAt = level.low_at ?? config.PRODUCT_STOCK_LOW;
    const stage = stageOf(sellable, lowAt);
    tx.add(alerts.told(productId, stage));
    const { sku, parent_id, archived_at } = await alerts.named(tx, productId);
    const type = alertOf(level.stage, stage);
    if (type === null || archived_at !== null) return;
    const named = { productId, ...(sku !== null && { sku }), ...(parent_id !== null && { variantOf: parent_id }) };
    const event = <E extends typeof type>(one: E, data: EventData<E>) =>
      outbox.event(cause, one, `product:${productId}`, data);
    if (type === "product.stock_dropped") tx.add(event(type, { ...named, sellable, lowAt }));
    else if (type === "product.restocked") tx.add(event(type, { ...named, sellable }));
    else tx.add(event(type, named));
  });

const handlers = {
  async getStockThreshold(this: Host, ctx: Ctx<Input<"product.getStockThreshold">>) {
    const { lowAt, isDefault } = await alerts.threshold(this.db, ctx.params.id);
    return { lowAt, isDefault };
  },

  async setStockThreshold(this: Host, ctx: Ctx<Input<"product.setStockThreshold">>) {
    const { id, lowAt: own } = ctx.params;
    return this.db.write(async (tx) => {
      await alerts.setThreshold(tx, id, own, now());
      const { lowAt, isDefault } = await alerts.threshold(tx, id);
      return { lowAt, isDefault };
    });
  },

  listShortStock(this: Host, ctx: Ctx<Input<"product.listShortStock">>) {
    return alerts.listShort(this.db, ctx.params);
  },
} satisfies BlockHandlers<typeof contract>;

export const stockAlerts = (): Mixin<{ readonly alerts: Alerts }> =>
  mixin<{ readonly alerts: Alerts }, Host>(
    {
      async started() {
        const queue: Alerts = new Queue(this, {
          next: () => this.db.one(alerts.marked.next, {}),
          claim: async (limit) =>
            (await this.db.all(alerts.marked.list, { now: now(), limit })).map(({ product_id }) => product_id),
          work: (productId) => tell(this, workContext(this), productId),
          limit: BATCH,
        });
        addName(this, "alerts", queue);
        await queue.start();
      },
      async stopped() {
        await this.alerts?.stop();
      },
    },
    { name: "alerts", migrations: {}, handlers },
  );
