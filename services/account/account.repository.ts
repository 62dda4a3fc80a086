/** The SQL of accounts: whether a person had a trial, and what time it is for them. */
import { now } from "#core/clock.ts";
import type { Write } from "#mixins/database/write.ts";
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
const remove = sql((q, p: { user_id: string }) => q.deleteFrom("accounts").where("user_id", "=", p.user_id));

export interface Account {
  readonly hadTrial: boolean;
  /** The account's time in milliseconds since the epoch: the real one, or that of its test clock. */
  readonly now: number;
}

export async function find(db: Db, userId: string): Promise<Account> {
  const row = await db.one(findAccount, { user_id: userId });
  return { hadTrial: row?.trialed === 1, now: row?.clock ?? now() };
}

/** Changes of one person's account take turns. */
export const lock = (tx: Tx, userId: string): void => tx.lock(`account:${userId}`);

export const beginTrial = (userId: string): Write => setTrialed.with({ user_id: userId });

export const removeOf = (userId: string): Write => remove.with({ user_id: userId });
