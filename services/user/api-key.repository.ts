/** All SQL of API keys. */
import { timingSafeEqual } from "node:crypto";
import { digestOfApiKey, idOfApiKey, newApiKey, prefixOf } from "#core/api-key.ts";
import { now, timestamp } from "#core/clock.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { newId } from "#core/id.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { ApiKey } from "./api-key.contract.ts";
import type { ApiKeyRow } from "./api-key.model.ts";
import { user } from "./user.contract.ts";
import type { Db, Tx, UserTables } from "./user.repository.ts";

/** The most keys that there may be at a time, so that a list of them is read by people. */
const MOST = 200;

const sql = statements<UserTables>();
const insert = sql((q, p: ApiKeyRow) =>
  q
    .insertInto("api_keys")
    .values(columns(p, "id", "name", "digest", "permissions", "created_at", "expires_at", "used_at")),
);
const countAll = sql((q) => q.selectFrom("api_keys").select((e) => e.fn.countAll<number>().as("keys")));
const byId = sql((q, p: { id: string }) => q.selectFrom("api_keys").selectAll().where("id", "=", p.id));
const markUsed = sql((q, p: { id: string; used_at: string }) =>
  q.updateTable("api_keys").set({ used_at: p.used_at }).where("id", "=", p.id),
);
const removeOne = sql((q, p: { id: string }) => q.deleteFrom("api_keys").where("id", "=", p.id));

const toApiKey = ({ id, name, permissions, created_at, expires_at, used_at }: ApiKeyRow): ApiKey => ({
  id,
  name,
  prefix: prefixOf(id),
  permissions: JSON.parse(permissions) as string[],
  createdAt: created_at,
  expiresAt: expires_at,
  usedAt: used_at,
});

type Wanted = Pick<ApiKey, "name" | "permissions" | "expiresAt">;

/** @throws API_KEYS_FULL */
export async function add(tx: Tx, wanted: Wanted): Promise<ApiKey & { apiKey: string }> {
  tx.lock("api_keys");
  const { keys } = (await tx.one(countAll, {}))!;
  if (keys >= MOST) throw user.error("API_KEYS_FULL", { most: MOST });
  const id = newId();
  const apiKey = newApiKey(id);
  const row: ApiKeyRow = {
    id,
    name: wanted.name,
    digest: digestOfApiKey(apiKey),
    permissions: JSON.stringify(wanted.permissions),
    created_at: timestamp(),
    expires_at: wanted.expiresAt,
    used_at: null,
  };
  tx.add(insert.with(row));
  return { ...toApiKey(row), apiKey };
}

export const list = (db: Db, paging: Paging): Promise<PageOf<ApiKey>> =>
  pageById(db.query.selectFrom("api_keys").selectAll(), paging, toApiKey);

/** False when there is no such key. */
export const remove = async (tx: Tx, id: string): Promise<boolean> => (await tx.run(removeOne, { id })) === 1;

/** Notes that a key is used. @throws API_KEY_INVALID when it is unknown or has expired */
export async function use(db: Db, apiKey: string): Promise<ApiKey> {
  const id = idOfApiKey(apiKey);
  const row = id === null ? undefined : await db.one(byId, { id });
  const isRight = row && timingSafeEqual(Buffer.from(row.digest), Buffer.from(digestOfApiKey(apiKey)));
  if (!isRight || Date.parse(row.expires_at) <= now()) throw user.error("API_KEY_INVALID");
  await db.run(markUsed, { id: row.id, used_at: timestamp() });
  return toApiKey(row);
}
