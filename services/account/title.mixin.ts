/** Handlers of films: bought or rented by a person, or held, granted and taken back for the shop's orders. */
import { type Ctx, userId } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Host } from "./account.saga.ts";
import type { Tx } from "./account.tables.ts";
import { found, settled } from "./invoice.policy.ts";
import type { titles as block } from "./title.contract.ts";
import { placePurchase, toPurchase } from "./title.placement.ts";
import * as repository from "./title.repository.ts";
import { cancelled, confirmed, grant, hold, quote, release } from "./title.settlement.ts";

const done = { done: true } as const;

const handlers = {
  async buy(this: Host, ctx: Ctx<Input<"account.buy">>) {
    const id = await placePurchase.call(this, ctx);
    const { invoice_id } = found(await repository.find(this.db, id, userId(ctx)));
    await settled(this, invoice_id);
    return toPurchase(found(await repository.find(this.db, id, userId(ctx))));
  },

  listPurchases(this: Host, ctx: Ctx<Input<"account.listPurchases">>) {
    return repository.list(this.db, userId(ctx), ctx.params, toPurchase);
  },

  async getPurchase(this: Host, ctx: Ctx<Input<"account.getPurchase">>) {
    return toPurchase(found(await repository.find(this.db, ctx.params.id, userId(ctx))));
  },

  async quoteTitles(this: Host, ctx: Ctx<Input<"account.quoteTitles">>) {
    return { items: await quote(this.db, ctx) };
  },

  async holdTitles(this: Host, { params }: Ctx<Input<"account.holdTitles">>) {
    await this.db.write((tx) => hold(tx, params));
    return done;
  },

  async grantTitles(this: Host, ctx: Ctx<Input<"account.grantTitles">>) {
    await this.db.write((tx: Tx) => grant(this, ctx, tx, ctx.params.orderId));
    return done;
  },

  async releaseTitles(this: Host, ctx: Ctx<Input<"account.releaseTitles">>) {
    await this.db.write((tx: Tx) => release(this, ctx, tx, ctx.params));
    return done;
  },
} satisfies BlockHandlers<typeof block>;

export const titleEvents = { "order.cancelled": cancelled, "order.confirmed": confirmed };

export const titles = (): Mixin => mixin({}, { name: "titles", migrations: {}, handlers });
