/** All SQL of translations: one row for each text that is shown in another language than the shop's own. */
import type { Language } from "#core/text.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { readOptions } from "./option.model.ts";
import { type Db, sql } from "./product.tables.ts";
import { otherLanguage, ownTexts, type Texts, textsOf, type Translation } from "./translation.model.ts";

const listIn = sql((q, p: { ids: string; language: Language }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("translations as t", "t.entity_id", "given.key")
    .select(["t.entity_id as entity_id", "t.field as field", "t.text as text"])
    .where("t.language", "=", p.language),
);
const listAll = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("translations as t", "t.entity_id", "given.key")
    .select(["t.entity_id as entity_id", "t.field as field", "t.language as language", "t.text as text"])
    .orderBy("t.language")
    .orderBy("t.entity_id")
    .orderBy("t.field"),
);
const put = sql((q, p: Translation) =>
  q
    .insertInto("translations")
    .values(columns(p, "entity_id", "field", "language", "text"))
    .onConflict((one) => one.columns(["entity_id", "field", "language"]).doUpdateSet({ text: p.text })),
);
const removeIn = sql((q, p: { ids: string; language: Language }) =>
  q
    .deleteFrom("translations")
    .where("language", "=", p.language)
    .where("entity_id", "in", (e) => e.selectFrom(rowsIn(p.ids)).select("given.key")),
);
const removeAll = sql((q, p: { ids: string }) =>
  q.deleteFrom("translations").where("entity_id", "in", (e) => e.selectFrom(rowsIn(p.ids)).select("given.key")),
);

const keysOf = (ids: readonly string[]): string => rowsText(ids.map((id) => [id, 0]));

/** What of a product has texts: itself, or that of which it is a variant, with its options. */
interface Worded {
  readonly id: string;
  readonly parent_id?: string | null;
  readonly options?: string | null;
  readonly group_options?: string | null;
}

/** The ids of everything in it that is called something. */
export const idsIn = ({ id, parent_id, options, group_options }: Worded): string[] => [
  parent_id ?? id,
  ...readOptions(group_options ?? options ?? null).flatMap((one) => [one.id, ...one.values.map((value) => value.id)]),
];

/** @param language of the reader, if it is known */
export async function textsFor(db: Db, language: Language | undefined, rows: readonly Worded[]): Promise<Texts> {
  const other = otherLanguage(language);
  if (other === null || rows.length === 0) return ownTexts;
  return textsOf(other, await db.all(listIn, { ids: keysOf(rows.flatMap(idsIn)), language: other }));
}

/** In all languages. */
export const list = (db: Db, ids: readonly string[]): Promise<Translation[]> => db.all(listAll, { ids: keysOf(ids) });

export const add = (translations: readonly Translation[]): readonly Write[] => translations.map((one) => put.with(one));

export const remove = (ids: readonly string[], language: Language): Write =>
  removeIn.with({ ids: keysOf(ids), language });

/** Of what is there no more. */
export const forget = (ids: readonly string[]): Write => removeAll.with({ ids: keysOf(ids) });
