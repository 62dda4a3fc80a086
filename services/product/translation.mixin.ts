/** Handlers of texts in other languages. */
import type { Service } from "moleculer";
import { now } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import type { Ctx } from "#core/context.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Language } from "#core/text.ts";
import type { Database } from "#mixins/database/database.ts";
import * as categories from "./category.repository.ts";
import * as images from "./image.repository.ts";
import { index } from "./index.repository.ts";
import { product } from "./product.contract.ts";
import * as products from "./product.repository.ts";
import type { ProductTables, Tx } from "./product.tables.ts";
import type { translations as contract } from "./translation.contract.ts";
import { otherLanguage, type Translation } from "./translation.model.ts";
import * as texts from "./translation.repository.ts";

interface Host extends Service {
  readonly db: Database<ProductTables>;
}

interface About {
  readonly id: string;
  readonly language: Language;
  readonly version?: number;
}

/** @throws OWN_LANGUAGE */
function checkOther(language: Language): void {
  if (otherLanguage(language) === null) throw product.error("OWN_LANGUAGE", { language });
}

/** Locks a product that has texts. @returns the ids of all that has texts in it. @throws NOT_FOUND, STALE_VERSION, IS_VARIANT */
async function take(tx: Tx, { id, version }: About): Promise<string[]> {
  const row = await products.take(tx, id, version);
  if (row.parent_id !== null) throw product.error("IS_VARIANT");
  return texts.idsIn(row);
}

function toTexts(id: string, language: Language, rows: readonly Translation[]) {
  const own = (field: Translation["field"]) =>
    rows.find((one) => one.entity_id === id && one.field === field)?.text ?? null;
  const others = (field: Translation["field"]) =>
    rows
      .filter((one) => one.entity_id !== id && one.field === field)
      .map((one) => ({ id: one.entity_id, text: one.text }));
  return {
    language,
    name: own("name") ?? "",
    description: own("description"),
    options: others("name"),
    images: others("alt"),
  };
}

const handlers = {
  async listTranslations(this: Host, ctx: Ctx<Input<"product.listTranslations">>) {
    const { id } = ctx.params;
    const found = await products.find(this.db, id, now());
    const options = JSON.stringify(found.options ?? []);
    const pictures = (found.images ?? []).map((one) => one.id);
    const rows = await texts.list(this.db, [...texts.idsIn({ id, options }), ...pictures]);
    const byLanguage = Map.groupBy(rows, ({ language }) => language);
    return { items: Array.from(byLanguage, ([language, some]) => toTexts(id, language, some)) };
  },

  async setTranslation(this: Host, ctx: Ctx<Input<"product.setTranslation">>) {
    const { id, language, name, description, options = [], images: alts = [] } = ctx.params;
    checkOther(language);
    await this.db.write(async (tx) => {
      const ids = await take(tx, ctx.params);
      const unknown = options.find((one) => one.id === id || !ids.includes(one.id));
      if (unknown) throw product.error("OPTION_UNKNOWN", { id: unknown.id });
      const pictures = (await images.list(tx, [id])).map((one) => one.id);
      if (alts.some((one) => !pictures.includes(one.id))) throw product.error("IMAGE_UNKNOWN");
      const named = [{ id, text: name }, ...options];
      const rows: Translation[] = named.map((one) => ({ entity_id: one.id, field: "name", language, text: one.text }));
      if (description !== undefined) rows.push({ entity_id: id, field: "description", language, text: description });
      rows.push(...alts.map((one) => ({ entity_id: one.id, field: "alt" as const, language, text: one.text })));
      tx.add(texts.remove([...ids, ...pictures], language), ...texts.add(rows));
      await index(tx, [id], now());
    });
    return products.find(this.db, id, now(), ctx.meta.language);
  },

  async removeTranslation(this: Host, ctx: Ctx<Input<"product.removeTranslation">>) {
    const { id, language } = ctx.params;
    await this.db.write(async (tx) => {
      const ids = await take(tx, ctx.params);
      const pictures = (await images.list(tx, [id])).map((one) => one.id);
      tx.add(texts.remove([...ids, ...pictures], language));
      await index(tx, [id], now());
    });
    return null;
  },

  async listCategoryTranslations(this: Host, ctx: Ctx<Input<"product.listCategoryTranslations">>) {
    const { id } = ctx.params;
    await categories.find(this.db, id);
    const rows = await texts.list(this.db, [id]);
    return { items: rows.map(({ language, text: name }) => ({ language, name })) };
  },

  async setCategoryTranslation(this: Host, ctx: Ctx<Input<"product.setCategoryTranslation">>) {
    const { id, language, version, name: text } = ctx.params;
    checkOther(language);
    await this.db.write(async (tx) => {
      await categories.take(tx, id, version);
      tx.add(...texts.add([{ entity_id: id, field: "name", language, text }]));
    });
    return categories.find(this.db, id, ctx.meta.language);
  },

  async removeCategoryTranslation(this: Host, ctx: Ctx<Input<"product.removeCategoryTranslation">>) {
    const { id, language, version } = ctx.params;
    await this.db.write(async (tx) => {
      await categories.take(tx, id, version);
      tx.add(texts.remove([id], language));
    });
    return null;
  },
} satisfies BlockHandlers<typeof contract>;

export const translationsOfTexts = (): Mixin => mixin({}, { name: "translations", migrations: {}, handlers });
