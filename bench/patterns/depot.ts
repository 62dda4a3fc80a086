/** The asked side: every pattern ends in the same row, which an order has once however often it comes. */
import { Redis } from "ioredis";
import type { Service, ServiceSchema } from "moleculer";
import { implement } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { inbox } from "#mixins/inbox/inbox.mixin.ts";
import { now } from "./clock.ts";
import { depot, ITEMS, type Order, PAGE } from "./contracts.ts";

export interface Held {
  readonly order_id: string;
  readonly article: string;
  readonly seq: number;
  readonly way: string;
  /** When it was held first, in milliseconds. */
  readonly at: number;
  /** How often it came. */
  readonly times: number;
}

interface Tables {
  reservations: Held;
}

const sql = statements<Tables>();

const hold = sql((q, p: Held) =>
  q
    .insertInto("reservations")
    .values(columns(p, "order_id", "article", "seq", "way", "at", "times") as Held)
    .onConflict((one) => one.column("order_id").doUpdateSet((e) => ({ times: e("reservations.times", "+", 1) }))),
);
const allHeld = sql((q, p: { way: string }) =>
  q.selectFrom("reservations").selectAll().where("way", "=", p.way).orderBy("at"),
);

const rowOf = ({ orderId, article, seq, way }: Order) =>
  hold.with({ order_id: orderId, article, seq, way, at: now(), times: 1 });

/** Where the depot listens to what is published and not kept. */
export const CHANNEL = "depot.reserve";

const moved = (after = 0) => ({
  items: Array.from({ length: Math.min(PAGE, ITEMS - after) }, (_, index) => ({
    id: `${after + index + 1}`,
    event: "depot.moved",
    data: { article: "tea", quantity: 1, left: ITEMS - after - index },
  })),
});

/**
 * @param told what is held, once it is stored
 * @param redisUrl of the channel
 */
export const depotService = (told: (orderId: string) => void, redisUrl?: string): ServiceSchema =>
  implement(depot, {
    mixins: [database<Tables>({ migrations: new URL("./migrations/", import.meta.url) }), inbox()],
    actions: {
      async reserve({ params }) {
        await this.db.write(async (tx) => tx.add(rowOf(params)));
        told(params.orderId);
        return { orderId: params.orderId, held: true };
      },
      list: ({ params }) => moved(params.after),
      watch: ({ params }) => moved(params.after),
    },
    events: {
      "shop.ordered"({ data }, tx) {
        tx.add(rowOf(data));
        tx.afterCommit(() => told(data.orderId));
      },
    },
    async started(this: Service & { db: Database<Tables> }) {
      if (redisUrl === undefined) return;
      const redis = new Redis(redisUrl);
      redis.on("message", (_, text) => {
        const order = JSON.parse(text) as Order;
        void this.db.write(async (tx) => tx.add(rowOf(order))).then(() => told(order.orderId));
      });
      await redis.subscribe(CHANNEL);
    },
  });

/** What came by one way, in the order in which it was held. */
export const heldBy = (service: Service, way: string): Promise<readonly Held[]> =>
  (service as unknown as { db: Database<Tables> }).db.all(allHeld, { way });
