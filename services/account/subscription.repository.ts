/** All SQL of subscriptions. Each change names the version that it was made from. */
import { columns } from "#mixins/database/statement.ts";
import { required, type Write } from "#mixins/database/write.ts";
import { type Db, type PlanRow, sql, type SubscriptionRow } from "./account.tables.ts";
import { find as findPlan } from "./plan.repository.ts";

const state = [
  "plan_id",
  "status",
  "currency",
  "amount",
  "tax_rate",
  "interval",
  "anchor",
  "period_start",
  "period_end",
  "trial_end",
  "cancel_at_period_end",
  "paused_left",
  "due_at",
  "paying",
  "failures",
  "payment_method",
  "reason",
  "ended_at",
  "version",
] as const;

const insertRow = sql((q, p: SubscriptionRow) =>
  q
    .insertInto("subscriptions")
    .values(columns(p, "id", "user_id", ...state, "created_at"))
    .onConflict((one) => one.doNothing()),
);
const overwrite = sql((q, p: SubscriptionRow & { from: number }) =>
  q
    .updateTable("subscriptions")
    .set(columns(p, ...state))
    .where("id", "=", p.id)
    .where("version", "=", p.from),
);
/** The payment method and the wish to end with the period stay as they are: their owner may have changed them meanwhile. */
const settling = (...more: readonly "payment_method"[]) =>
  sql((q, p: SubscriptionRow & { attempt: string }) =>
    q
      .updateTable("subscriptions")
      .set((e) => ({
        ...columns(p, "plan_id", "status", "currency", "amount", "tax_rate", "interval", "anchor", "period_start"),
        ...columns(p, "period_end", "due_at", "failures", "reason", "ended_at", ...more),
        paying: null,
        version: e("version", "+", 1),
      }))
      .where("id", "=", p.id)
      .where("paying", "=", p.attempt),
  );
const settle = settling();
const settleLast = settling("payment_method");
const findById = sql((q, p: { id: string }) => q.selectFrom("subscriptions").selectAll().where("id", "=", p.id));
const findLast = sql((q, p: { user_id: string }) =>
  q.selectFrom("subscriptions").selectAll().where("user_id", "=", p.user_id).orderBy("id", "desc").limit(1),
);
const listAll = sql((q, p: { user_id: string; limit: number }) =>
  q.selectFrom("subscriptions").selectAll().where("user_id", "=", p.user_id).orderBy("id", "desc").limit(p.limit),
);
/** Of real time: a test clock is moved by a job of its own. */
const listOverdue = sql((q, p: { before: number; after: string; limit: number }) =>
  q
    .selectFrom("subscriptions")
    .leftJoin("accounts", "accounts.user_id", "subscriptions.user_id")
    .select(["subscriptions.id", "subscriptions.user_id", "due_at"])
    .where("due_at", "<=", p.before)
    .where("clock", "is", null)
    .where("subscriptions.id", ">", p.after)
    .orderBy("subscriptions.id")
    .limit(p.limit),
);
const eraseMethods = sql((q, p: { user_id: string }) =>
  q
    .updateTable("subscriptions")
    .set({ payment_method: null })
    .where("user_id", "=", p.user_id)
    .where("payment_method", "is not", null),
);

/** The most past subscriptions that are shown. */
const MOST = 1000;

export interface Subscribed {
  readonly row: SubscriptionRow;
  readonly plan: PlanRow;
}

/** The subscription that a person has, or the last one that they had. */
export async function find(db: Db, userId: string): Promise<Subscribed | undefined> {
  const row = await db.one(findLast, { user_id: userId });
  return row && { row, plan: (await findPlan(db, row.plan_id))! };
}

export async function byId(db: Db, id: string): Promise<Subscribed | undefined> {
  const row = await db.one(findById, { id });
  return row && { row, plan: (await findPlan(db, row.plan_id))! };
}

/** Newest first. */
export async function list(db: Db, userId: string): Promise<Subscribed[]> {
  const rows = await db.all(listAll, { user_id: userId, limit: MOST });
  return Promise.all(rows.map(async (row) => ({ row, plan: (await findPlan(db, row.plan_id))! })));
}

/** What has been due since `before`, in milliseconds since the epoch, from the one after `after` on. */
export const overdue = (db: Db, before: number, after: string, limit: number) =>
  db.all(listOverdue, { before, after, limit });

/** @param taken makes the error for a person who has a subscription */
export const insert = (row: SubscriptionRow, taken: () => Error): Write => required(insertRow.with(row), taken);

/** Another request, or a payment, has changed the subscription since it was read. */
class Overtaken extends Error {}

export const replace = (from: SubscriptionRow, to: SubscriptionRow): Write =>
  required(overwrite.with({ ...to, version: from.version + 1, from: from.version }), () => new Overtaken());

/** The subscription as this attempt at a payment leaves it. The transaction fails when another has begun since. */
export const afterPayment = (row: SubscriptionRow, attempt: string): Write =>
  required(
    (row.status === "cancelled" ? settleLast : settle).with({ ...row, attempt }),
    () => new Error(`The subscription ${row.id} does not wait for the payment ${attempt}.`),
  );

/** Runs a transaction that changes a subscription, and runs it again whenever something else was faster. */
export async function unlessOvertaken<R>(work: () => Promise<R>): Promise<R> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
}

export const eraseMethodsOf = (userId: string): Write => eraseMethods.with({ user_id: userId });
