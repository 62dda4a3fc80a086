/** All SQL of attempts: debts for wrong passwords, and the networks from which accounts were used. */
import { now } from "#core/clock.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { type Allowance, allowances, type AttemptRow, type KnownNetworkRow, most, wait } from "./attempt.model.ts";
import { config } from "./user.config.ts";
import type { Db, Tx, UserTables } from "./user.repository.ts";

const sql = statements<UserTables>();

const find = sql((q, p: { subject: string }) => q.selectFrom("attempts").selectAll().where("subject", "=", p.subject));
/**
 * The database computes, so that two nodes that see a wrong password at the same time both count it. Changes nothing when
 * the debt is later than `most`.
 */
const charge = sql((q, p: AttemptRow & { now: number; cost: number; most: number }) =>
  q
    .insertInto("attempts")
    .values(columns(p, "subject", "due_at"))
    .onConflict((one) =>
      one
        .column("subject")
        .doUpdateSet((e) => ({
          due_at: e
            .case()
            .when("attempts.due_at", ">", p.now)
            .then(e("attempts.due_at", "+", p.cost))
            .else(e.ref("excluded.due_at"))
            .end(),
        }))
        .where("attempts.due_at", "<=", p.most),
    ),
);
const remove = sql((q, p: { subject: string }) => q.deleteFrom("attempts").where("subject", "=", p.subject));
const removePaid = sql((q, p: { now: number }) => q.deleteFrom("attempts").where("due_at", "<=", p.now));
const findNetwork = sql((q, p: { id: string; since: number }) =>
  q.selectFrom("known_networks").select("id").where("id", "=", p.id).where("seen_at", ">", p.since),
);
const listKnown = sql((q, p: { user_id: string; since: number }) =>
  q.selectFrom("known_networks").selectAll().where("user_id", "=", p.user_id).where("seen_at", ">", p.since),
);
const keepNetwork = sql((q, p: KnownNetworkRow) =>
  q
    .insertInto("known_networks")
    .values(columns(p, "id", "kind", "user_id", "seen_at"))
    .onConflict((one) => one.column("id").doUpdateSet({ seen_at: p.seen_at })),
);
const removeNetworks = sql((q, p: { user_id: string; since: number }) =>
  q.deleteFrom("known_networks").where("user_id", "=", p.user_id).where("seen_at", "<=", p.since),
);

/** Milliseconds until this subject may try again; 0 when it may try at once. */
export async function waitOf(db: Db, subject: string, allowance: Allowance = allowances.passwords): Promise<number> {
  const row = await db.one(find, { subject });
  return row ? wait(row.due_at, now(), allowance) : 0;
}

const debt = (subject: string, { cost }: Allowance, time: number) => ({
  subject,
  due_at: time + cost,
  now: time,
  cost,
});

/**
 * Takes one of what a subject may do, unless nothing is left.
 * @returns milliseconds to wait when nothing is left, else 0
 */
export async function spend(db: Db, subject: string, allowance: Allowance): Promise<number> {
  const time = now();
  const taken = await db.run(charge, { ...debt(subject, allowance, time), most: most(allowance, time) });
  return taken > 0 ? 0 : Math.max(await waitOf(db, subject, allowance), 1);
}

/** Counts a wrong password, and removes debts that are paid off. */
export const fail = (subject: string): readonly Write[] => [
  removePaid.with({ now: now() }),
  charge.with({ ...debt(subject, allowances.passwords, now()), most: Number.MAX_SAFE_INTEGER }),
];

/** Removes the debt after a right password, since the wrong ones before it were typing mistakes. */
export const forget = (subject: string): Write => remove.with({ subject });

const forgottenBefore = (): number => now() - config.USER_SESSION_LIFETIME;

/** True when this account was used from that network recently. */
export const isKnown = async (db: Db, network: string): Promise<boolean> =>
  (await db.one(findNetwork, { id: network, since: forgottenBefore() })) !== undefined;

/**
 * Remembers from what and from where somebody signs in, and removes what was not seen for as long as a session can last.
 * @returns true when one of them is new for an account that was used before
 */
export async function know(tx: Tx, user_id: string, places: readonly Pick<KnownNetworkRow, "id" | "kind">[]) {
  const known = await tx.all(listKnown, { user_id, since: forgottenBefore() });
  tx.add(removeNetworks.with({ user_id, since: forgottenBefore() }));
  tx.add(...places.map((place) => keepNetwork.with({ ...place, user_id, seen_at: now() })));
  const kinds = new Set(known.map(({ kind }) => kind));
  const ids = new Set(known.map(({ id }) => id));
  // Before the first device was known, none is new.
  return places.some(({ id, kind }) => kinds.has(kind) && !ids.has(id));
}

/** Removes the attempts and networks of a deleted account. */
export const forgetNetworks = (user_id: string): Write =>
  removeNetworks.with({ user_id, since: Number.MAX_SAFE_INTEGER });
