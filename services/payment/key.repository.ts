/** Payments that are found by the payment key of Toss Payments, which is the id of their charge. */
import { sql as raw } from "kysely";
import { now } from "#core/clock.ts";
import { statements } from "#mixins/database/statement.ts";
import type { PaymentRow } from "./payment.projection.ts";
import type { Db, PaymentTables, Tx } from "./payment.repository.ts";

const sql = statements<PaymentTables>();

/** Written out, so that the index of these charges is found. */
const ofToss = raw<boolean>`provider = 'toss'`;
const setCheck = sql((q, p: { charge_id: string; check_at: number }) =>
  q.updateTable("payments").set({ check_at: p.check_at }).where(ofToss).where("charge_id", "=", p.charge_id),
);

const findByKey = sql((q, p: { charge_id: string }) =>
  q.selectFrom("payments").selectAll().where(ofToss).where("charge_id", "=", p.charge_id),
);

export const find = (db: Db, charge_id: string): Promise<PaymentRow | undefined> => db.one(findByKey, { charge_id });

/** Makes the payment of a key due now; answers false for an unknown key. */
export const checkNow = async (tx: Tx, charge_id: string): Promise<boolean> =>
  (await tx.run(setCheck, { charge_id, check_at: now() })) > 0;
