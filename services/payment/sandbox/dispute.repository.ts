/** The sandbox's disputes: opened some time after the capture, and decided some time after that. */
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { DisputeStatus, ProviderDispute } from "../dispute.model.ts";
import { config } from "../payment.config.ts";
import { moved } from "./movement.repository.ts";
import { behaviourOf } from "./sandbox.model.ts";
import {
  announce,
  type ChargeRow,
  type DisputeRow,
  findCharge,
  type LedgerTables,
  type Tx,
} from "./sandbox.repository.ts";

const sql = statements<LedgerTables>();

export const deciding = dueIn<LedgerTables>()("disputes", "next_at");
const insert = sql((q, p: DisputeRow) =>
  q
    .insertInto("disputes")
    .values(columns(p, "id", "charge_id", "amount", "status", "ends", "next_at"))
    .onConflict((conflict) => conflict.column("charge_id").doNothing()),
);
const findDispute = sql((q, p: { id: string }) =>
  q.selectFrom("disputes").selectAll().where("id", "=", p.id).where("status", "is not", null),
);
const move = sql((q, p: { id: string; status: DisputeStatus; next_at: number | null }) =>
  q
    .updateTable("disputes")
    .set(columns(p, "status", "next_at"))
    .where("id", "=", p.id)
    .where("next_at", "is not", null),
);
const lose = sql((q, p: { id: string; amount: number }) =>
  q.updateTable("charges").set({ lost: p.amount }).where("id", "=", p.id),
);

const later = (): number => now() + config.PAYMENT_SANDBOX_DELAY;

/** The customer will object to this charge, where its token says so. @returns when, in milliseconds since the epoch */
export function plan(tx: Tx, { id: charge_id, token, status, captured: amount }: ChargeRow): number | undefined {
  const { disputed } = behaviourOf(token);
  if (!disputed || status !== "captured") return undefined;
  const next_at = later();
  tx.add(insert.with({ id: newId(), charge_id, amount, status: null, ends: disputed, next_at }));
  return next_at;
}

/** Opens a dispute, or decides it, and tells. @returns when it is decided */
export async function goOn(tx: Tx, { id, charge_id, amount, status, ends }: DisputeRow): Promise<number | null> {
  const next = status === null ? "needs_response" : ends;
  const next_at = status === null ? later() : null;
  if ((await tx.run(move, { id, status: next, next_at })) === 0) return null;
  if (next === "lost") tx.add(lose.with({ id: charge_id, amount }), ...moved(charge_id, "dispute", amount, id));
  await announce(tx, (message) => ({ id: message, type: `dispute.${next}`, dispute: id }), 1);
  return next_at;
}

/** The dispute in the form of the provider's answers; null for an unknown one. */
export async function find(tx: Tx, id: string): Promise<ProviderDispute | null> {
  const row = await tx.one(findDispute, { id });
  if (!row) return null;
  const { reference, currency } = (await tx.one(findCharge, { id: row.charge_id }))!;
  const { charge_id: charge, amount, status } = row;
  return { id, charge, reference, status: status!, currency, amount, reason: "fraudulent", dueAt: null };
}
