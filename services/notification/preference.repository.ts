/** All SQL of a person's choices: channels, and browsers that receive push messages. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Executor, Transaction } from "#mixins/database/database.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { defaultPreferences, type KindChoices, type Preferences, type QuietHours } from "./choice.model.ts";
import type { PushSubscription } from "./notification.provider.ts";
import type { NotificationTables } from "./notification.repository.ts";

type PreferencesRow = NotificationTables["preferences"];
type PushRow = NotificationTables["push_subscriptions"];

type Db = Executor<NotificationTables>;
type Tx = Transaction<NotificationTables>;
const sql = statements<NotificationTables>();

const findPreferences = sql((q, p: { user_id: string }) =>
  q.selectFrom("preferences").selectAll().where("user_id", "=", p.user_id),
);
const insertPreferences = sql((q, p: PreferencesRow) =>
  q
    .insertInto("preferences")
    .values(columns(p, "user_id", "email", "sms", "push", "kinds", "quiet_hours", "version"))
    .onConflict((one) => one.column("user_id").doNothing()),
);
const updatePreferences = sql((q, p: PreferencesRow & { before: number }) =>
  q
    .updateTable("preferences")
    .set(columns(p, "email", "sms", "push", "kinds", "quiet_hours", "version"))
    .where("user_id", "=", p.user_id)
    .where("version", "=", p.before),
);
const listSubscriptions = sql((q, p: { user_id: string }) =>
  q.selectFrom("push_subscriptions").selectAll().where("user_id", "=", p.user_id).orderBy("id"),
);
const upsertSubscription = sql((q, p: PushRow) =>
  q
    .insertInto("push_subscriptions")
    .values(columns(p, "id", "user_id", "endpoint", "p256dh", "auth", "created_at"))
    .onConflict((one) => one.column("endpoint").doUpdateSet(columns(p, "user_id", "p256dh", "auth")))
    .returning(["id", "endpoint", "created_at"]),
);
const removeSubscriptions = sql((q, p: { user_id: string }) =>
  q.deleteFrom("push_subscriptions").where("user_id", "=", p.user_id),
);
const removeSubscription = sql((q, p: { id: string; user_id: string }) =>
  q.deleteFrom("push_subscriptions").where("id", "=", p.id).where("user_id", "=", p.user_id),
);
const discardSubscription = sql((q, p: Pick<PushRow, "id" | "auth">) =>
  q.deleteFrom("push_subscriptions").where("id", "=", p.id).where("auth", "=", p.auth),
);
const removePreferences = sql((q, p: { user_id: string }) =>
  q.deleteFrom("preferences").where("user_id", "=", p.user_id),
);

/** Version 0 means that the person has not chosen yet. */
export async function find(db: Db, userId: string): Promise<Preferences & { version: number }> {
  const row = await db.one(findPreferences, { user_id: userId });
  return row ? { ...toPreferences(row), version: row.version } : { ...defaultPreferences, version: 0 };
}

/** The same for several people. */
export async function findAll(db: Db, userIds: readonly string[]): Promise<ReadonlyMap<string, Preferences>> {
  const rows = await db.query.selectFrom("preferences").selectAll().where("user_id", "in", userIds).execute();
  const chosen = new Map(rows.map((row) => [row.user_id, toPreferences(row)]));
  return new Map(userIds.map((id) => [id, chosen.get(id) ?? defaultPreferences]));
}

const toPreferences = ({ email, sms, push, kinds, quiet_hours }: PreferencesRow): Preferences => ({
  email: email === 1,
  sms: sms === 1,
  push: push === 1,
  ...(kinds !== null && { kinds: JSON.parse(kinds) as KindChoices }),
  ...(quiet_hours !== null && { quietHours: JSON.parse(quiet_hours) as QuietHours }),
});

/** @returns false when `before` is no longer the current version */
export async function choose(
  tx: Tx,
  userId: string,
  { email, sms, push, kinds, quietHours }: Preferences,
  before: number,
): Promise<boolean> {
  const row = {
    user_id: userId,
    email: Number(email),
    sms: Number(sms),
    push: Number(push),
    kinds: kinds ? JSON.stringify(kinds) : null,
    quiet_hours: quietHours ? JSON.stringify(quietHours) : null,
    version: before + 1,
  };
  return (await (before === 0 ? tx.run(insertPreferences, row) : tx.run(updatePreferences, { ...row, before }))) > 0;
}

/**
 * A browser has one subscription, which belongs to the person who signed in there last. Answers undefined when this
 * person already has `most` others.
 */
export async function subscribe(
  tx: Tx,
  userId: string,
  { endpoint, keys }: Omit<PushSubscription, "id">,
  most: number,
) {
  const { p256dh, auth } = keys;
  const created_at = timestamp();
  tx.lock(`push_subscriptions:${userId}`);
  const others = (await tx.all(listSubscriptions, { user_id: userId })).filter((one) => one.endpoint !== endpoint);
  if (others.length >= most) return undefined;
  return tx.one(upsertSubscription, { id: newId(), user_id: userId, endpoint, p256dh, auth, created_at });
}

/** All of them, oldest first: they fit on one page. */
export const browsers = (db: Db, userId: string): Promise<PushRow[]> => db.all(listSubscriptions, { user_id: userId });

/** @returns false when this person has none with this id */
export const unsubscribe = async (tx: Tx, userId: string, id: string): Promise<boolean> =>
  (await tx.run(removeSubscription, { id, user_id: userId })) > 0;

export async function subscriptions(db: Db, userId: string): Promise<PushSubscription[]> {
  const rows = await browsers(db, userId);
  return rows.map(({ id, endpoint, p256dh, auth }) => ({ id, endpoint, keys: { p256dh, auth } }));
}

/** Removes what its push service does not know any more, unless the browser has subscribed again meanwhile. */
export const discard = (db: Db, { id, keys }: PushSubscription): Promise<number> =>
  db.run(discardSubscription, { id, auth: keys.auth });

/** Removes personal data. The log stays, because it names nobody. */
export const forget = (userId: string): readonly Write[] => [
  removeSubscriptions.with({ user_id: userId }),
  removePreferences.with({ user_id: userId }),
];
