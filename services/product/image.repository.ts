/** All SQL of pictures: which a product shows, and whose files are in the storage. */
import { rowsIn, rowsText } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { product } from "./product.contract.ts";
import { MOST_IMAGES } from "./image.model.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";

type File = ProductTables["image_files"];
type Row = ProductTables["product_images"];

/** Changes nothing while the files are being removed. */
const touchFile = sql((q, p: Omit<File, "going">) =>
  q
    .insertInto("image_files")
    .values({ ...columns(p, "hash", "width", "height", "touched_at"), going: 0 })
    .onConflict((one) =>
      one.column("hash").doUpdateSet({ touched_at: p.touched_at }).where("image_files.going", "=", 0),
    ),
);
const listOf = sql((q, p: { ids: string }) =>
  q
    .selectFrom(rowsIn(p.ids))
    .innerJoin("product_images as i", "i.product_id", "given.key")
    .innerJoin("image_files as f", "f.hash", "i.hash")
    .select(["i.id as id", "i.product_id as product_id", "i.hash as hash", "i.alt as alt", "i.position as position"])
    .select(["f.width as width", "f.height as height"])
    .orderBy("i.position")
    .orderBy("i.id"),
);
/** A file that is going cannot be shown. */
const insertImage = sql((q, p: Row) =>
  q
    .insertInto("product_images")
    .values(columns(p, "id", "product_id", "hash", "position", "alt"))
    .onConflict((one) => one.columns(["product_id", "hash"]).doNothing()),
);
const setAlt = sql((q, p: Pick<Row, "id" | "product_id" | "alt">) =>
  q.updateTable("product_images").set({ alt: p.alt }).where("id", "=", p.id).where("product_id", "=", p.product_id),
);
const setPosition = sql((q, p: Pick<Row, "id" | "position">) =>
  q.updateTable("product_images").set({ position: p.position }).where("id", "=", p.id),
);
const removeImage = sql((q, p: Pick<Row, "id" | "product_id">) =>
  q.deleteFrom("product_images").where("id", "=", p.id).where("product_id", "=", p.product_id),
);
/** Of a product and its variants. */
const removeAllOf = sql((q, p: { product_id: string }) =>
  q.deleteFrom("product_images").where("product_id", "in", (e) =>
    e
      .selectFrom("products")
      .select("id")
      .where((one) => one.or([one("id", "=", p.product_id), one("parent_id", "=", p.product_id)])),
  ),
);
/** Those that no product shows since a while, and those whose removal did not end. */
const takeUnused = sql((q, p: { before: number; limit: number }) =>
  q
    .updateTable("image_files")
    .set({ going: 1 })
    .where("hash", "in", (e) =>
      e
        .selectFrom("image_files as f")
        .select("f.hash")
        .where("f.touched_at", "<", p.before)
        .where((one) =>
          one.not(one.exists(one.selectFrom("product_images as i").select("i.id").whereRef("i.hash", "=", "f.hash"))),
        )
        .orderBy("f.touched_at")
        .limit(p.limit),
    )
    .where("touched_at", "<", p.before)
    .returning("hash"),
);
const forgetFile = sql((q, p: { hash: string }) =>
  q.deleteFrom("image_files").where("hash", "=", p.hash).where("going", "=", 1),
);

export type ImageRow = Row & Pick<File, "width" | "height">;

/** Of these products, in their order. */
export const list = (db: Db, productIds: readonly string[]): Promise<ImageRow[]> =>
  db.all(listOf, { ids: rowsText(productIds.map((id) => [id, 0])) });

/** Its files will be stored now, and stay for a while without a product. @throws IMAGE_BUSY */
export async function touch(db: Db, file: Omit<File, "going">): Promise<void> {
  if ((await db.run(touchFile, file)) === 0) throw product.error("IMAGE_BUSY", { retryAfter: 1 });
}

/**
 * Adds a picture whose files are stored. The product is locked.
 * @throws IMAGES_FULL, IMAGE_EXISTS, IMAGE_BUSY
 */
export async function add(tx: Tx, image: Omit<Row, "position">, file: Omit<File, "going">): Promise<void> {
  const known = await list(tx, [image.product_id]);
  if (known.length >= MOST_IMAGES) throw product.error("IMAGES_FULL", { most: MOST_IMAGES });
  const position = Math.max(-1, ...known.map((one) => one.position)) + 1;
  tx.add(
    required(touchFile.with(file), () => product.error("IMAGE_BUSY", { retryAfter: 1 })),
    required(insertImage.with({ ...image, position }), () => product.error("IMAGE_EXISTS")),
  );
}

/** @throws IMAGE_UNKNOWN unless it names each of the product's pictures once */
export async function arrange(tx: Tx, productId: string, ids: readonly string[]): Promise<void> {
  const known = (await list(tx, [productId])).map(({ id }) => id);
  if (known.toSorted().join() !== ids.toSorted().join()) throw product.error("IMAGE_UNKNOWN");
  tx.add(...ids.map((id, position) => setPosition.with({ id, position })));
}

const missing = () => product.error("NOT_FOUND");

/** Fails with NOT_FOUND. */
export const describe = (productId: string, id: string, alt: string): Write =>
  required(setAlt.with({ product_id: productId, id, alt }), missing);

/** Its files go later, unless another product shows them. Fails with NOT_FOUND. */
export const remove = (productId: string, id: string): Write =>
  required(removeImage.with({ product_id: productId, id }), missing);

/** Of a product that goes off sale, with its variants. */
export const removeAll = (productId: string): Write => removeAllOf.with({ product_id: productId });

/** Hashes of files that no product shows, and that nobody can show any more. @param before milliseconds since the epoch */
export const unused = (tx: Tx, before: number, limit: number): Promise<{ hash: string }[]> =>
  tx.all(takeUnused, { before, limit });

/** The files are gone. */
export const forget = (db: Db, hash: string): Promise<number> => db.run(forgetFile, { hash });
