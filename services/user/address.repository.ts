/** Writes of addresses that touch several rows. Everything about a single row goes through the adapter. */
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Address, AddressChanges, NewAddress } from "./address.contract.ts";
import { type AddressRow, toAddress, toColumns } from "./address.model.ts";
import { user } from "./user.contract.ts";
import { lock, type Tx, type UserTables } from "./user.repository.ts";

/** The most addresses of one person, few enough for one page. */
const MOST = 50;

const sql = statements<UserTables>();

const filled = ["name", "line1", "line2", "city", "postal_code", "country", "phone", "is_default", "version"] as const;

const insert = sql((q, p: AddressRow) => q.insertInto("addresses").values(columns(p, "id", "user_id", ...filled)));
const own = sql((q, p: Pick<AddressRow, "id" | "user_id">) =>
  q.selectFrom("addresses").selectAll().where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const countOwn = sql((q, p: { user_id: string }) =>
  q
    .selectFrom("addresses")
    .select((e) => e.fn.countAll().as("rows"))
    .where("user_id", "=", p.user_id),
);
const overwrite = sql((q, p: AddressRow) =>
  q
    .updateTable("addresses")
    .set(columns(p, ...filled))
    .where("id", "=", p.id),
);
const clearDefault = sql((q, p: { user_id: string }) =>
  q.updateTable("addresses").set({ is_default: 0 }).where("user_id", "=", p.user_id).where("is_default", "=", 1),
);
const removeAll = sql((q, p: { user_id: string }) => q.deleteFrom("addresses").where("user_id", "=", p.user_id));

/** @throws NOT_FOUND when the account was deleted, TOO_MANY_ADDRESSES */
export async function add(tx: Tx, userId: string, address: NewAddress): Promise<Address> {
  await lock(tx, userId);
  const { rows } = (await tx.one(countOwn, { user_id: userId }))!;
  if (Number(rows) >= MOST) throw user.error("TOO_MANY_ADDRESSES", { most: MOST });
  if (address.isDefault) tx.add(clearDefault.with({ user_id: userId }));
  const row = { ...toColumns(address), id: newId(), user_id: userId, version: 1 };
  tx.add(insert.with(row));
  return toAddress(row);
}

interface Edit {
  readonly id: string;
  readonly userId: string;
  /** Without a version, the address is changed whatever its version is. */
  readonly version: number | undefined;
}

/** @throws NOT_FOUND, STALE_VERSION */
export async function edit(tx: Tx, { id, userId, version }: Edit, changes: AddressChanges): Promise<Address> {
  await lock(tx, userId);
  const found = await tx.one(own, { id, user_id: userId });
  if (!found) throw user.error("NOT_FOUND");
  if (version !== undefined && version !== found.version) throw user.error("STALE_VERSION");
  if (changes.isDefault) tx.add(clearDefault.with({ user_id: userId }));
  const row = { ...toColumns({ ...toAddress(found), ...changes }), id, user_id: userId, version: found.version + 1 };
  // A removal takes no lock, so the row may be gone by now.
  if ((await tx.run(overwrite, row)) === 0) throw user.error("NOT_FOUND");
  return toAddress(row);
}

export const removeAllOf = (userId: string): Write => removeAll.with({ user_id: userId });
