/** The SQL of accounts: whether a person had a trial, and what time it is for them. */
import { now } from "#core/clock.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Billing } from "./invoice.contract.ts";
import { type AccountTables, type Db, sql, type Tx } from "./account.tables.ts";

type Row = AccountTables["accounts"];

const findAccount = sql((q, p: { user_id: string }) =>
  q.selectFrom("accounts").selectAll().where("user_id", "=", p.user_id),
);
const setTrialed = sql((q, p: { user_id: string }) =>
  q
    .insertInto("accounts")
    .values({ user_id: p.user_id, trialed: 1 } as Row)
    .onConflict((one) => one.column("user_id").doUpdateSet({ trialed: 1 })),
);
const setBillingOf = sql((q, p: Pick<Row, "user_id"> & { billing: string }) =>
  q
    .insertInto("accounts")
    .values({ ...columns(p, "user_id", "billing"), trialed: 0 } as Row)
    .onConflict((one) => one.column("user_id").doUpdateSet({ billing: p.billing })),
);
const beginAdvanceOf = sql((q, p: Pick<Row, "user_id"> & { clock: number; clock_target: number }) =>
  q
    .insertInto("accounts")
    .values({ ...columns(p, "user_id", "clock", "clock_target"), trialed: 0 } as Row)
    .onConflict((one) => one.column("user_id").doUpdateSet(columns(p, "clock", "clock_target"))),
);
const setClockOf = sql((q, p: Pick<Row, "user_id"> & { clock: number }) =>
  q.updateTable("accounts").set({ clock: p.clock }).where("user_id", "=", p.user_id),
);
const endAdvanceOf = sql((q, p: Pick<Row, "user_id"> & { clock: number }) =>
  q.updateTable("accounts").set({ clock: p.clock, clock_target: null }).where("user_id", "=", p.user_id),
);
const remove = sql((q, p: { user_id: string }) => q.deleteFrom("accounts").where("user_id", "=", p.user_id));

export interface Account {
  readonly hadTrial: boolean;
  /** The account's time in milliseconds since the epoch: the real one, or that of its test clock. */
  readonly now: number;
  /** The time of its test clock; null when it has none. */
  readonly clock: number | null;
  /** To which the test clock is being moved. */
  readonly target: number | null;
  /** Billing details as JSON. */
  readonly billing: string | null;
}

export async function find(db: Db, userId: string): Promise<Account> {
  const row = await db.one(findAccount, { user_id: userId });
  const { trialed = 0, clock = null, clock_target: target = null, billing = null } = row ?? {};
  return { hadTrial: trialed === 1, now: clock ?? now(), clock, target, billing };
}

/** Changes of one person's account take turns. */
export const lock = (tx: Tx, userId: string): void => tx.lock(`account:${userId}`);

export const beginTrial = (userId: string): Write => setTrialed.with({ user_id: userId });

/** A person's billing details, if there are any. */
export async function billingOf(db: Db, userId: string): Promise<Billing[]> {
  const { billing } = await find(db, userId);
  return billing === null ? [] : [JSON.parse(billing) as Billing];
}

/** @param billing as JSON */
export const setBilling = (user_id: string, billing: string): Write => setBillingOf.with({ user_id, billing });

/** From now on the account has a test clock, which is moved to `clock_target`. Milliseconds since the epoch. */
export const beginAdvance = (user_id: string, clock: number, clock_target: number): Write =>
  beginAdvanceOf.with({ user_id, clock, clock_target });

export const setClock = (user_id: string, clock: number): Write => setClockOf.with({ user_id, clock });

export const endAdvance = (user_id: string, clock: number): Write => endAdvanceOf.with({ user_id, clock });

export const removeOf = (userId: string): Write => remove.with({ user_id: userId });
