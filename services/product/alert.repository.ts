/**
 * The SQL of stock that runs low. A statement that changes a level marks it when it comes to another stage than was told
 * last. The transaction that takes the mark also writes the event: so each stage is told once, and none is lost.
 */
import { type ExpressionBuilder, type RawBuilder, sql as fragment } from "kysely";
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { dueIn } from "#mixins/queue/due.ts";
import { type Stage } from "./alert.model.ts";
import { config } from "./product.config.ts";
import { product } from "./product.contract.ts";
import { type Db, type ProductTables, sql, type Tx } from "./product.tables.ts";

type Level = ExpressionBuilder<ProductTables, "stock_levels">;

/** Of a level that is changed to so many sellable units: when it is to be told of, null when it was. */
export const markFor = (e: Level, sellable: RawBuilder<number>, lowAt: RawBuilder<number>, now: number) =>
  fragment<number | null>`case
    when case when ${sellable} <= 0 then 'out' when ${sellable} <= ${lowAt} then 'low' else 'enough' end <> ${e.ref("stage")}
    then coalesce(${e.ref("alert_at")}, cast(${now} as bigint)) end`;

/** The threshold of a level that has none of its own. */
export const ownOr = (e: Level, low: number) => fragment<number>`coalesce(${e.ref("low_at")}, cast(${low} as integer))`;

const setLowAt = sql((q, p: { product_id: string; low_at: number | null; low: number; now: number }) =>
  q
    .updateTable("stock_levels")
    .set((e) => ({
      low_at: p.low_at,
      alert_at: markFor(
        e,
        fragment`(on_hand - held)`,
        fragment`coalesce(cast(${p.low_at} as integer), cast(${p.low} as integer))`,
        p.now,
      ),
    }))
    .where("product_id", "=", p.product_id),
);
const findOwn = sql((q, p: { product_id: string }) =>
  q
    .selectFrom("stock_levels")
    .innerJoin("products", "products.id", "product_id")
    .select(["low_at", "options"])
    .where("product_id", "=", p.product_id)
    .where("archived_at", "is", null),
);
const takeMark = sql((q, p: { product_id: string }) =>
  q
    .updateTable("stock_levels")
    .set({ alert_at: null })
    .where("product_id", "=", p.product_id)
    .where("alert_at", "is not", null)
    .returning(["on_hand", "held", "low_at", "stage"]),
);
const findNamed = sql((q, p: { product_id: string }) =>
  q.selectFrom("products").select(["sku", "parent_id", "archived_at"]).where("id", "=", p.product_id),
);
const setStage = sql((q, p: { product_id: string; stage: Stage }) =>
  q.updateTable("stock_levels").set(columns(p, "stage")).where("product_id", "=", p.product_id),
);

/** Levels of which somebody is to be told. */
export const marked = dueIn<ProductTables>()("stock_levels", "alert_at");

/** The marked level, unless another node has taken it. Nobody changes it until the transaction ends. */
export const take = (tx: Tx, productId: string) => tx.one(takeMark, { product_id: productId });

export const named = async (tx: Tx, productId: string) => (await tx.one(findNamed, { product_id: productId }))!;

export const told = (productId: string, stage: Stage): Write => setStage.with({ product_id: productId, stage });

/** @throws NOT_FOUND */
export async function threshold(db: Db, productId: string) {
  const row = await db.one(findOwn, { product_id: productId });
  if (!row) throw product.error("NOT_FOUND", { productId });
  return { lowAt: row.low_at ?? config.PRODUCT_STOCK_LOW, isDefault: row.low_at === null, options: row.options };
}

/**
 * @param lowAt null for the shop's setting
 * @param now milliseconds since the epoch
 * @throws NOT_FOUND, IN_VARIANTS
 */
export async function setThreshold(tx: Tx, productId: string, lowAt: number | null, now: number): Promise<void> {
  if ((await threshold(tx, productId)).options !== null) throw product.error("IN_VARIANTS");
  const own = { product_id: productId, low_at: lowAt, low: config.PRODUCT_STOCK_LOW, now };
  tx.add(required(setLowAt.with(own), () => product.error("NOT_FOUND", { productId })));
}

interface Short {
  readonly productId: string;
  readonly sku?: string;
  readonly variantOf?: string;
  readonly name: string;
  readonly isSoldOut: boolean;
  readonly sellable: number;
}

/** What is short on sale, without what is sold in variants alone. */
export function listShort(db: Db, paging: Paging): Promise<PageOf<Short>> {
  const rows = db.query
    .selectFrom("stock_levels as s")
    .innerJoin("products as p", "p.id", "s.product_id")
    .select(["s.product_id as id", "p.name", "p.sku", "p.parent_id", "stage"])
    .select((e) => e("on_hand", "-", e.ref("held")).as("sellable"))
    .where("stage", "<>", "enough")
    .where("archived_at", "is", null)
    .where("options", "is", null);
  return pageById(
    db.query.selectFrom(rows.as("short")).selectAll(),
    paging,
    ({ id, name, sku, parent_id, stage, sellable }) => ({
      productId: id,
      name,
      ...(sku !== null && { sku }),
      ...(parent_id !== null && { variantOf: parent_id }),
      isSoldOut: stage === "out",
      sellable,
    }),
  );
}
