/** All SQL of e-mails about accounts. A row is removed when its link is used, and when it has expired. */
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { type Detail, lifetimes, type MailKind, type MailRow, readToken } from "./mail.model.ts";
import { type Db, lock, type Tx, type UserTables } from "./user.repository.ts";

const sql = statements<UserTables>();

const removeOld = sql((q, p: { now: number }) => q.deleteFrom("mails").where("expires_at", "<=", p.now));
const insert = sql((q, p: MailRow) =>
  q.insertInto("mails").values(columns(p, "id", "user_id", "kind", "email", "detail", "created_at", "expires_at")),
);
const live = sql((q, p: { id: string; now: number }) =>
  q.selectFrom("mails").selectAll().where("id", "=", p.id).where("expires_at", ">", p.now),
);
const use = sql((q, p: { id: string; now: number }) =>
  q.deleteFrom("mails").where("id", "=", p.id).where("expires_at", ">", p.now).returningAll(),
);
const removeOf = sql((q, p: { user_id: string }) => q.deleteFrom("mails").where("user_id", "=", p.user_id));
const removeLinks = sql((q, p: { user_id: string }) =>
  q.deleteFrom("mails").where("user_id", "=", p.user_id).where("kind", "!=", "notice"),
);
const removeOtherAddresses = sql((q, p: { user_id: string; email: string }) =>
  q.deleteFrom("mails").where("user_id", "=", p.user_id).where("kind", "=", "verify").where("email", "!=", p.email),
);

interface NewMail {
  readonly user_id: string;
  readonly kind: MailKind;
  readonly email?: string;
  readonly detail?: Detail;
}

/** Writes down that an e-mail is wanted; answers its id, which an event tells the notification service. */
export function write(tx: Tx, { user_id, kind, email, detail }: NewMail): string {
  const [id, time] = [newId(), now()];
  tx.add(removeOld.with({ now: time }));
  // Whoever changes their mind about a new address shall not get the one before.
  if (kind === "verify") tx.add(removeOtherAddresses.with({ user_id, email: email! }));
  tx.add(
    insert.with({
      id,
      user_id,
      kind,
      email: email ?? null,
      detail: detail ? JSON.stringify(detail) : null,
      created_at: time,
      expires_at: time + lifetimes[kind],
    }),
  );
  return id;
}

/** The e-mail of this token, while its link is good. */
export async function find(db: Db, token: string, kind: MailKind): Promise<MailRow | undefined> {
  const id = readToken(token, kind);
  return id === null ? undefined : db.one(live, { id, now: now() });
}

/**
 * The same, which is used up by that: of two who use it at once, one gets it. Its person's data is locked first, as by
 * everybody who ends links.
 */
export async function take(tx: Tx, token: string, kind: MailKind): Promise<MailRow | undefined> {
  const row = await find(tx, token, kind);
  if (!row) return undefined;
  await lock(tx, row.user_id);
  return tx.one(use, { id: row.id, now: now() });
}

/** Those of these e-mails that are still to be sent. */
export const getAll = (db: Db, ids: readonly string[]): Promise<MailRow[]> =>
  db.query.selectFrom("mails").selectAll().where("id", "in", ids).where("expires_at", ">", now()).execute();

/** Ends all links of a person. */
export const endLinks = (user_id: string): Write => removeLinks.with({ user_id });

export const removeAllOf = (user_id: string): Write => removeOf.with({ user_id });
