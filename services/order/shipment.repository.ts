/** All SQL of shipments. The order to which one belongs is locked before it is changed. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Shipment } from "./answer.contract.ts";
import type { Units } from "./fulfilment.model.ts";
import { order } from "./order.contract.ts";
import type { ShipmentRow } from "./fulfilment.tables.ts";
import type { Db, OrderTables, Owner, Tx } from "./order.tables.ts";

const sql = statements<OrderTables>();
const rowColumns = ["id", "order_id", "state", "carrier", "tracking_number"] as const;
const times = ["created_at", "shipped_at", "ended_at", "version"] as const;

const insertRow = sql((q, p: ShipmentRow) =>
  q.insertInto("shipments").values({ ...columns(p, ...rowColumns), ...columns(p, ...times) }),
);
const insertItem = sql((q, p: OrderTables["shipment_items"]) =>
  q.insertInto("shipment_items").values(columns(p, "shipment_id", "product_id", "quantity")),
);
const findRow = sql((q, p: { id: string }) => q.selectFrom("shipments").selectAll().where("id", "=", p.id));
const findOwnRow = sql((q, p: { id: string; owner: string }) =>
  q
    .selectFrom("shipments")
    .selectAll("shipments")
    .innerJoin("orders", "orders.id", "order_id")
    .where("shipments.id", "=", p.id)
    .where("user_id", "=", p.owner),
);
/** One that is on its way comes first: carriers use a number again. */
const findTracked = sql((q, p: { carrier: string; tracking_number: string }) =>
  q
    .selectFrom("shipments")
    .selectAll()
    .where("tracking_number", "=", p.tracking_number)
    .where("carrier", "=", p.carrier)
    .orderBy("id", "desc")
    .limit(1),
);
const findUnderWay = sql((q, p: { carrier: string; tracking_number: string; id: string }) =>
  q
    .selectFrom("shipments")
    .select("id")
    .where("tracking_number", "=", p.tracking_number)
    .where("carrier", "=", p.carrier)
    .where("ended_at", "is", null)
    .where("id", "<>", p.id),
);
const updateRow = sql((q, p: ShipmentRow) =>
  q
    .updateTable("shipments")
    .set({ ...columns(p, "state", "carrier", "tracking_number"), ...columns(p, "shipped_at", "ended_at", "version") })
    .where("id", "=", p.id),
);
const removeRow = sql((q, p: { id: string }) => q.deleteFrom("shipments").where("id", "=", p.id));
const listItems = sql((q, p: { shipment_id: string }) =>
  q.selectFrom("shipment_items").selectAll().where("shipment_id", "=", p.shipment_id).orderBy("product_id"),
);
const listRows = sql((q, p: { order_id: string }) =>
  q.selectFrom("shipments").selectAll().where("order_id", "=", p.order_id).orderBy("id"),
);
const listItemsOfOrder = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("shipment_items")
    .selectAll("shipment_items")
    .innerJoin("shipments", "shipments.id", "shipment_id")
    .where("order_id", "=", p.order_id)
    .orderBy("shipment_id")
    .orderBy("product_id"),
);
/** A number leads to whoever gets the parcel. */
const eraseNumbers = sql((q, p: { order_id: string }) =>
  q.updateTable("shipments").set({ tracking_number: null }).where("order_id", "=", p.order_id),
);

type ItemRow = OrderTables["shipment_items"];
export const unitsOf = (items: readonly ItemRow[]): Units[] =>
  items.map(({ product_id: productId, quantity }) => ({ productId, quantity }));

export const toShipment = (row: ShipmentRow, units: readonly Units[]): Shipment => ({
  id: row.id,
  orderId: row.order_id,
  state: row.state,
  carrier: row.carrier,
  trackingNumber: row.tracking_number,
  items: [...units],
  createdAt: row.created_at,
  shippedAt: row.shipped_at,
  endedAt: row.ended_at,
  version: row.version,
});

/** How a parcel is known to its carrier. */
type Tracking = Pick<ShipmentRow, "carrier" | "tracking_number">;

/** A packed parcel. */
export function insert(tx: Tx, orderId: string, tracking: Tracking, units: readonly Units[]): ShipmentRow {
  const row: ShipmentRow = {
    id: newId(),
    order_id: orderId,
    state: "packed",
    ...tracking,
    created_at: timestamp(),
    shipped_at: null,
    ended_at: null,
    version: 1,
  };
  tx.add(insertRow.with(row));
  for (const { productId, quantity } of units)
    tx.add(insertItem.with({ shipment_id: row.id, product_id: productId, quantity }));
  return row;
}

export const find = (db: Db, id: string, owner: Owner): Promise<ShipmentRow | undefined> =>
  owner === null ? db.one(findRow, { id }) : db.one(findOwnRow, { id, owner });

export const ofNumber = (db: Db, carrier: string, trackingNumber: string): Promise<ShipmentRow | undefined> =>
  db.one(findTracked, { carrier, tracking_number: trackingNumber });

/**
 * Keeps the number for one parcel until the transaction ends.
 * @param id of the parcel; a new one has none
 * @throws TRACKING_TAKEN when another parcel is on its way with it
 */
export async function claim(tx: Tx, { carrier, tracking_number }: Tracking, id = ""): Promise<void> {
  if (carrier === null || tracking_number === null) return;
  tx.lock(`tracking:${carrier}:${tracking_number}`);
  if (await tx.one(findUnderWay, { id, carrier, tracking_number })) throw order.error("TRACKING_TAKEN");
}

export const update = (row: ShipmentRow): Write => updateRow.with(row);
export const remove = (id: string): Write => removeRow.with({ id });
export const units = async (db: Db, id: string): Promise<Units[]> =>
  unitsOf(await db.all(listItems, { shipment_id: id }));

/** Oldest first. */
export async function list(db: Db, orderId: string): Promise<Shipment[]> {
  const rows = await db.all(listRows, { order_id: orderId });
  return joined(rows, await db.all(listItemsOfOrder, { order_id: orderId }));
}

/** By order, each oldest first. */
export async function listOf(db: Db, orderIds: readonly string[]): Promise<Map<string, Shipment[]>> {
  if (orderIds.length === 0) return new Map();
  const rows = await db.query
    .selectFrom("shipments")
    .selectAll()
    .where("order_id", "in", orderIds)
    .orderBy("id")
    .execute();
  const ids = rows.map(({ id }) => id);
  const items =
    ids.length === 0
      ? []
      : await db.query
          .selectFrom("shipment_items")
          .selectAll()
          .where("shipment_id", "in", ids)
          .orderBy("product_id")
          .execute();
  return Map.groupBy(joined(rows, items), ({ orderId }) => orderId);
}

function joined(rows: readonly ShipmentRow[], items: readonly ItemRow[]): Shipment[] {
  const byShipment = Map.groupBy(items, (item) => item.shipment_id);
  return rows.map((row) => toShipment(row, unitsOf(byShipment.get(row.id) ?? [])));
}

export const erase = (orderId: string): Write => eraseNumbers.with({ order_id: orderId });
