/** The addresses of products: each product has one, and keeps those that it had, which nobody else gets. */
import { rowsIn, rowsText, textAt } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import { sql as raw } from "kysely";
import { product } from "./product.contract.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";
import { slugOf, slugWithId } from "./slug.model.ts";

type Row = ProductTables["product_slugs"];

/** One of two that want the same waits for the other, and then gets nothing. */
const takeSlugs = sql((q, p: { rows: string }) =>
  q
    .insertInto("product_slugs")
    .columns(["slug", "product_id"])
    .expression(
      q
        .selectFrom(rowsIn(p.rows))
        .select([textAt(0).as("slug"), "given.key as product_id"])
        .where(raw<boolean>`true`)
        .orderBy("slug"),
    )
    .onConflict((one) => one.column("slug").doNothing())
    .returning(["slug", "product_id as id"]),
);
const findOwner = sql((q, p: { slug: string }) =>
  q.selectFrom("product_slugs").select("product_id").where("slug", "=", p.slug),
);
const insertSlug = sql((q, p: Row) =>
  q
    .insertInto("product_slugs")
    .values(columns(p, "slug", "product_id"))
    .onConflict((one) => one.column("slug").doNothing()),
);
const setSlug = sql((q, p: { id: string; slug: string }) =>
  q.updateTable("products").set({ slug: p.slug }).where("id", "=", p.id),
);
const findId = sql((q, p: { slug: string }) =>
  q
    .selectFrom("product_slugs as s")
    .innerJoin("products as p", "p.id", "s.product_id")
    .select("p.id")
    .where("s.slug", "=", p.slug)
    .where("archived_at", "is", null),
);

interface Named {
  readonly id: string;
  readonly name: string;
}

/** Gives products without an address one of their own, made of the name, and of the id where another has it. */
export async function assign(tx: Tx, products: readonly Named[]): Promise<void> {
  if (products.length === 0) return;
  const wanted = products.flatMap(({ id, name }) => {
    const slug = slugOf(name);
    return slug === null ? [] : [[id, [slug]] as const];
  });
  const taken = new Map((await tx.all(takeSlugs, { rows: rowsText(wanted) })).map(({ id, slug }) => [id, slug]));
  for (const { id, name } of products) {
    const slug = taken.get(id) ?? slugWithId(slugOf(name), id);
    if (!taken.has(id)) tx.add(insertSlug.with({ slug, product_id: id }));
    tx.add(setSlug.with({ id, slug }));
  }
}

/** Gives a product another address; the one that it had leads to it. @throws SLUG_TAKEN */
export async function change(tx: Tx, id: string, slug: string): Promise<void> {
  await tx.run(insertSlug, { slug, product_id: id });
  const owner = await tx.one(findOwner, { slug });
  if (owner?.product_id !== id) throw product.error("SLUG_TAKEN");
  tx.add(setSlug.with({ id, slug }));
}

/** The product that has or had this address. @throws NOT_FOUND */
export async function idOf(db: Db, slug: string): Promise<string> {
  const row = await db.one(findId, { slug });
  if (!row) throw product.error("NOT_FOUND");
  return row.id;
}
