/** All SQL of invoices and of customers' credit. The WHERE includes the owner, so another person's invoice is not found. */
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { type AccountTables, type Db, type InvoiceRow, sql } from "./account.tables.ts";
import type { Invoice } from "./invoice.contract.ts";
import { toInvoice } from "./invoice.projection.ts";

type Credit = AccountTables["credits"];

const insertRow = sql((q, p: InvoiceRow) =>
  q.insertInto("invoices").values({
    ...columns(p, "id", "number", "user_id", "kind", "purpose", "status", "subscription_id", "corrects", "refund_id"),
    ...columns(p, "currency", "total", "tax", "credited", "due", "refunded", "lines", "billing", "seller"),
    ...columns(p, "period_start", "period_end", "attempt", "payment_id", "reason", "issued_at", "paid_at"),
  }),
);
const findRow = sql((q, p: { id: string }) => q.selectFrom("invoices").selectAll().where("id", "=", p.id));
const findOwn = sql((q, p: { id: string; user_id: string }) =>
  q.selectFrom("invoices").selectAll().where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const findByAttempt = sql((q, p: { attempt: string }) =>
  q.selectFrom("invoices").selectAll().where("attempt", "=", p.attempt),
);
const findByRefund = sql((q, p: { refund_id: string }) =>
  q.selectFrom("invoices").select("id").where("refund_id", "=", p.refund_id),
);
const findOpen = sql((q, p: { subscription_id: string }) =>
  q
    .selectFrom("invoices")
    .selectAll()
    .where("subscription_id", "=", p.subscription_id)
    .where("status", "=", "open")
    .orderBy("id", "desc")
    .limit(1),
);
const findReal = sql((q, p: { user_id: string }) =>
  q.selectFrom("invoices").select("id").where("user_id", "=", p.user_id).where("number", "not like", "T%").limit(1),
);
type End = Pick<InvoiceRow, "id" | "attempt" | "status" | "payment_id" | "reason"> & { paid_at: number | null };
const endRow = sql((q, p: End) =>
  q
    .updateTable("invoices")
    .set(columns(p, "status", "payment_id", "reason", "paid_at"))
    .where("id", "=", p.id)
    .where("attempt", "=", p.attempt)
    .where("status", "=", "open"),
);
const setPaymentOf = sql((q, p: { id: string; payment_id: string }) =>
  q.updateTable("invoices").set({ payment_id: p.payment_id }).where("id", "=", p.id),
);
const setReasonOf = sql((q, p: { id: string; reason: string }) =>
  q.updateTable("invoices").set({ reason: p.reason }).where("id", "=", p.id),
);
const setAttemptOf = sql((q, p: { id: string; attempt: string }) =>
  q.updateTable("invoices").set({ attempt: p.attempt }).where("id", "=", p.id).where("status", "=", "open"),
);
const addRefund = sql((q, p: { id: string; amount: number }) =>
  q
    .updateTable("invoices")
    .set((e) => ({ refunded: e("refunded", "+", p.amount) }))
    .where("id", "=", p.id),
);
const findCredit = sql((q, p: Pick<Credit, "user_id" | "currency">) =>
  q.selectFrom("credits").select("amount").where("user_id", "=", p.user_id).where("currency", "=", p.currency),
);
const changeCredit = sql((q, p: Credit) =>
  q
    .updateTable("credits")
    .set((e) => ({ amount: e("amount", "+", p.amount) }))
    .where("user_id", "=", p.user_id)
    .where("currency", "=", p.currency),
);
const openCredit = sql((q, p: Credit) =>
  q
    .insertInto("credits")
    .values(columns(p, "user_id", "currency", "amount"))
    .onConflict((one) =>
      one
        .columns(["user_id", "currency"])
        .doUpdateSet((e) => ({ amount: e("credits.amount", "+", e.ref("excluded.amount")) })),
    ),
);
const returnCredit = sql((q, p: { id: string }) =>
  q
    .updateTable("credits")
    .set((e) => ({
      amount: e(
        "amount",
        "+",
        e.selectFrom("invoices").select("credited").where("id", "=", p.id).$asScalar().$notNull(),
      ),
    }))
    .where("user_id", "=", (e) => e.selectFrom("invoices").select("user_id").where("id", "=", p.id))
    .where("currency", "=", (e) => e.selectFrom("invoices").select("currency").where("id", "=", p.id)),
);
const removeCredit = sql((q, p: { user_id: string }) => q.deleteFrom("credits").where("user_id", "=", p.user_id));
const eraseBilling = sql((q, p: { user_id: string }) =>
  q.updateTable("invoices").set({ billing: null }).where("user_id", "=", p.user_id).where("billing", "is not", null),
);

const insertAttempt = sql((q, p: AccountTables["attempts"]) =>
  q.insertInto("attempts").values(columns(p, "id", "invoice_id", "user_id", "erased")),
);
const listAttempts = sql((q, p: { user_id: string; limit: number }) =>
  q
    .selectFrom("attempts")
    .innerJoin("invoices", "invoices.id", "attempts.invoice_id")
    .select(["attempts.id", "status"])
    .where("attempts.user_id", "=", p.user_id)
    .where("erased", "=", 0)
    .limit(p.limit),
);
const eraseAttempt = sql((q, p: { id: string }) => q.updateTable("attempts").set({ erased: 1 }).where("id", "=", p.id));

export const insert = (row: InvoiceRow): Write => insertRow.with(row);

export const find = (db: Db, id: string, owner: string | null): Promise<InvoiceRow | undefined> =>
  owner === null ? db.one(findRow, { id }) : db.one(findOwn, { id, user_id: owner });

export const ofAttempt = (db: Db, attempt: string): Promise<InvoiceRow | undefined> =>
  db.one(findByAttempt, { attempt });

/** Whether a refund has its credit note. */
export const hasNote = async (db: Db, refund_id: string): Promise<boolean> =>
  (await db.one(findByRefund, { refund_id })) !== undefined;

export const openOf = (db: Db, subscription_id: string): Promise<InvoiceRow | undefined> =>
  db.one(findOpen, { subscription_id });

/** Whether a person has documents that are no test. */
export const hasReal = async (db: Db, user_id: string): Promise<boolean> =>
  (await db.one(findReal, { user_id })) !== undefined;

/** Newest first. */
export const list = (db: Db, owner: string, paging: Paging): Promise<PageOf<Invoice>> =>
  pageById(db.query.selectFrom("invoices").selectAll().where("user_id", "=", owner), paging, toInvoice);

interface Ending {
  readonly id: string;
  readonly attempt: string;
  readonly status: InvoiceRow["status"];
  readonly payment_id: string | null;
  readonly reason: string | null;
  /** Milliseconds since the epoch. */
  readonly time: number;
}

/** Ends the attempt that is under way. The transaction fails when the invoice has another, or has ended. */
export const end = ({ time, ...ending }: Ending): Write =>
  required(
    endRow.with({ ...ending, paid_at: ending.status === "paid" ? time : null }),
    () => new Error(`The invoice ${ending.id} has ended, or is paid by another attempt than ${ending.attempt}.`),
  );

export const setPayment = (id: string, payment_id: string): Write => setPaymentOf.with({ id, payment_id });
export const setReason = (id: string, reason: string): Write => setReasonOf.with({ id, reason });
/** The saga that is begun to have it paid. */
export const addAttempt = (id: string, invoice_id: string, user_id: string): Write =>
  insertAttempt.with({ id, invoice_id, user_id, erased: 0 });

/** Attempts whose sagas still know how they were paid, and whether the invoice has ended. */
export const attemptsOf = (db: Db, user_id: string, limit: number) => db.all(listAttempts, { user_id, limit });

export const attemptErased = (id: string): Write => eraseAttempt.with({ id });

export const setAttempt = (id: string, attempt: string): Write => setAttemptOf.with({ id, attempt });
export const refund = (id: string, amount: number): Write => addRefund.with({ id, amount });

/** What the customer has left, in minor units. */
export const creditOf = async (db: Db, user_id: string, currency: InvoiceRow["currency"]): Promise<number> =>
  (await db.one(findCredit, { user_id, currency }))?.amount ?? 0;

export const addCredit = (user_id: string, currency: InvoiceRow["currency"], amount: number): Write =>
  (amount < 0 ? changeCredit : openCredit).with({ user_id, currency, amount });

/** What an invoice took of the customer's credit, when it is not paid after all. */
export const giveBackCredit = (id: string): Write => returnCredit.with({ id });

export const eraseOf = (user_id: string): readonly Write[] => [
  removeCredit.with({ user_id }),
  eraseBilling.with({ user_id }),
];
