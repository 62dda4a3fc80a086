/** Stock levels and their ledger. They change together, and only here. */
import { sql as fragment } from "kysely";
import { now } from "#core/clock.ts";
import { page } from "#core/cursor.ts";
import { integerValue, rowsIn } from "#mixins/database/rows.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { markFor, ownOr } from "./alert.repository.ts";
import { stageOf, type Stage } from "./alert.model.ts";
import { config } from "./product.config.ts";
import { product } from "./product.contract.ts";
import type { Line, MovementKind } from "./product.model.ts";
import { type Db, linesText, type ProductTables, sql, type Tx } from "./product.tables.ts";

type Entry = Omit<ProductTables["movements"], "seq">;

const timesQuantity = (factor: number) => fragment<number>`cast(${factor} as integer) * ${integerValue}`;

const insertLevel = sql((q, p: { product_id: string; on_hand: number; stage: Stage }) =>
  q.insertInto("stock_levels").values({ ...columns(p, "product_id", "on_hand", "stage"), held: 0 }),
);
type Change = Pick<Entry, "product_id" | "on_hand_change" | "held_change"> & { low: number; now: number };
/** The condition is the same for every kind of change: reserved units must exist. */
const changeLevel = sql((q, p: Change) =>
  q
    .updateTable("stock_levels")
    .set((e) => ({
      on_hand: e("on_hand", "+", p.on_hand_change),
      held: e("held", "+", p.held_change),
      alert_at: markFor(
        e,
        fragment`(on_hand - held + cast(${p.on_hand_change} as integer) - cast(${p.held_change} as integer))`,
        ownOr(e, p.low),
        p.now,
      ),
    }))
    .where("product_id", "=", p.product_id)
    .where((e) => e(e("on_hand", "+", p.on_hand_change), ">=", e("held", "+", p.held_change))),
);
const insertEntry = sql((q, p: Entry) =>
  q
    .insertInto("movements")
    .values(columns(p, "product_id", "kind", "on_hand_change", "held_change", "order_id", "reason", "at")),
);
const insertEntries = sql((q, p: Effect & { lines: string }) =>
  q
    .insertInto("movements")
    .columns(["product_id", "kind", "on_hand_change", "held_change", "order_id", "reason", "at"])
    .expression(
      q
        .selectFrom(rowsIn(p.lines))
        .select((e) => [
          "given.key",
          e.val(p.kind).as("kind"),
          timesQuantity(p.onHand).as("on_hand_change"),
          timesQuantity(p.held).as("held_change"),
          e.val(p.orderId).as("order_id"),
          e.val(p.reason).as("reason"),
          e.val(p.at).as("at"),
        ])
        .orderBy("given.key"),
    ),
);
const findLevel = sql((q, p: { product_id: string }) =>
  q
    .selectFrom("stock_levels as s")
    .innerJoin("products as p", "p.id", "s.product_id")
    .select(["on_hand as onHand", "held", "options"])
    .select((e) => e("on_hand", "-", e.ref("held")).as("sellable"))
    .where("product_id", "=", p.product_id)
    .where("archived_at", "is", null),
);
const total = (column: "on_hand" | "held") =>
  fragment<number>`cast(coalesce(sum(${fragment.ref(column)}), 0) as bigint)`;
const sumOfVariants = sql((q, p: { parent_id: string }) =>
  q
    .selectFrom("stock_levels as s")
    .innerJoin("products as p", "p.id", "s.product_id")
    .select([total("on_hand").as("onHand"), total("held").as("held")])
    .where("parent_id", "=", p.parent_id)
    .where("archived_at", "is", null),
);
const listBefore = sql((q, p: { product_id: string; before: number; limit: number }) =>
  q
    .selectFrom("movements")
    .selectAll()
    .where("product_id", "=", p.product_id)
    .where("seq", "<", p.before)
    .orderBy("seq", "desc")
    .limit(p.limit),
);

/** The effect of an order on the stock of its products, per unit of a line. */
interface Effect {
  readonly orderId: string;
  readonly kind: MovementKind;
  readonly onHand: number;
  readonly held: number;
  /** Why some of its units come back; null for a step of the order's course. */
  readonly reason: string | null;
  /** RFC 3339. */
  readonly at: string;
}

interface Movement {
  readonly productId: string;
  readonly kind: MovementKind;
  /** Change of the units on hand. */
  readonly onHand: number;
  /** Change of the held units. */
  readonly held: number;
  readonly reason?: string;
  /** RFC 3339. */
  readonly at: string;
}

const entryOf = ({ productId, kind, onHand, held, reason, at }: Movement): Entry => ({
  product_id: productId,
  kind,
  on_hand_change: onHand,
  held_change: held,
  order_id: null,
  reason: reason ?? null,
  at,
});

/** What is low is marked in the same statement, so that nobody has to look for it. */
const changed = (change: Pick<Entry, "product_id" | "on_hand_change" | "held_change">) =>
  changeLevel.with({ ...change, low: config.PRODUCT_STOCK_LOW, now: now() });

/** The stock of a new product. */
export const open = (productId: string, onHand: number, at: string): readonly Write[] => [
  insertLevel.with({ product_id: productId, on_hand: onHand, stage: stageOf(onHand, config.PRODUCT_STOCK_LOW) }),
  insertEntry.with(entryOf({ productId, kind: "initial", onHand, held: 0, at })),
];

/**
 * Changes the levels of an order's products and adds the entries to the ledger. Everybody who buys the same product
 * waits for the lock on its level from here to the commit, so this comes after everything else.
 * @param lines sorted by product id, so that two transactions never wait for each other
 * @param lacking makes the error for the first line without enough stock
 */
export function move(lines: readonly Line[], effect: Effect, lacking: (line: Line) => Error): readonly Write[] {
  const changes = lines.map((line) => {
    const { productId: product_id, quantity } = line;
    const change = { product_id, on_hand_change: effect.onHand * quantity, held_change: effect.held * quantity };
    return required(changed(change), () => lacking(line));
  });
  return [insertEntries.with({ ...effect, lines: linesText(lines) }), ...changes];
}

interface Level {
  readonly onHand: number;
  readonly held: number;
  readonly sellable: number;
}

async function read(db: Db, productId: string) {
  const level = await db.one(findLevel, { product_id: productId });
  if (!level) throw product.error("NOT_FOUND", { productId });
  return level;
}

/** Of a product in variants, what all of them have. @throws NOT_FOUND */
export async function find(db: Db, productId: string): Promise<Level> {
  const { options, ...own } = await read(db, productId);
  if (options === null) return own;
  const { onHand, held } = (await db.one(sumOfVariants, { parent_id: productId }))!;
  return { onHand, held, sellable: onHand - held };
}

interface Adjustment {
  readonly id: string;
  readonly quantity: number;
  readonly reason: string;
  /** RFC 3339. */
  readonly at: string;
}

/**
 * What a product had before it was sold in variants can come back, and then only be booked out.
 * @throws NOT_FOUND, IN_VARIANTS, OUT_OF_STOCK when more is booked out than is sellable
 */
export async function adjust(tx: Tx, { id, quantity, reason, at }: Adjustment): Promise<Level> {
  const { sellable, options } = await read(tx, id);
  tx.add(...booked({ id, quantity, reason, at }, options !== null, { sellable }));
  return find(tx, id);
}

/** The same for a product whose row is known already. @throws IN_VARIANTS, and what `adjust` does when it is sent */
export function booked(adjustment: Adjustment, isInVariants: boolean, known: object = {}): readonly Write[] {
  const { id: productId, quantity, reason, at } = adjustment;
  if (isInVariants && quantity > 0) throw product.error("IN_VARIANTS");
  const entry = entryOf({ productId, kind: "adjustment", onHand: quantity, held: 0, reason, at });
  const lacking = () => product.error("OUT_OF_STOCK", { productId, requested: -quantity, ...known });
  return [insertEntry.with(entry), required(changed(entry), lacking)];
}

/**
 * The ledger, latest first.
 * @param before the position where the page before ended
 * @throws NOT_FOUND
 */
export async function list(db: Db, id: string, limit: number, before: number = Number.MAX_SAFE_INTEGER) {
  const rows = await db.all(listBefore, { product_id: id, before, limit: limit + 1 });
  // The page behind the last entry is empty, but only for a product that exists.
  if (rows.length === 0 && !(await db.one(listBefore, { product_id: id, before: Number.MAX_SAFE_INTEGER, limit: 1 })))
    throw product.error("NOT_FOUND");
  return page(
    rows,
    limit,
    ({ kind, on_hand_change, held_change, order_id, reason, at }) => ({
      kind,
      onHand: on_hand_change,
      held: held_change,
      orderId: order_id,
      reason,
      at,
    }),
    ({ seq }) => [seq],
  );
}
