/** Handlers of points, `this.lots`, which books what has expired, and `this.notices`, which tells of it a month before. */
import { now, timestamp } from "#core/clock.ts";
import { type Ctx, userId, workContext } from "#core/context.ts";
import type { EventData, Input } from "#core/contract.ts";
import type { Envelope } from "#core/envelope.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Leaving } from "#mixins/erasure/erasure.mixin.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Cause } from "#mixins/outbox/outbox.mixin.ts";
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
  readonly notices?: Queue<Due>;
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
      tx.add(changed(this, ctx, { userId: id, reason: "adjusted", points, balance: purse.balance }));
      return toPoints(purse, purse.lots);
    });
  },
} satisfies BlockHandlers<typeof contract>;

/** Guests have no account with which to use points. Their ids are UUIDs of version 8, which no account has. */
const isGuest = (id: string): boolean => id[14] === "8";

type Arrived = Envelope<EventData<"order.delivered">> | Envelope<EventData<"order.returned">>;

const changed = (host: Host, cause: Cause, data: EventData<"user.points_changed">): Write =>
  host.outbox.event(cause, "user.points_changed", `user:${data.userId}`, data);

/** More or less was paid for goods that have arrived. What was paid is absent in news of the release before. */
async function earnFor(host: Host, tx: Tx, event: Arrived, sign: 1 | -1): Promise<void> {
  const { orderId, userId: id, paid } = event.data;
  const { USER_POINTS_CURRENCY: currency, USER_POINTS_RATE: rate, USER_POINTS_LIFE: life } = config;
  if (paid?.currency !== currency || paid.amount === 0 || isGuest(id)) return;
  const change = await earn(tx, { userId: id, orderId }, sign * paid.amount, { rate, life }, now());
  const reason = sign > 0 ? "earned" : "taken_back";
  if (change) tx.add(changed(host, event, { userId: id, reason, orderId, ...change }));
}

export function deliver(this: Host, event: Envelope<EventData<"order.delivered">>, tx: Tx): Promise<void> {
  return earnFor(this, tx, event, 1);
}
/** Units have come back. */
export function bringBack(this: Host, event: Envelope<EventData<"order.returned">>, tx: Tx): Promise<void> {
  return earnFor(this, tx, event, -1);
}

function tellOf(this: Host, { user_id, expires_at }: Due): Promise<void> {
  return this.db.write(async (tx) => {
    const left = await tx.one(repository.markTold, { user_id, expires_at });
    if (!left) return;
    const data = { userId: user_id, points: left.points, expiresAt: timestamp(expires_at) };
    tx.add(this.outbox.event(workContext(this, user_id), "user.points_reminded", `user:${user_id}`, data));
  });
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
        const notices = new Queue<Due>(this, {
          next: () => this.db.one(repository.toTell.next, {}),
          claim: (limit) => this.db.all(repository.toTell.list, { now: now(), limit }),
          work: (lot) => tellOf.call(this, lot),
          limit: BATCH,
        });
        addName(this, "lots", queue);
        addName(this, "notices", notices);
        await queue.start();
        await notices.start();
      },
      async stopped() {
        await this.lots?.stop();
        await this.notices?.stop();
      },
    },
    { name: "points", migrations: {}, handlers },
  );
