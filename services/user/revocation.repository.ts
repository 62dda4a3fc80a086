/** All SQL of revocations. A row is kept as long as the access tokens that it concerns. */
import Type from "typebox";
import { now } from "#core/clock.ts";
import { decodeCursor, page, type PageOf, positions } from "#core/cursor.ts";
import { ACCESS_TOKEN_TTL } from "#mixins/node/tokens.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Revocation } from "./revocation.contract.ts";
import { permissionsOf } from "./permission.model.ts";
import type { RevocationRow } from "./revocation.model.ts";
import { type Account, grantedTo } from "./user.model.ts";
import type { Db, Tx, UserTables } from "./user.repository.ts";

/** Milliseconds. A token may still be on its way to the client when its revocation is stored. */
const LONGEST = (ACCESS_TOKEN_TTL + 60) * 1000;
/** This many take 90 kB. */
const PAGE = 1000;

const position = Type.Tuple([...positions.number.items, ...positions.id.items]);

type Row = RevocationRow;
const sql = statements<UserTables>();

const upsert = sql((q, p: Row) =>
  q
    .insertInto("revocations")
    .values(columns(p, "id", "roles", "permissions", "revoked_at", "until"))
    .onConflict((one) => one.column("id").doUpdateSet(columns(p, "roles", "permissions", "revoked_at", "until"))),
);
const removeOld = sql((q, p: { now: number }) => q.deleteFrom("revocations").where("until", "<=", p.now));

const toRevocation = ({ id, roles, permissions, revoked_at, until }: Row): Revocation => ({
  id,
  roles: roles === null ? null : (JSON.parse(roles) as Revocation["roles"]),
  ...(permissions !== null && { permissions: JSON.parse(permissions) as string[] }),
  revokedAt: revoked_at,
  until,
});

/** The rights that are left to a person, whose tokens may say something else. */
interface Rights {
  readonly roles: NonNullable<Revocation["roles"]>;
  readonly permissions: readonly string[];
}

export const rightsOf = (account: Account): Rights => ({
  roles: grantedTo(account),
  permissions: permissionsOf(account),
});

/**
 * Revokes sessions, a deleted account, an API key, or some of a person's rights, and removes rows whose tokens have expired.
 * @param rights what is left; null for nothing
 */
export async function revoke(tx: Tx, ids: readonly string[], rights: Rights | null = null): Promise<Revocation[]> {
  const time = now();
  const rows = ids.map((id) => ({
    id,
    roles: rights && JSON.stringify(rights.roles),
    permissions: rights && JSON.stringify(rights.permissions),
    revoked_at: time,
    until: time + LONGEST,
  }));
  tx.add(removeOld.with({ now: time }), ...rows.map((row) => upsert.with(row)));
  return rows.map(toRevocation);
}

/** @param since milliseconds since the epoch */
export async function list(db: Db, since: number, cursor: string | undefined): Promise<PageOf<Revocation>> {
  const [at, id] = decodeCursor(cursor, position) ?? [since - 1, ""];
  const rows = await db.query
    .selectFrom("revocations")
    .selectAll()
    .where("until", ">", now())
    .where((e) => e.or([e("revoked_at", ">", at), e.and([e("revoked_at", "=", at), e("id", ">", id)])]))
    .orderBy("revoked_at")
    .orderBy("id")
    .limit(PAGE + 1)
    .execute();
  return page(rows, PAGE, toRevocation, (row) => [row.revoked_at, row.id]);
}
