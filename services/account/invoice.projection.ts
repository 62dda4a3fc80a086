/** Invoices in the form that clients see. */
import { timestamp } from "#core/clock.ts";
import type { InvoiceRow } from "./account.tables.ts";
import type { Invoice } from "./invoice.contract.ts";
import type { Line } from "./invoice.model.ts";

const orNull = (milliseconds: number | null) => (milliseconds === null ? null : timestamp(milliseconds));

export const toLine = ({ text, amount, taxRate, tax, from, to }: Line) => ({
  text,
  amount,
  taxRate,
  tax,
  from: orNull(from),
  to: orNull(to),
});

export function toInvoice(row: InvoiceRow): Invoice {
  const money = (amount: number) => ({ amount, currency: row.currency });
  return {
    id: row.id,
    number: row.number,
    kind: row.kind,
    purpose: row.purpose,
    status: row.status,
    lines: (JSON.parse(row.lines) as Line[]).map(toLine),
    total: money(row.total),
    tax: money(row.tax),
    credited: money(row.credited),
    due: money(row.due),
    refunded: money(row.refunded),
    corrects: row.corrects,
    paymentId: row.payment_id,
    billing: row.billing === null ? null : (JSON.parse(row.billing) as Invoice["billing"]),
    ...(row.seller !== null && { seller: JSON.parse(row.seller) as string[] }),
    issuedAt: timestamp(row.issued_at),
    paidAt: orNull(row.paid_at),
  };
}
