/** Adds `this.restocks`, which tells those who wait for a product that it is back; and their alerts. */
import type { Service } from "moleculer";
import { timestamp } from "#core/clock.ts";
import { type Ctx, userId, workContext } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Language } from "#core/text.ts";
import type { Database } from "#mixins/database/database.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { Dispatch } from "./dispatch.mixin.ts";
import type { NotificationConfig } from "./notification.config.ts";
import { notification } from "./notification.contract.ts";
import { toRestockAlert } from "./notification.projection.ts";
import type { NotificationTables } from "./notification.repository.ts";
import type { restocks as contract } from "./restock.contract.ts";
import * as restocks from "./restock.repository.ts";
import type { RestockAlertRow } from "./restock.repository.ts";

/** Products for which one person may wait. */
const ALERTS = 50;
/** Alerts at once, whose products are looked up together. */
const BATCH = 50;

type Names = Readonly<Record<Language, string>>;

interface Claimed {
  readonly row: RestockAlertRow;
  /** What its product is called; undefined while it cannot be ordered. */
  readonly productName: Names | undefined;
}

type Restocks = Queue<Claimed>;
interface Host extends Service {
  readonly db: Database<NotificationTables>;
  readonly dispatch: Dispatch;
  readonly restocks?: Restocks;
}

async function lookUp(host: Host, ids: string[], language: Language) {
  const { items } = await workContext(host).call("product.lookup", { ids }, { meta: { language } });
  return new Map(items.map((one) => [one.id, one]));
}

/** @throws an error that can be retried, when the product service is away */
async function claim(host: Host, limit: number, lease: number): Promise<Claimed[]> {
  const rows = await host.db.write((tx) => restocks.claim(tx, limit, lease));
  if (rows.length === 0) return [];
  const ids = [...new Set(rows.map(({ product_id }) => product_id))];
  const [en, ko] = await Promise.all([lookUp(host, ids, "en"), lookUp(host, ids, "ko")]);
  return rows.map((row) => {
    const [one, other] = [en.get(row.product_id), ko.get(row.product_id)];
    const isBack = one !== undefined && other !== undefined && (one.sellable ?? 0) > 0;
    return { row, productName: isBack ? { en: one.name, ko: other.name } : undefined };
  });
}

/** The alert is spent with its message, also when its person does not want that: they have asked for one, no more. */
const tell = ({ db, dispatch }: Host, { row, productName }: Claimed): Promise<void> =>
  db.write(async (tx) => {
    if (productName === undefined) return tx.add(restocks.postpone(row));
    const { id, user_id, product_id: productId } = row;
    if (!(await restocks.spend(tx, id))) return;
    const data = { userId: user_id, productId, productName };
    await dispatch.add(tx, "back-in-stock", { id, time: timestamp(), data });
  });

const handlers = {
  async addRestockAlert(this: Host, ctx: Ctx<Input<"notification.addRestockAlert">>) {
    const { productId } = ctx.params;
    const { items, inVariants = [] } = await ctx.call("product.lookup", { ids: [productId] });
    if (inVariants.includes(productId)) throw notification.error("IN_VARIANTS");
    const found = items.find(({ id }) => id === productId);
    if (!found) throw notification.error("NOT_FOUND");
    if ((found.sellable ?? 0) > 0) throw notification.error("IN_STOCK", { sellable: found.sellable });
    const added = await this.db.write((tx) => restocks.add(tx, userId(ctx), productId, ALERTS));
    if (!added) throw notification.error("RESTOCK_ALERTS_FULL", { most: ALERTS });
    // It is looked up once more: the product may have come back meanwhile, and that was told to nobody.
    this.restocks?.wake();
    return toRestockAlert(added);
  },

  async listRestockAlerts(this: Host, ctx: Ctx) {
    return { items: (await restocks.list(this.db, userId(ctx))).map(toRestockAlert), nextCursor: null };
  },

  async removeRestockAlert(this: Host, ctx: Ctx<Input<"notification.removeRestockAlert">>) {
    if (!(await restocks.remove(this.db, userId(ctx), ctx.params.id))) throw notification.error("NOT_FOUND");
    return null;
  },
} satisfies BlockHandlers<typeof contract>;

export const restockAlerts = ({
  NOTIFICATION_LEASE: lease,
}: NotificationConfig): Mixin<{ readonly restocks: Restocks }> =>
  mixin<{ readonly restocks: Restocks }, Host>(
    {
      async started() {
        const queue: Restocks = new Queue(this, {
          next: () => this.db.one(restocks.due.next, {}),
          claim: (limit) => claim(this, limit, lease),
          work: (claimed) => tell(this, claimed),
          limit: BATCH,
        });
        addName(this, "restocks", queue);
        await queue.start();
      },
      async stopped() {
        await this.restocks?.stop();
      },
    },
    { name: "restocks", migrations: {}, handlers },
  );
