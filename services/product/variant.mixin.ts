/** Handlers of options and variants. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import type { Ctx } from "#core/context.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import type { Idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { chosen, combinationOf, countCombinations, MOST_VARIANTS, numbered } from "./option.model.ts";
import { product } from "./product.contract.ts";
import * as products from "./product.repository.ts";
import type { ProductTables } from "./product.tables.ts";
import { index } from "./index.repository.ts";
import type { variants as contract } from "./variant.contract.ts";
import * as variants from "./variant.repository.ts";

interface Host extends Service {
  readonly db: Database<ProductTables>;
  readonly idempotency: Idempotency;
}

const handlers = {
  async setOptions(this: Host, ctx: Ctx<Input<"product.setOptions">>) {
    const { id } = ctx.params;
    await this.db.write(async (tx) => {
      await variants.setOptions(tx, ctx.params);
      await index(tx, [id], now());
    });
    return products.find(this.db, id, now(), ctx.meta.language);
  },

  listVariants(this: Host, ctx: Ctx<Input<"product.listVariants">>) {
    const { id, ...paging } = ctx.params;
    return variants.list(this.db, id, paging, now(), ctx.meta.language);
  },

  createVariant(this: Host, ctx: Ctx<Input<"product.createVariant">>) {
    const { id, values, sku, ...beginning } = ctx.params;
    return this.idempotency.once(ctx, async (tx) => {
      const group = await variants.takeGroup(tx, id);
      const made = { values: chosen(group.options, values), sku };
      if (group.taken.has(combinationOf(made.values))) throw product.error("VARIANT_EXISTS");
      const [variant] = await variants.add(tx, group, [made], beginning, now());
      return products.find(tx, variant!, now(), ctx.meta.language);
    });
  },

  createVariants(this: Host, ctx: Ctx<Input<"product.createVariants">>) {
    const { id, skuPrefix, ...beginning } = ctx.params;
    return this.idempotency.once(ctx, async (tx) => {
      const group = await variants.takeGroup(tx, id);
      if (countCombinations(group.options) > MOST_VARIANTS)
        throw product.error("VARIANTS_FULL", { most: MOST_VARIANTS });
      const missing = numbered(group.options, skuPrefix).filter(
        ({ values }) => !group.taken.has(combinationOf(values)),
      );
      if (missing.length > 0) await variants.add(tx, group, missing, beginning, now());
      return { added: missing.length };
    });
  },
} satisfies BlockHandlers<typeof contract>;

export const variantsOfProducts = (): Mixin => mixin({}, { name: "variants", migrations: {}, handlers });
