/** The SQL of captures that the provider refused, as staff look at them. */
import { sql as fragment } from "kysely";
import type { PageOf, Paging } from "#core/cursor.ts";
import type { Money } from "#core/schema.ts";
import { pageById } from "#mixins/database/paging.ts";
import type { CaptureRow } from "./fulfilment.tables.ts";
import type { Db } from "./order.tables.ts";
import type { RefusedCapture } from "./shipment.contract.ts";

/** The parcel is as it was, and no other capture of it has been begun. */
const isOpen = fragment<number>`case
  when s.state = 'packed' and o.status <> 'cancelled' and not exists (
    select 1 from order_captures as n where n.shipment_id = c.shipment_id and n.id > c.id
  ) then 1 else 0 end`;

interface Search extends Paging {
  readonly state?: "open" | "ended";
  readonly reason?: string;
}

/** Newest first, without those that were given up with their order. */
export function list(db: Db, { state, reason, ...paging }: Search): Promise<PageOf<RefusedCapture>> {
  const rows = db.query
    .selectFrom("order_captures as c")
    .innerJoin("orders as o", "o.id", "c.order_id")
    .leftJoin("shipments as s", "s.id", "c.shipment_id")
    .selectAll("c")
    .select(["o.number", "o.currency", isOpen.as("is_open")])
    .where("c.state", "=", "failed")
    .where("c.reason", "<>", "ORDER_CANCELLED")
    .$if(state !== undefined, (all) => all.where(isOpen, "=", state === "open" ? 1 : 0))
    .$if(reason !== undefined, (all) => all.where("c.reason", "=", reason!));
  return pageById(db.query.selectFrom(rows.as("refused")).selectAll(), paging, toRefused);
}

interface Shown extends CaptureRow {
  readonly number: string | null;
  readonly currency: Money["currency"];
  readonly is_open: number;
}

const toRefused = ({ number, currency, ...row }: Shown): RefusedCapture => ({
  id: row.id,
  orderId: row.order_id,
  ...(number !== null && { orderNumber: number }),
  shipmentId: row.shipment_id,
  amount: { amount: row.amount, currency },
  reason: row.reason!,
  isOpen: row.is_open === 1,
  createdAt: row.created_at,
  refusedAt: row.ended_at!,
});
