/** All SQL of viewer profiles. The WHERE includes the owner, so another person's profile is not found. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { columns } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { config } from "./account.config.ts";
import { account } from "./account.contract.ts";
import { type AccountTables, type Db, sql, type Tx } from "./account.tables.ts";
import { isPin } from "./pin.model.ts";
import type { ProfileRow } from "./profile.model.ts";

/** PINs that may be tried in a row, and the milliseconds to wait after that many wrong ones. */
const TRIES = 5;
const WAIT = 15 * 60_000;

type Own = Pick<ProfileRow, "id" | "user_id">;
const settings = ["name", "language", "is_kids", "max_rating", "pin_hash", "version"] as const;

const insert = sql((q, p: ProfileRow) =>
  q
    .insertInto("profiles")
    .values(columns(p, "id", "user_id", ...settings, "pin_tries", "pin_wait_until", "created_at")),
);
const findOwn = sql((q, p: Own) =>
  q.selectFrom("profiles").selectAll().where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const listOwn = sql((q, p: Pick<Own, "user_id">) =>
  q.selectFrom("profiles").selectAll().where("user_id", "=", p.user_id).orderBy("id"),
);
const overwrite = sql((q, p: ProfileRow & { from: number }) =>
  q
    .updateTable("profiles")
    .set(columns(p, ...settings))
    .where("id", "=", p.id)
    .where("user_id", "=", p.user_id)
    .where("version", "=", p.from),
);
const removeOwn = sql((q, p: Own & { version: number }) =>
  q.deleteFrom("profiles").where("id", "=", p.id).where("user_id", "=", p.user_id).where("version", "=", p.version),
);
const removeAll = sql((q, p: Pick<Own, "user_id">) => q.deleteFrom("profiles").where("user_id", "=", p.user_id));
const clearPin = sql((q, p: { id: string }) =>
  q
    .updateTable("profiles")
    .set((e) => ({ pin_hash: null, pin_tries: 0, version: e("version", "+", 1) }))
    .where("id", "=", p.id),
);
/** Counts a try before the PIN is compared, so that a thousand requests at once have no more tries than one by one. */
const takeTry = sql((q, p: Own & { now: number; until: number; tries: number }) =>
  q
    .updateTable("profiles")
    .set((e) => ({
      pin_tries: e
        .case()
        .when("pin_wait_until", "<=", p.now)
        .then(1)
        .else(e("pin_tries", "+", 1))
        .end(),
      pin_wait_until: p.until,
    }))
    .where("id", "=", p.id)
    .where("user_id", "=", p.user_id)
    .where((e) => e.or([e("pin_tries", "<", p.tries), e("pin_wait_until", "<=", p.now)])),
);
/** Takes back the try of this request, and none of another. */
const returnTry = sql((q, p: Own) =>
  q
    .updateTable("profiles")
    .set((e) => ({ pin_tries: e("pin_tries", "-", 1) }))
    .where("id", "=", p.id)
    .where("user_id", "=", p.user_id)
    .where("pin_tries", ">", 0),
);
const resetTries = sql((q, p: Own) =>
  q.updateTable("profiles").set({ pin_tries: 0 }).where("id", "=", p.id).where("user_id", "=", p.user_id),
);

export const own = (db: Db, id: string, userId: string): Promise<ProfileRow | undefined> =>
  db.one(findOwn, { id, user_id: userId });

/** @throws NOT_FOUND */
export async function find(db: Db, id: string, userId: string): Promise<ProfileRow> {
  const row = await own(db, id, userId);
  if (!row) throw account.error("NOT_FOUND");
  return row;
}

export const list = (db: Db, userId: string): Promise<ProfileRow[]> => db.all(listOwn, { user_id: userId });

type New = Omit<ProfileRow, "id" | "pin_tries" | "pin_wait_until" | "created_at" | "version">;

/** @throws PROFILES_FULL */
export async function add(tx: Tx, fields: New): Promise<ProfileRow> {
  tx.lock(`profiles:${fields.user_id}`);
  const most = config.ACCOUNT_PROFILES_MAX;
  if ((await list(tx, fields.user_id)).length >= most) throw account.error("PROFILES_FULL", { most });
  const row = { ...fields, id: newId(), pin_tries: 0, pin_wait_until: 0, created_at: timestamp(), version: 1 };
  tx.add(insert.with(row));
  return row;
}

/** @throws STALE_VERSION when it has changed since `from` was read */
export async function replace(tx: Tx, from: ProfileRow, to: ProfileRow): Promise<ProfileRow> {
  const next = { ...to, version: from.version + 1 };
  if ((await tx.run(overwrite, { ...next, from: from.version })) === 0) throw account.error("STALE_VERSION");
  return next;
}

/** @throws STALE_VERSION when it has changed since it was read */
export async function remove(tx: Tx, row: ProfileRow): Promise<void> {
  if ((await tx.run(removeOwn, row)) === 0) throw account.error("STALE_VERSION");
}

export const removeAllOf = (userId: string): Write => removeAll.with({ user_id: userId });

export const unlock = async (tx: Tx, id: string): Promise<boolean> => (await tx.run(clearPin, { id })) > 0;

/** @returns false when the profile has to wait after several wrong PINs */
async function mayTry(db: Database<AccountTables>, row: ProfileRow): Promise<boolean> {
  const time = now();
  return (await db.run(takeTry, { ...row, now: time, until: time + WAIT, tries: TRIES })) > 0;
}

const mustWait = () => account.error("RATE_LIMITED", { retryAfter: WAIT / 1000 });

/**
 * Compares the PIN that a request brought with that of the profile.
 * @throws PIN_REQUIRED, PIN_WRONG, RATE_LIMITED after several wrong ones
 */
export async function checkPin(db: Database<AccountTables>, row: ProfileRow, pin: string | undefined): Promise<void> {
  if (row.pin_hash !== null) await checkAnyPin(db, [row], pin);
}

/**
 * Compares a PIN with those of several locked profiles: one of them is enough. The right one clears the tries of its own profile.
 * At the others, this try does not count, and what was tried there before still does.
 * @throws PIN_REQUIRED, PIN_WRONG, RATE_LIMITED
 */
export async function checkAnyPin(
  db: Database<AccountTables>,
  locked: readonly ProfileRow[],
  pin: string | undefined,
): Promise<void> {
  if (locked.length === 0) return;
  if (pin === undefined) throw account.error("PIN_REQUIRED");
  const tried: ProfileRow[] = [];
  for (const row of locked) if (await mayTry(db, row)) tried.push(row);
  if (tried.length === 0) throw mustWait();
  const right = new Set<ProfileRow>();
  for (const row of tried) if (await isPin(pin, row.pin_hash!)) right.add(row);
  if (right.size === 0) throw account.error("PIN_WRONG");
  for (const row of tried) await db.run(right.has(row) ? resetTries : returnTry, row);
}
