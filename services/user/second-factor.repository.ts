/** All SQL of second factors, recovery codes, and sign-ins that wait for a code. Each code is used once, whoever is first. */
import { now, timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import { readId, writeId } from "./seal.model.ts";
import type { SecondFactorTables } from "./second-factor.model.ts";
import { hashOfCode, isAppCode, newRecoveryCodes, stepOf } from "./totp.model.ts";
import type { Db, Tx, UserTables } from "./user.repository.ts";
import { decrypt, encrypt } from "./vault.model.ts";

type Factor = SecondFactorTables["second_factors"];
type Challenge = SecondFactorTables["challenges"];
type Of = { user_id: string };

/** Milliseconds in which a sign-in must be completed. */
export const PATIENCE = 5 * 60_000;

const sql = statements<UserTables>();

const byUser = sql((q, p: Of & { is_confirmed: number }) =>
  q
    .selectFrom("second_factors")
    .selectAll()
    .where("user_id", "=", p.user_id)
    .where("is_confirmed", "=", p.is_confirmed),
);
/** Changes nothing when a confirmed one is there. */
const upsert = sql((q, p: Factor) =>
  q
    .insertInto("second_factors")
    .values(columns(p, "user_id", "secret", "is_confirmed", "last_step"))
    .onConflict((one) =>
      one
        .column("user_id")
        .doUpdateSet(columns(p, "secret", "last_step"))
        .where("second_factors.is_confirmed", "=", 0),
    ),
);
/** Of two who show the same code at once, one changes the row. */
const spendStep = sql((q, p: Of & { step: number; before: number }) =>
  q
    .updateTable("second_factors")
    .set({ last_step: p.step, is_confirmed: 1 })
    .where("user_id", "=", p.user_id)
    .where("is_confirmed", "=", p.before)
    .where("last_step", "<", p.step),
);
const spendCode = sql((q, p: { user_id: string; code_hash: string }) =>
  q.deleteFrom("recovery_codes").where("user_id", "=", p.user_id).where("code_hash", "=", p.code_hash),
);
const countCodes = sql((q, p: Of) =>
  q
    .selectFrom("recovery_codes")
    .select((e) => e.fn.countAll().as("codes"))
    .where("user_id", "=", p.user_id),
);
const insertCode = sql((q, p: SecondFactorTables["recovery_codes"]) =>
  q.insertInto("recovery_codes").values(columns(p, "user_id", "code_hash")),
);
const removeCodes = sql((q, p: Of) => q.deleteFrom("recovery_codes").where("user_id", "=", p.user_id));
const removeFactor = sql((q, p: Of) => q.deleteFrom("second_factors").where("user_id", "=", p.user_id));
const setEnabled = sql((q, p: Of & { second_factor_at: string | null }) =>
  q.updateTable("users").set({ second_factor_at: p.second_factor_at }).where("id", "=", p.user_id),
);
const removeOld = sql((q, p: { now: number }) => q.deleteFrom("challenges").where("expires_at", "<=", p.now));
const removeChallenges = sql((q, p: Of) => q.deleteFrom("challenges").where("user_id", "=", p.user_id));
const insertChallenge = sql((q, p: Challenge) =>
  q.insertInto("challenges").values(columns(p, "id", "user_id", "device", "expires_at")),
);
const liveChallenge = sql((q, p: { id: string; now: number }) =>
  q.selectFrom("challenges").selectAll().where("id", "=", p.id).where("expires_at", ">", p.now),
);
const useChallenge = sql((q, p: { id: string; now: number }) =>
  q.deleteFrom("challenges").where("id", "=", p.id).where("expires_at", ">", p.now),
);

/** False when a confirmed one is there. */
export const begin = async (tx: Tx, user_id: string, secret: Buffer): Promise<boolean> =>
  (await tx.run(upsert, { user_id, secret: encrypt(secret, user_id), is_confirmed: 0, last_step: 0 })) === 1;

/** Ten new recovery codes in the place of the ones before. */
export function renewCodes(tx: Tx, user_id: string): string[] {
  const codes = newRecoveryCodes();
  const rows = codes.map((code) => insertCode.with({ user_id, code_hash: hashOfCode(user_id, code) }));
  tx.add(removeCodes.with({ user_id }), ...rows);
  return codes;
}

async function spendAppCode(tx: Tx, user_id: string, code: string, is_confirmed: number): Promise<boolean> {
  const factor = await tx.one(byUser, { user_id, is_confirmed });
  const step = factor ? stepOf(decrypt(factor.secret, user_id), code, now()) : null;
  return step !== null && (await tx.run(spendStep, { user_id, step, before: is_confirmed })) === 1;
}

/** The first code confirms the app. False for a wrong one. */
export async function confirm(tx: Tx, user_id: string, code: string): Promise<boolean> {
  if (!(await spendAppCode(tx, user_id, code, 0))) return false;
  tx.add(setEnabled.with({ user_id, second_factor_at: timestamp() }));
  return true;
}

/** Spends a code of the app or a recovery code; null for one that is wrong or was used. */
export async function use(tx: Tx, user_id: string, code: string): Promise<"app" | "recovery" | null> {
  if (isAppCode(code)) return (await spendAppCode(tx, user_id, code, 1)) ? "app" : null;
  return (await tx.run(spendCode, { user_id, code_hash: hashOfCode(user_id, code) })) === 1 ? "recovery" : null;
}

export const isBegun = async (db: Db, user_id: string): Promise<boolean> =>
  (await db.one(byUser, { user_id, is_confirmed: 0 })) !== undefined;

export const codesLeft = async (db: Db, user_id: string): Promise<number> =>
  Number((await db.one(countCodes, { user_id }))!.codes);

/** Removes the factor with its codes, and sign-ins that wait for one. */
export const removeAllOf = (user_id: string): readonly Write[] => [
  removeFactor.with({ user_id }),
  removeCodes.with({ user_id }),
  endChallenges(user_id),
  setEnabled.with({ user_id, second_factor_at: null }),
];

export const endChallenges = (user_id: string): Write => removeChallenges.with({ user_id });

/** Has a sign-in wait for its code; answers what the client shows for it. */
export function challenge(tx: Tx, user_id: string, device: string | null): string {
  const [id, time] = [newId(), now()];
  tx.add(removeOld.with({ now: time }));
  tx.add(insertChallenge.with({ id, user_id, device, expires_at: time + PATIENCE }));
  return writeId("challenge", id);
}

/** The sign-in that waits for a code. */
export async function find(db: Db, token: string): Promise<Challenge | undefined> {
  const id = readId("challenge", token);
  return id === null ? undefined : db.one(liveChallenge, { id, now: now() });
}

/** False when it was completed or ended meanwhile. */
export const complete = async (tx: Tx, { id }: Challenge): Promise<boolean> =>
  (await tx.run(useChallenge, { id, now: now() })) === 1;
