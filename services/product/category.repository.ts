/** All SQL of categories: lists, and the rules that keep them a tree. */
import type { Kysely } from "kysely";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Language } from "#core/text.ts";
import { pageById } from "#mixins/database/paging.ts";
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import { type Category, pathOf } from "./category.model.ts";
import { product } from "./product.contract.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";
import { forget, textsFor } from "./translation.repository.ts";

type Row = ProductTables["categories"];

/** A category and all its subcategories. */
export const within = (q: Kysely<ProductTables>, id: string) =>
  q
    .withRecursive("tree", (tree) =>
      tree
        .selectFrom("categories")
        .select("id")
        .where("id", "=", id)
        .union(tree.selectFrom("categories as c").innerJoin("tree", "tree.id", "c.parent_id").select("c.id")),
    )
    .selectFrom("tree")
    .select("tree.id");

const findCategory = sql((q, p: { id: string }) => q.selectFrom("categories").selectAll().where("id", "=", p.id));
const findByKey = sql((q, p: { key: string }) => q.selectFrom("categories").selectAll().where("key", "=", p.key));
/** A seeded category keeps its row when the key is already known. */
const insert = sql((q, p: Row) =>
  q
    .insertInto("categories")
    .values(columns(p, "id", "key", "name", "parent_id", "version"))
    .onConflict((one) => one.column("key").doNothing()),
);
const nextVersion = sql((q, p: { id: string }) =>
  q
    .updateTable("categories")
    .set((e) => ({ version: e("version", "+", 1) }))
    .where("id", "=", p.id)
    .returningAll(),
);
/**
 * Locks a category and all its ancestors. Two moves that together would make a cycle lock a common category, so they
 * wait for each other, and one of them is rolled back and run again.
 */
const takeAbove = sql((q, p: { id: string }) =>
  q
    .updateTable("categories")
    .set((e) => ({ version: e.ref("version") }))
    .where("id", "in", () =>
      q
        .withRecursive("above", (above) =>
          above
            .selectFrom("categories")
            .select(["id", "parent_id"])
            .where("id", "=", p.id)
            .union(
              above
                .selectFrom("categories as c")
                .innerJoin("above", "above.parent_id", "c.id")
                .select(["c.id", "c.parent_id"]),
            ),
        )
        .selectFrom("above")
        .select("above.id"),
    ),
);
const setDetails = sql((q, p: Pick<Row, "id" | "name" | "parent_id">) =>
  q
    .updateTable("categories")
    .set(columns(p, "name", "parent_id"))
    .where("id", "=", p.id),
);
const findWithin = sql((q, p: { id: string; wanted: string }) => within(q, p.id).where("tree.id", "=", p.wanted));
const findUser = sql((q, p: { id: string }) =>
  q
    .selectFrom("products")
    .select("id")
    .where("category_id", "=", p.id)
    .unionAll(q.selectFrom("categories").select("id").where("parent_id", "=", p.id))
    .limit(1),
);
const removeCategory = sql((q, p: { id: string }) => q.deleteFrom("categories").where("id", "=", p.id));

const listAbove = sql((q, p: { ids: string }) =>
  q
    .withRecursive("above", (above) =>
      above
        .selectFrom(rowsIn(p.ids))
        .innerJoin("categories as c", "c.id", "given.key")
        .select(["c.id", "c.name", "c.parent_id"])
        .union(
          above
            .selectFrom("categories as c")
            .innerJoin("above", "above.parent_id", "c.id")
            .select(["c.id", "c.name", "c.parent_id"]),
        ),
    )
    .selectFrom("above")
    .select(["id", "name", "parent_id"]),
);

/** These categories and all that are above them. */
export const above = (db: Db, ids: readonly string[]) => db.all(listAbove, { ids: rowsText(ids.map((id) => [id, 0])) });

/** Categories as a reader sees them, with their paths. */
async function shown(db: Db, rows: readonly Row[], language?: Language): Promise<Category[]> {
  const known = await above(
    db,
    rows.map(({ id }) => id),
  );
  const texts = await textsFor(
    db,
    language,
    known.map(({ id }) => ({ id })),
  );
  const named = new Map(known.map((one) => [one.id, { ...one, name: texts.of(one.id, "name") ?? one.name }]));
  return rows.map(({ id, name, parent_id, version }) => ({
    id,
    name: named.get(id)?.name ?? name,
    language: texts.languageOf(id),
    parentId: parent_id,
    path: pathOf(parent_id, named),
    version,
  }));
}

/** Oldest first. */
export async function list(db: Db, paging: Paging, language?: Language): Promise<PageOf<Category>> {
  const { items, nextCursor } = await pageById(
    db.query.selectFrom("categories").selectAll(),
    paging,
    (row) => row,
    "asc",
  );
  return { items: await shown(db, items, language), nextCursor };
}

/** @throws CATEGORY_NOT_FOUND */
export async function check(db: Db, id: string | null | undefined): Promise<void> {
  if (id && !(await db.one(findCategory, { id }))) throw product.error("CATEGORY_NOT_FOUND");
}

/** @throws CATEGORY_NOT_FOUND */
export async function add(tx: Tx, name: string, parentId: string | null, language?: Language): Promise<Category> {
  await check(tx, parentId);
  const row = { id: newId(), key: null, name, parent_id: parentId, version: 1 };
  tx.add(insert.with(row));
  return find(tx, row.id, language);
}

/** The id of the seeded category with this name, which is created when it is missing. */
export async function named(tx: Tx, name: string): Promise<string> {
  tx.add(insert.with({ id: newId(), key: name, name, parent_id: null, version: 1 }));
  return (await tx.one(findByKey, { key: name }))!.id;
}

interface Change {
  readonly id: string;
  readonly version?: number;
  readonly name?: string;
  readonly parentId?: string | null;
}

/** @throws NOT_FOUND */
export async function find(db: Db, id: string, language?: Language): Promise<Category> {
  const row = await db.one(findCategory, { id });
  if (!row) throw product.error("NOT_FOUND");
  return (await shown(db, [row], language))[0]!;
}

/** Locks a category for a change and increases its version. @throws NOT_FOUND, STALE_VERSION */
export async function take(tx: Tx, id: string, version: number | undefined): Promise<Row> {
  const row = await tx.one(nextVersion, { id });
  if (!row) throw product.error("NOT_FOUND");
  if (version !== undefined && row.version !== version + 1) throw product.error("STALE_VERSION");
  return row;
}

/** @throws NOT_FOUND, STALE_VERSION, CATEGORY_NOT_FOUND, CATEGORY_CYCLE */
export async function update(tx: Tx, { id, version, name, parentId }: Change, language?: Language): Promise<Category> {
  const row = await take(tx, id, version);
  await check(tx, parentId);
  if (parentId) tx.add(takeAbove.with({ id: parentId }));
  if (parentId && (await tx.one(findWithin, { id, wanted: parentId }))) throw product.error("CATEGORY_CYCLE");
  const changed = { ...row, name: name ?? row.name, parent_id: parentId === undefined ? row.parent_id : parentId };
  tx.add(setDetails.with(changed));
  return find(tx, id, language);
}

/** @throws NOT_FOUND, STALE_VERSION, CATEGORY_IN_USE */
export async function remove(tx: Tx, id: string, version?: number): Promise<void> {
  await take(tx, id, version);
  if (await tx.one(findUser, { id })) throw product.error("CATEGORY_IN_USE");
  tx.add(removeCategory.with({ id }), forget([id]));
}

/** Each of these categories with those above it; nothing for none. */
export async function pathsOf(db: Db, ids: readonly (string | null)[]): Promise<string[][]> {
  const wanted = new Set(ids.filter((id) => id !== null));
  const known = wanted.size === 0 ? [] : await above(db, [...wanted]);
  const parents = new Map(known.map(({ id, parent_id }) => [id, parent_id]));
  return ids.map((id) => {
    const path: string[] = [];
    for (let at = id; at && !path.includes(at); at = parents.get(at) ?? null) path.push(at);
    return path;
  });
}
