/** All SQL of accounts. A deleted account is not found; only its id stays. */
import { type NotNull, sql as raw } from "kysely";
import { timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { folded } from "#core/folding.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { pageById } from "#mixins/database/paging.ts";
import { contains } from "#mixins/database/search.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { AddressRow } from "./address.model.ts";
import type { ApiKeyRow } from "./api-key.model.ts";
import type { AttemptRow, KnownNetworkRow } from "./attempt.model.ts";
import type { BenefitTables } from "./benefit.model.ts";
import type { DeviceRow } from "./device.model.ts";
import type { PointTables } from "./point.model.ts";
import type { MailRow } from "./mail.model.ts";
import type { RevocationRow } from "./revocation.model.ts";
import type { SecondFactorTables } from "./second-factor.model.ts";
import type { SessionRow } from "./session.model.ts";
import { type User, user } from "./user.contract.ts";
import { type Account, rolesOf, toUser, type UserRow } from "./user.model.ts";

export interface UserTables extends SecondFactorTables, BenefitTables, PointTables {
  users: UserRow;
  sessions: SessionRow;
  addresses: AddressRow;
  revocations: RevocationRow;
  api_keys: ApiKeyRow;
  attempts: AttemptRow;
  devices: DeviceRow;
  device_tries: { user_id: string; tries: number; until: number };
  known_networks: KnownNetworkRow;
  mails: MailRow;
  reset_requests: { id: string; email: string; created_at: number };
}
export type Db = Executor<UserTables>;
export type Tx = Transaction<UserTables>;
const sql = statements<UserTables>();

interface Replacement {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** 1 while the password is the printed one. */
  readonly once: number;
}

type Present = { email: NotNull; password_hash: NotNull; name: NotNull };

const filled = [
  "id",
  "email",
  "password_hash",
  "password_once",
  "name",
  "name_key",
  "phone",
  "language",
  "roles",
  "created_at",
  "verified_at",
  "version",
] as const;

const insert = sql((q, p: Account) =>
  q
    .insertInto("users")
    .values(columns(p, ...filled) as UserRow)
    .onConflict((conflict) => conflict.column("email").doNothing()),
);
const byId = sql((q, p: { id: string }) =>
  q.selectFrom("users").selectAll().where("id", "=", p.id).where("deleted_at", "is", null).$narrowType<Present>(),
);
const byEmail = sql((q, p: { email: string }) =>
  q.selectFrom("users").selectAll().where("email", "=", p.email).where("deleted_at", "is", null).$narrowType<Present>(),
);
const replacePassword = sql((q, p: Replacement) =>
  q
    .updateTable("users")
    .set({ password_hash: p.to, password_once: p.once })
    .where("id", "=", p.id)
    .where("password_hash", "=", p.from),
);
const takeOver = sql((q, p: Pick<Account, "id" | "password_hash" | "password_once" | "verified_at">) =>
  q
    .updateTable("users")
    .set(columns(p, "password_hash", "password_once", "verified_at"))
    .where("id", "=", p.id),
);
const touch = sql((q, p: { id: string }) =>
  q
    .updateTable("users")
    .set((e) => ({ version: e.ref("version") }))
    .where("id", "=", p.id)
    .where("deleted_at", "is", null),
);

/** Has administrators who demote each other take turns. The condition equals that of the index. */
const lockAdmins = sql((q) =>
  q
    .updateTable("users")
    .set((e) => ({ version: e.ref("version") }))
    .where(raw<boolean>`roles like '%"admin"%' and deleted_at is null`)
    .returning("id"),
);

/** Of two accounts that want one address at the same time, one waits for the other. */
const lockEmail = (tx: Tx, email: string): void => tx.lock(`users:${email}`);

/** Answers false when the e-mail address already has an account. */
export async function add(tx: Tx, account: Account): Promise<boolean> {
  lockEmail(tx, account.email);
  return (await tx.run(insert, account)) === 1;
}

export const findByEmail = (db: Db, email: string): Promise<Account | undefined> => db.one(byEmail, { email });

/** The owner of the account, and whether the given password is the right one. */
interface Found {
  readonly id: string;
  readonly created: boolean;
}

/**
 * Answers the account of this e-mail address, which is created when there is none. With `grant`, the account also gets
 * the roles. Anybody can sign up with a foreign address, and such a person must not get the roles, so the password of
 * an existing unverified account is replaced.
 */
export async function addOrFind(tx: Tx, account: Account, grant: boolean): Promise<Found> {
  if (await add(tx, account)) return { id: account.id, created: true };
  const { id, verified_at, ...existing } = (await findByEmail(tx, account.email))!;
  if (!grant) return { id, created: false };
  await update(tx, { id }, { roles: JSON.stringify([...new Set([...rolesOf(existing), ...rolesOf(account)])]) });
  if (verified_at === null) tx.add(takeOver.with({ ...account, id }));
  return { id, created: verified_at === null };
}

/** The existing ones of these accounts. */
export const getAll = (db: Db, ids: readonly string[]): Promise<Account[]> =>
  db.query
    .selectFrom("users")
    .selectAll()
    .where("id", "in", ids)
    .where("deleted_at", "is", null)
    .$narrowType<Present>()
    .execute();

/** @throws NOT_FOUND */
export async function get(db: Db, id: string): Promise<Account> {
  const account = await db.one(byId, { id });
  if (!account) throw user.error("NOT_FOUND");
  return account;
}

/**
 * Locks a user's data until the transaction ends: nobody else changes it, and the account cannot be deleted meanwhile.
 * @throws NOT_FOUND
 */
export async function lock(tx: Tx, id: string): Promise<void> {
  if ((await tx.run(touch, { id })) === 0) throw user.error("NOT_FOUND");
}

/**
 * Call it before a person may lose the role of administrator, and before any other lock.
 * @throws LAST_ADMIN when there is no other administrator
 */
export async function keepAnAdmin(tx: Tx, id: string): Promise<void> {
  const admins = await tx.all(lockAdmins, {});
  if (admins.length === 1 && admins[0]!.id === id) throw user.error("LAST_ADMIN");
}

/** False when the stored hash is no longer `from`: the password was changed, or the account deleted. */
export const setPassword = async (tx: Tx, change: Replacement): Promise<boolean> =>
  (await tx.run(replacePassword, change)) === 1;

interface Edition {
  readonly id: string;
  /** Without a version, the account is changed whatever its version is. */
  readonly version?: number | undefined;
}

/** @throws NOT_FOUND, STALE_VERSION */
async function change(tx: Tx, { id, version }: Edition, changes: Partial<UserRow>): Promise<UserRow> {
  let query = tx.query
    .updateTable("users")
    .set((e) => ({ ...changes, version: e("version", "+", 1) }))
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .returningAll();
  if (version !== undefined) query = query.where("version", "=", version);
  const row = await query.executeTakeFirst();
  if (row) return row;
  await get(tx, id);
  throw user.error("STALE_VERSION");
}

type Changes = {
  [Column in "name" | "phone" | "language" | "roles" | "permissions" | "email" | "verified_at"]?: Account[Column];
};

/** @throws NOT_FOUND, STALE_VERSION */
export async function update(tx: Tx, edition: Edition, changes: Changes): Promise<Account> {
  const { name } = changes;
  return (await change(tx, edition, name === undefined ? changes : { ...changes, name_key: folded(name) })) as Account;
}

export interface AddressOf {
  readonly id: string;
  readonly email: string;
}

/** Gives an account this address, which is verified; answers what it was before. @throws NOT_FOUND, EMAIL_TAKEN */
export async function verify(tx: Tx, { id, email }: AddressOf): Promise<Account> {
  lockEmail(tx, email);
  const before = await get(tx, id);
  if (before.email !== email && (await findByEmail(tx, email))) throw user.error("EMAIL_TAKEN");
  await update(tx, { id }, { email, verified_at: timestamp() });
  return before;
}

/** Removes everything of an account except its id. @throws NOT_FOUND, STALE_VERSION */
export async function erase(tx: Tx, edition: Edition): Promise<void> {
  const personal = {
    email: null,
    password_hash: null,
    name: null,
    name_key: null,
    phone: null,
    second_factor_at: null,
  };
  await change(tx, edition, { ...personal, deleted_at: timestamp() });
}

interface Search extends Paging {
  /** A part of an e-mail address or of a name. */
  readonly q?: string | undefined;
}

/** Newest first. */
export const page = (db: Db, { q, ...paging }: Search): Promise<PageOf<User>> =>
  pageById(
    db.query
      .selectFrom("users")
      .selectAll()
      .where("deleted_at", "is", null)
      .$narrowType<Present>()
      .$if(q !== undefined, (found) => found.where((e) => e.or([contains("email", q!), contains("name_key", q!)]))),
    paging,
    toUser,
  );
