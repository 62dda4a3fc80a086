/** The SQL of placing orders. Each is inserted with the key of its request, so that a repeated request finds it. */
import { now } from "#core/clock.ts";
import { firstIdAt } from "#core/id.ts";
import { sharedError } from "#core/errors.ts";
import { KEEP, MOST } from "#mixins/idempotency/idempotency.mixin.ts";
import { integerField, rowsIn, rowsText, textField } from "#mixins/database/rows.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { Order } from "./answer.contract.ts";
import type { ItemRow, OrderRow } from "./order.projection.ts";
import type { Db, OrderTables } from "./order.repository.ts";

const sql = statements<OrderTables>();

type Placed = "payment_id" | "reason" | "version" | "status" | "erased" | "closing" | "answer";
const insertOrder = sql((q, p: Omit<OrderRow, Placed>) =>
  q
    .insertInto("orders")
    .values({
      ...columns(p, "id", "user_id", "total", "currency", "shipping_address", "created_at", "status_at"),
      ...columns(p, "subtotal", "shipping", "tax", "added_tax", "taxes", "shipping_rule"),
      ...columns(p, "discount", "coupons", "points", "payable", "uncaptured"),
      ...columns(p, "number", "note", "idempotency_key", "request_hash"),
      status: "pending",
      version: 1,
    } as OrderRow)
    // An order that another constraint refuses is a fault.
    .onConflict((one) =>
      one.columns(["user_id", "idempotency_key"]).where("idempotency_key", "is not", null).doNothing(),
    ),
);
/** Changes nothing when the order, which is inserted before, is more than a person may keep keys for. */
const insertItems = sql((q, p: { order_id: string; items: string; user_id: string; since: string }) =>
  q
    .insertInto("order_items")
    .columns([
      "order_id",
      "position",
      "product_id",
      "name",
      "quantity",
      "unit_price",
      "line_total",
      "discount",
      "tax",
      "tax_rate",
      "tax_included",
      "sku",
      "option_values",
      "title",
    ])
    .expression(
      q
        .selectFrom(rowsIn(p.items))
        .select((e) => [
          e.val(p.order_id).as("order_id"),
          e.cast<number>("given.key", "integer").as("position"),
          textField("product_id").as("product_id"),
          textField("name").as("name"),
          integerField("quantity").as("quantity"),
          integerField("unit_price").as("unit_price"),
          integerField("line_total").as("line_total"),
          integerField("discount").as("discount"),
          integerField("tax").as("tax"),
          integerField("tax_rate").as("tax_rate"),
          integerField("tax_included").as("tax_included"),
          textField("sku").as("sku"),
          textField("option_values").as("option_values"),
          textField("title").as("title"),
        ])
        .where((e) =>
          e(
            e
              .selectFrom((from) =>
                from
                  .selectFrom("orders")
                  .select("id")
                  .where("user_id", "=", p.user_id)
                  .where("id", ">", p.since)
                  .limit(MOST + 1)
                  .as("kept"),
              )
              .select((kept) => kept.fn.countAll<number>().as("rows")),
            "<=",
            MOST,
          ),
        ),
    ),
);
type Key = Pick<OrderRow, "user_id"> & { idempotency_key: string; since: string };
const findByKey = sql((q, p: Key) =>
  q
    .selectFrom("orders")
    .select(["id", "request_hash"])
    .where("user_id", "=", p.user_id)
    .where("idempotency_key", "=", p.idempotency_key)
    .where("id", ">", p.since),
);
const dropKey = sql((q, p: Key) =>
  q
    .updateTable("orders")
    .set({ idempotency_key: null, request_hash: null, answer: null })
    .where("user_id", "=", p.user_id)
    .where("idempotency_key", "=", p.idempotency_key)
    .where("id", "<=", p.since),
);

/** The request that places an order, by which the order is found again. */
export interface Request {
  readonly userId: string;
  readonly key: string;
  readonly hash: string;
}

/** The key has placed an order before. */
export class KeyTaken extends Error {}

/** Orders from this id on keep their keys. Ids sort by the time of creation. */
const oldest = () => firstIdAt(now() - KEEP);
const keyOf = ({ userId, key }: Request): Key => ({ user_id: userId, idempotency_key: key, since: oldest() });

/** The order that was placed with this key. @throws IDEMPOTENCY_KEY_REUSED when another request used the key */
export async function find(db: Db, request: Request): Promise<string | undefined> {
  const found = await db.one(findByKey, keyOf(request));
  if (found && found.request_hash !== request.hash) throw sharedError("IDEMPOTENCY_KEY_REUSED");
  return found?.id;
}

/** Removes the order's key after its time is over. */
export const dropOld = (db: Db, request: Request): Promise<number> => db.run(dropKey, keyOf(request));

/**
 * Inserts the order as it was placed, with its lines. Fails with KeyTaken or RATE_LIMITED.
 * @param isCapturedLater true when its money is captured as its goods are sent
 */
export function insert({ userId, key, hash }: Request, order: Order, isCapturedLater = false): readonly Write[] {
  const { id, number = null, total, shippingAddress, note = null, createdAt, items } = order;
  const { subtotal, discount, shipping, tax, taxes, shippingRule = null, coupons, points, payable } = order;
  const owed = (payable ?? total).amount;
  const row = {
    id,
    number,
    user_id: userId,
    total: total.amount,
    subtotal: subtotal.amount - (discount?.amount ?? 0),
    discount: discount?.amount ?? null,
    coupons: coupons ? JSON.stringify(coupons) : null,
    points: points ?? null,
    payable: payable?.amount ?? null,
    uncaptured: isCapturedLater && owed > 0 ? owed : null,
    shipping: shipping.amount,
    tax: tax.amount,
    added_tax: taxes.reduce((sum, share) => sum + (share.included ? 0 : share.tax.amount), 0),
    taxes: JSON.stringify(taxes),
    shipping_rule: shippingRule,
    currency: total.currency,
    shipping_address: JSON.stringify(shippingAddress),
    note,
    created_at: createdAt,
    status_at: createdAt,
    idempotency_key: key,
    request_hash: hash,
  };
  const lines = items.map(
    ({
      productId,
      name,
      quantity,
      unitPrice,
      lineTotal,
      discount,
      tax,
      taxRate = null,
      taxIncluded = true,
      sku = null,
      optionValues,
      title,
    }): Omit<ItemRow, "order_id" | "position"> => ({
      product_id: productId,
      name,
      quantity,
      unit_price: unitPrice.amount,
      line_total: lineTotal.amount,
      discount: discount?.amount ?? null,
      tax: tax.amount,
      tax_rate: taxRate,
      tax_included: taxIncluded ? 1 : 0,
      sku,
      option_values: optionValues ? JSON.stringify(optionValues) : null,
      title: title ? JSON.stringify(title) : null,
    }),
  );
  const given = rowsText(lines.map((line, position) => [position, line]));
  return [
    required(insertOrder.with(row), () => new KeyTaken()),
    required(insertItems.with({ order_id: id, items: given, user_id: userId, since: oldest() }), () =>
      sharedError("RATE_LIMITED", { retryAfter: 60 * 60 }),
    ),
  ];
}
