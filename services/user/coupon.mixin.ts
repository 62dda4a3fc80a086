/** What staff do with coupons. */
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import type { UserService } from "./attempt.mixin.ts";
import type { coupons as contract } from "./coupon.contract.ts";
import { changedTerms, checkTerms, newCoupon, toCoupon } from "./coupon.model.ts";
import * as repository from "./coupon.repository.ts";

type Host = UserService & { readonly idempotency: Idempotency };

const handlers = {
  listCoupons(this: Host, ctx: Ctx<Input<"user.listCoupons">>) {
    return repository.page(this.db, ctx.params);
  },

  async getCoupon(this: Host, ctx: Ctx<Input<"user.getCoupon">>) {
    return toCoupon(await repository.find(this.db, ctx.params.id));
  },

  addCoupon(this: Host, ctx: Ctx<Input<"user.addCoupon">>) {
    const coupon = newCoupon(ctx.meta.language ?? "en", ctx.params);
    return this.idempotency.once(ctx, (tx) => repository.add(tx, coupon));
  },

  editCoupon(this: Host, ctx: Ctx<Input<"user.editCoupon">>) {
    const { id, version, ...changes } = ctx.params;
    const { language = "en" } = ctx.meta;
    return this.db.write((tx) =>
      repository.edit(tx, { id, version }, (before) => {
        const terms = changedTerms(language, before, changes);
        checkTerms(language, before.kind, terms);
        return terms;
      }),
    );
  },
} satisfies BlockHandlers<typeof contract>;

export const coupons = (): Mixin => mixin({}, { name: "coupons", migrations: {}, handlers });
