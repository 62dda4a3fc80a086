/** Handlers of points, and `this.lots`, which books what has expired. */
import { now } from "#core/clock.ts";
import { type Ctx, userId } from "#core/context.ts";
import type { EventData, Input } from "#core/contract.ts";
import type { Money } from "#core/schema.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { UserService } from "./attempt.mixin.ts";
import type { points as contract } from "./point.contract.ts";
import { type PointTables, toPoints } from "./point.model.ts";
import * as repository from "./point.repository.ts";
import { adjust, close, earn, expire, look } from "./point.transition.ts";
import { config } from "./user.config.ts";
import { user } from "./user.contract.ts";
import { get, type Tx } from "./user.repository.ts";

/** Lots at once. */
const BATCH = 100;

type Due = PointTables["point_lots"];

interface Host extends UserService {
  readonly idempotency: Idempotency;
  readonly lots?: Queue<Due>;
}

const nothing = { en: "must not be 0", ko: "0이 아니어야 합니다" };

const shown = async (host: Host, id: string) => {
  const purse = await look(host.db, id, now());
  return toPoints(purse, purse.lots);
};

const handlers = {
  getPoints(this: Host, ctx: Ctx<Input<"user.getPoints">>) {
    return shown(this, userId(ctx));
  },

  listPoints(this: Host, ctx: Ctx<Input<"user.listPoints">>) {
    return repository.page(this.db, userId(ctx), ctx.params);
  },

  async getPointsOf(this: Host, { params }: Ctx<Input<"user.getPointsOf">>) {
    return shown(this, (await get(this.db, params.id)).id);
  },

  async listPointsOf(this: Host, { params: { id, ...paging } }: Ctx<Input<"user.listPointsOf">>) {
    return repository.page(this.db, (await get(this.db, id)).id, paging);
  },

  adjustPoints(this: Host, ctx: Ctx<Input<"user.adjustPoints">>) {
    const { id, points, note } = ctx.params;
    const { language = "en" } = ctx.meta;
    if (points === 0)
      throw user.error("VALIDATION_FAILED", { errors: [{ pointer: "/points", detail: nothing[language] }] });
    const adjustment = { points, note, staffId: userId(ctx), life: config.USER_POINTS_LIFE };
    return this.idempotency.once(ctx, async (tx) => {
      await get(tx, id);
      const purse = await adjust(tx, id, adjustment, now());
      return toPoints(purse, purse.lots);
    });
  },
} satisfies BlockHandlers<typeof contract>;

/** @param paid more or less for goods that have arrived; absent in news of the release before */
function earnFor(
  tx: Tx,
  { orderId, userId: id }: { orderId: string; userId: string },
  paid: Money | undefined,
  sign: 1 | -1,
) {
  const { USER_POINTS_CURRENCY: currency, USER_POINTS_RATE: rate, USER_POINTS_LIFE: life } = config;
  if (paid?.currency !== currency || paid.amount === 0) return undefined;
  return earn(tx, { userId: id, orderId }, sign * paid.amount, { rate, life }, now());
}

export async function deliver({ data }: { readonly data: EventData<"order.delivered"> }, tx: Tx) {
  await earnFor(tx, data, data.paid, 1);
}
/** Units have come back. */
export async function bringBack({ data }: { readonly data: EventData<"order.returned"> }, tx: Tx) {
  await earnFor(tx, data, data.paid, -1);
}

/** For the erasure of an account. */
export async function leave(tx: Tx, { userId: id }: Leaving): Promise<"all"> {
  await close(tx, id, now());
  return "all";
}

export const points = (): Mixin =>
  mixin<object, Host>(
    {
      async started() {
        const queue = new Queue<Due>(this, {
          next: () => this.db.one(repository.due.next, {}),
          claim: (limit) => this.db.all(repository.due.list, { now: now(), limit }),
          work: (lot) => this.db.write((tx) => expire(tx, lot.user_id, now())),
          limit: BATCH,
        });
        addName(this, "lots", queue);
        await queue.start();
      },
      async stopped() {
        await this.lots?.stop();
      },
    },
    { name: "points", migrations: {}, handlers },
  );
