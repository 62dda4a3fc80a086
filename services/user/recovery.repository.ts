/** All SQL of addresses for which a new password is wanted, before anybody has looked whether they have an account. */
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { Db, Tx, UserTables } from "./user.repository.ts";

type Row = UserTables["reset_requests"];
const sql = statements<UserTables>();

const insert = sql((q, p: Row) => q.insertInto("reset_requests").values(columns(p, "id", "email", "created_at")));
const oldest = sql((q) => q.selectFrom("reset_requests").selectAll().orderBy("id").limit(1));
const remove = sql((q, p: { id: string }) => q.deleteFrom("reset_requests").where("id", "=", p.id));
const removeOf = sql((q, p: { email: string }) => q.deleteFrom("reset_requests").where("email", "=", p.email));

export const add = (email: string): Write => insert.with({ id: newId(), email, created_at: now() });

export const next = (db: Db): Promise<Row | undefined> => db.one(oldest, {});

/** False when another node has taken it. */
export const take = async (tx: Tx, { id }: Row): Promise<boolean> => (await tx.run(remove, { id })) === 1;

export const removeAllOf = (email: string): Write => removeOf.with({ email });
