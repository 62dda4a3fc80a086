/** What the order service asks about coupons, and `this.holds`, which ends holds that nobody redeems or releases. */
import { now } from "#core/clock.ts";
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { addName, type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import { Queue } from "#mixins/queue/queue.ts";
import type { UserService } from "./attempt.mixin.ts";
import type { benefits as contract } from "./benefit.contract.ts";
import { overdue } from "./benefit.repository.ts";
import { due, expire, hold, redeem, refund, release } from "./benefit.transition.ts";
import { toOffered } from "./coupon.model.ts";
import * as coupons from "./coupon.repository.ts";
import { look } from "./point.transition.ts";
import { config } from "./user.config.ts";

/** Orders at once. */
const BATCH = 100;

interface Host extends UserService {
  readonly holds?: Queue<string>;
}

const handlers = {
  async lookupBenefits(this: Host, ctx: Ctx<Input<"user.lookupBenefits">>) {
    const owner = userId(ctx);
    const found = await Promise.all(ctx.params.codes.map((code) => coupons.findFor(this.db, code, owner)));
    const { balance } = await look(this.db, owner, now());
    return {
      coupons: found.map(({ row, uses }, at) => toOffered(ctx.params.codes[at]!, row, uses, now())),
      points: { balance, currency: config.USER_POINTS_CURRENCY },
    };
  },

  async holdBenefits(this: Host, ctx: Ctx<Input<"user.holdBenefits">>) {
    const time = now();
    const expiresAt = time + config.USER_BENEFIT_TTL;
    await hold(this.db, { ...ctx.params, userId: userId(ctx), expiresAt }, time);
    return { expiresAt };
  },

  async redeemBenefits(this: Host, ctx: Ctx<Input<"user.redeemBenefits">>) {
    await redeem(this.db, ctx.params.orderId, userId(ctx), now());
    return { redeemed: true } as const;
  },

  async releaseBenefits(this: Host, ctx: Ctx<Input<"user.releaseBenefits">>) {
    await this.db.write((tx) => release(tx, ctx.params.orderId, now()));
    return { released: true } as const;
  },

  async refundBenefits(this: Host, ctx: Ctx<Input<"user.refundBenefits">>) {
    await this.db.write((tx) => refund(tx, ctx.params, now()));
    return { refunded: true } as const;
  },
} satisfies BlockHandlers<typeof contract>;

export const benefits = (): Mixin =>
  mixin<object, Host>(
    {
      async started() {
        const queue = new Queue<string>(this, {
          next: () => this.db.one(overdue.next, {}),
          claim: (limit) => due(this.db, now(), limit),
          work: (orderId) => expire(this.db, orderId, now()),
          limit: BATCH,
        });
        addName(this, "holds", queue);
        await queue.start();
      },
      async stopped() {
        await this.holds?.stop();
      },
    },
    { name: "benefits", migrations: {}, handlers },
  );
