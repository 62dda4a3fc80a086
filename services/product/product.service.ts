/** The catalogue: products are searched and looked up, staff maintain them, and stock is reserved for orders. */
import { now, timestamp } from "#core/clock.ts";
import { folded } from "#core/folding.ts";
import { implement } from "#core/implement.ts";
import { audit } from "#mixins/audit/audit.mixin.ts";
import { database } from "#mixins/database/database.mixin.ts";
import { idempotency } from "#mixins/idempotency/idempotency.mixin.ts";
import { jobs } from "#mixins/jobs/jobs.mixin.ts";
import { outbox } from "#mixins/outbox/outbox.mixin.ts";
import { stockAlerts } from "./alert.mixin.ts";
import * as browse from "./browse.repository.ts";
import * as catalogue from "./catalogue.repository.ts";
import * as categories from "./category.repository.ts";
import * as prices from "./price.repository.ts";
import { config } from "./product.config.ts";
import { product } from "./product.contract.ts";
import { beginOf, endOf, numberIn } from "./product.model.ts";
import { facets } from "./facet.repository.ts";
import { draw, DRAWING_DELAY, pictures } from "./image.mixin.ts";
import * as images from "./image.repository.ts";
import * as importing from "./import.mixin.ts";
import { indexing } from "./indexing.mixin.ts";
import { toSold } from "./product.projection.ts";
import * as products from "./product.repository.ts";
import * as reservations from "./product.reservation.ts";
import * as slugs from "./slug.repository.ts";
import { sweep } from "./sweep.mixin.ts";
import type { ProductTables } from "./product.tables.ts";
import * as stock from "./stock.repository.ts";
import { translationsOfTexts } from "./translation.mixin.ts";
import { variantsOfProducts } from "./variant.mixin.ts";
import * as variants from "./variant.repository.ts";
import * as words from "./word.repository.ts";

export default implement(product, {
  mixins: [
    database<ProductTables>({
      migrations: new URL("./migrations/", import.meta.url),
      shown: ["products.name", "products.description", "categories.name"],
      computed: ["search_index", "search_entries", "search_words"],
      remembered: true,
    }),
    audit(),
    outbox(),
    idempotency(),
    sweep(),
    stockAlerts(),
    indexing(),
    variantsOfProducts(),
    translationsOfTexts(),
    pictures(),
    importing.importsOfProducts(),
    jobs(product),
  ],

  jobs: {
    importProducts(run) {
      return importing.work(this, run);
    },
    removeImports(run) {
      return importing.removeOld(this, run);
    },
    forgetWords({ signal }) {
      return words.forget(this.db, now, signal);
    },
    drawPictures(run) {
      return draw(this, run);
    },
  },

  actions: {
    list(ctx) {
      return browse.list(this.db, ctx.params, now(), ctx.meta.language);
    },

    getFacets(ctx) {
      return facets(this.db, ctx.params, now(), ctx.meta.language);
    },

    get(ctx) {
      const { id } = ctx.params;
      const { language } = ctx.meta;
      return this.db.recall(`${id} ${language}`, () => products.read(this.db, id, now(), language));
    },

    async getBySlug(ctx) {
      const known = await slugs.idOf(this.db, folded(ctx.params.slug));
      const found = await products.find(this.db, known, now(), ctx.meta.language);
      const slug = found.slug ?? folded(ctx.params.slug);
      return { id: found.id, slug, isFormer: slug !== ctx.params.slug, language: found.language, product: found };
    },

    create(ctx) {
      const { categoryId = null, ...made } = ctx.params;
      return this.idempotency.once(ctx, async (tx) => {
        await categories.check(tx, categoryId);
        const [id] = await catalogue.add(tx, [{ ...made, categoryId }]);
        return products.find(tx, id!, now(), ctx.meta.language);
      });
    },

    async update(ctx) {
      const { id, categoryId, slug } = ctx.params;
      await this.db.write(async (tx) => {
        await categories.check(tx, categoryId);
        const parent = await variants.lockParent(tx, id);
        await products.update(tx, ctx.params);
        if (slug !== undefined) await slugs.change(tx, id, folded(slug));
        await variants.changed(tx, id, parent, now());
      });
      return products.find(this.db, id, now(), ctx.meta.language);
    },

    async archive(ctx) {
      const { id, version } = ctx.params;
      await this.db.write(async (tx) => {
        const parent = await variants.lockParent(tx, id);
        const at = timestamp();
        await products.archive(tx, id, at, version);
        tx.add(variants.archive(id, at), images.removeAll(id));
        await variants.changed(tx, id, parent, now());
      });
      return null;
    },

    async setPrice(ctx) {
      const { from, until, ...setting } = ctx.params;
      const startsAt = beginOf(from, now());
      const endsAt = endOf(until, startsAt);
      await this.db.write(async (tx) => {
        const parent = await variants.lockParent(tx, setting.id);
        await prices.set(tx, { ...setting, startsAt, endsAt });
        await variants.changed(tx, setting.id, parent, now());
      });
      return products.find(this.db, setting.id, now(), ctx.meta.language);
    },

    listPrices(ctx) {
      const { id, limit = 20, cursor } = ctx.params;
      return prices.list(this.db, id, limit, numberIn(cursor));
    },

    listCategories(ctx) {
      return categories.list(this.db, ctx.params, ctx.meta.language);
    },

    getCategory(ctx) {
      return categories.find(this.db, ctx.params.id, ctx.meta.language);
    },

    createCategory(ctx) {
      const { name, parentId = null } = ctx.params;
      return this.idempotency.once(ctx, (tx) => categories.add(tx, name, parentId, ctx.meta.language));
    },

    updateCategory(ctx) {
      return this.db.write((tx) => categories.update(tx, ctx.params, ctx.meta.language));
    },

    async removeCategory(ctx) {
      await this.db.write((tx) => categories.remove(tx, ctx.params.id, ctx.params.version));
      return null;
    },

    getStock(ctx) {
      return stock.find(this.db, ctx.params.id);
    },

    adjustStock(ctx) {
      return this.idempotency.once(ctx, (tx) => stock.adjust(tx, { ...ctx.params, at: timestamp() }));
    },

    listMovements(ctx) {
      const { id, limit = 20, cursor } = ctx.params;
      return stock.list(this.db, id, limit, numberIn(cursor));
    },

    async lookup(ctx) {
      const found = await products.lookup(this.db, ctx.params.ids, now(), ctx.meta.language);
      const inVariants = found.filter(({ options }) => options).map(({ id }) => id);
      const sold = found.filter(({ options }) => !options);
      const above = ctx.params.categories
        ? await categories.pathsOf(
            this.db,
            sold.map(({ categoryId }) => categoryId),
          )
        : [];
      return {
        items: sold.map((item, at) => ({ ...toSold(item), ...(above[at] && { categoryIds: above[at] }) })),
        ...(inVariants.length > 0 && { inVariants }),
      };
    },

    async reserve(ctx) {
      const time = now();
      const expiresAt = time + config.PRODUCT_RESERVATION_TTL;
      await reservations.reserve(this.db, { ...ctx.params, expiresAt }, time);
      return { expiresAt };
    },

    async commit(ctx) {
      await reservations.commit(this.db, ctx.params.orderId, now());
      return { committed: true } as const;
    },

    async release(ctx) {
      await this.db.write((tx) => reservations.release(tx, ctx.params.orderId, now()));
      return { released: true } as const;
    },

    async releaseItems(ctx) {
      await this.db.write((tx) => reservations.releaseItems(tx, ctx.params, now()));
      return { released: true } as const;
    },

    async seed(ctx) {
      return this.db.write(async (tx) => {
        const { added, drawn } = await catalogue.seed(tx, ctx.params.products);
        if (drawn.length > 0) tx.add(this.jobs.add("drawPictures", { ids: drawn }, { delay: DRAWING_DELAY }));
        return { added: added.length };
      });
    },
  },
});
