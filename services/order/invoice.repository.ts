/** All SQL of invoices and credit notes of orders. The WHERE includes the order's owner, so a stranger's is not found. */
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { OrderInvoice } from "./invoice.contract.ts";
import type { DocumentKind, Share } from "./invoice.model.ts";
import { toInvoice } from "./invoice.projection.ts";
import type { Db, InvoiceRow, OrderTables, Owner, Tx } from "./order.tables.ts";

const sql = statements<OrderTables>();

const insertRow = sql((q, p: InvoiceRow) =>
  q.insertInto("order_invoices").values({
    ...columns(p, "id", "order_id", "number", "kind", "corrects", "refund_id"),
    ...columns(p, "total", "tax", "lines", "taxes", "billing", "seller", "issued_at"),
  }),
);
const listOfOrder = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("order_invoices")
    .select(["id", "number", "kind", "taxes", "refund_id"])
    .where("order_id", "=", p.order_id)
    .orderBy("id"),
);
const eraseOf = sql((q, p: { order_id: string }) =>
  q.updateTable("order_invoices").set({ billing: null }).where("order_id", "=", p.order_id),
);

export const insert = (row: InvoiceRow): Write => insertRow.with(row);

interface Said {
  readonly id: string;
  readonly number: string;
  readonly kind: DocumentKind;
  readonly refund_id: string | null;
  readonly shares: readonly Share[];
}

/** The documents of an order, oldest first, with what each says by rate. */
export const said = async (tx: Tx, order_id: string): Promise<Said[]> =>
  (await tx.all(listOfOrder, { order_id })).map(({ taxes, ...row }) => ({
    ...row,
    shares: JSON.parse(taxes) as Share[],
  }));

/** Whom they were for. The law requires the figures to be kept. */
export const erase = (order_id: string): Write => eraseOf.with({ order_id });

const shown = (db: Db, owner: Owner) =>
  db.query
    .selectFrom("order_invoices as d")
    .innerJoin("orders as o", "o.id", "d.order_id")
    .leftJoin("order_invoices as c", "c.id", "d.corrects")
    .selectAll("d")
    .select(["o.number as order_number", "o.currency", "c.number as corrected"])
    .$if(owner !== null, (all) => all.where("o.user_id", "=", owner!));

export async function find(db: Db, id: string, owner: Owner): Promise<OrderInvoice | undefined> {
  const row = await shown(db, owner).where("d.id", "=", id).executeTakeFirst();
  return row && toInvoice(row);
}

interface Search extends Paging {
  readonly owner: Owner;
  readonly order?: string;
  readonly kind?: DocumentKind | undefined;
}

/** Newest first. */
export function page(db: Db, { owner, order, kind, ...paging }: Search): Promise<PageOf<OrderInvoice>> {
  let query = shown(db, owner);
  if (order !== undefined) query = query.where("d.order_id", "=", order);
  if (kind !== undefined) query = query.where("d.kind", "=", kind);
  const rows = db.query.selectFrom(query.as("shown")).selectAll();
  return pageById(rows, paging, toInvoice);
}
