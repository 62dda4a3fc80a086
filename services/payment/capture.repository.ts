/** All SQL of captures in parts. The amount is claimed of the authorization in the transaction that opens a capture. */
import { timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Capture } from "./capture.contract.ts";
import type { CaptureStatus } from "./payment.model.ts";
import { type CaptureRow, type PaymentRow, toCapture } from "./payment.projection.ts";
import type { Db, PaymentTables, Tx } from "./payment.repository.ts";

const sql = statements<PaymentTables>();

/** Changes nothing while another capture is open, or when less than that is left. */
const claim = sql((q, p: { id: string; amount: number }) =>
  q
    .updateTable("payments")
    .set((e) => ({ claimed: e("captured", "+", p.amount) }))
    .where("id", "=", p.id)
    .where("status", "=", "requires_capture")
    .where((e) => e("claimed", "=", e.ref("captured")))
    .where((e) => e(e("captured", "+", p.amount), "<=", e.ref("amount")))
    .where("id", "not in", (e) => e.selectFrom("captures").select("payment_id").where("status", "=", "pending")),
);
const unclaim = sql((q, p: { id: string }) =>
  q
    .updateTable("payments")
    .set((e) => ({ claimed: e.ref("captured") }))
    .where("id", "=", p.id),
);
const insert = sql((q, p: CaptureRow) =>
  q
    .insertInto("captures")
    .values(columns(p, "id", "payment_id", "amount", "currency", "is_final", "status", "created_at")),
);
const findCapture = sql((q, p: { id: string }) => q.selectFrom("captures").selectAll().where("id", "=", p.id));
const findPending = sql((q, p: { payment_id: string }) =>
  q.selectFrom("captures").selectAll().where("payment_id", "=", p.payment_id).where("status", "=", "pending"),
);
const endStatement = sql((q, p: { payment_id: string; status: CaptureStatus }) =>
  q
    .updateTable("captures")
    .set({ status: p.status })
    .where("payment_id", "=", p.payment_id)
    .where("status", "=", "pending"),
);

type New = Pick<CaptureRow, "id" | "amount" | "is_final">;

/** Claims the amount for a capture; answers undefined while another one of the payment is open. */
export async function open(
  tx: Tx,
  { id: payment_id, currency }: PaymentRow,
  fields: New,
): Promise<CaptureRow | undefined> {
  if ((await tx.run(claim, { id: payment_id, amount: fields.amount })) === 0) return undefined;
  const row: CaptureRow = { ...fields, payment_id, currency, status: "pending", created_at: timestamp() };
  tx.add(insert.with(row));
  return row;
}

/** Ends the open capture of a payment, if it has one. */
export const end = (payment_id: string, status: "succeeded" | "failed"): Write =>
  endStatement.with({ payment_id, status });

/** Ends the open capture of a payment that the provider refused, and gives back its claim. */
export const refuse = (payment_id: string): readonly Write[] => [
  end(payment_id, "failed"),
  unclaim.with({ id: payment_id }),
];

export const find = (db: Db, id: string): Promise<CaptureRow | undefined> => db.one(findCapture, { id });

/** The capture of a payment whose outcome is unknown. */
export const pendingOf = (db: Db, payment_id: string): Promise<CaptureRow | undefined> =>
  db.one(findPending, { payment_id });

/** The captures of one payment, newest first. */
export const list = (db: Db, paymentId: string, paging: Paging): Promise<PageOf<Capture>> =>
  pageById(db.query.selectFrom("captures").selectAll().where("payment_id", "=", paymentId), paging, toCapture);
