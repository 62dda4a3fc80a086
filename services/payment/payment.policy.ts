/** Who may see a payment: the customer who pays, and staff. For everybody else it does not exist. */
import { type Ctx, ownerOf } from "#core/context.ts";
import { payment } from "./payment.contract.ts";
import type { PaymentRow } from "./payment.projection.ts";
import { type Db, find, type Owner } from "./payment.repository.ts";

/** @throws NOT_FOUND also for the row of an order that was reversed before it had a payment */
export async function found(db: Db, id: string, owner: Owner): Promise<PaymentRow> {
  const row = await find(db, id, owner);
  if (!row || row.user_id === null) throw payment.error("NOT_FOUND");
  return row;
}

/** The payment, if the caller may see it. @throws NOT_FOUND */
export const visible = (db: Db, id: string, ctx: Ctx): Promise<PaymentRow> => found(db, id, ownerOf(ctx));
