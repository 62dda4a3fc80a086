/** Who may see an invoice: the customer, and staff. For everybody else it does not exist. What a refusal means for customers. */
import { type Ctx, ownerOf } from "#core/context.ts";
import { account } from "./account.contract.ts";
import type { Db, InvoiceRow } from "./account.tables.ts";
import { config } from "./account.config.ts";
import { find } from "./invoice.repository.ts";
import type { Host } from "./invoice.settlement.ts";

/** @throws NOT_FOUND */
export function found<T>(row: T | undefined): T {
  if (row === undefined) throw account.error("NOT_FOUND");
  return row;
}

/** The invoice, if the caller may see it. @throws NOT_FOUND */
export const visible = async (db: Db, id: string, ctx: Ctx): Promise<InvoiceRow> =>
  found(await find(db, id, ownerOf(ctx)));

/** @throws PAYMENT_METHOD_INVALID, PAYMENT_DECLINED when the invoice was given up because its payment failed */
function unlessRefused({ status, reason }: InvoiceRow): void {
  if (status !== "void") return;
  if (reason === "PAYMENT_METHOD_INVALID" || reason === "PAYMENT_METHOD_NOT_FOUND")
    throw account.error("PAYMENT_METHOD_INVALID");
  if (reason === "ACCOUNT_NOT_AVAILABLE") throw account.error("NOT_AVAILABLE");
  throw account.error("PAYMENT_DECLINED", { reason });
}

/** Waits until an invoice is paid, or has to wait. @throws the refusal of its payment */
export async function settled({ saga: sagas, db }: Host, invoiceId: string | null): Promise<void> {
  if (invoiceId === null) return;
  await sagas.settled(invoiceId, config.ACCOUNT_ANSWER_BUDGET);
  unlessRefused(found(await find(db, invoiceId, null)));
}
