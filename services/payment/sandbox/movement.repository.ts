/** The sandbox's list of movements: captures, refunds, and what disputes took. */
import { now } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { ListQuery, MovementList } from "../payment.provider.ts";
import type { Movement } from "../report.model.ts";
import type { Db, LedgerTables, MovementRow } from "./sandbox.repository.ts";

const PAGE = 100;

const sql = statements<LedgerTables>();
const insert = sql((q, p: MovementRow) =>
  q.insertInto("movements").values(columns(p, "id", "charge_id", "kind", "amount", "dispute_id", "at")),
);
const listBetween = sql((q, p: { from: number; to: number; after: string; limit: number }) =>
  q
    .selectFrom("movements as m")
    .innerJoin("charges as c", "c.id", "m.charge_id")
    .select(["m.id", "m.charge_id", "m.kind", "m.amount", "m.dispute_id", "c.reference", "c.currency"])
    .where("m.at", ">=", p.from)
    .where("m.at", "<", p.to)
    .where("m.id", ">", p.after)
    .orderBy("m.id")
    .limit(p.limit),
);

/** What happened now. A movement of nothing is none. */
export const moved = (charge_id: string, kind: Movement["kind"], amount: number, dispute?: string): readonly Write[] =>
  amount === 0 ? [] : [insert.with({ id: newId(), charge_id, kind, amount, dispute_id: dispute ?? null, at: now() })];

export async function list(db: Db, { from, to, cursor = "" }: ListQuery): Promise<MovementList> {
  const rows = await db.all(listBetween, { from, to, after: cursor, limit: PAGE });
  const items = rows.map(({ id, charge_id: charge, kind, amount, dispute_id: dispute, reference, currency }) => {
    const movement = { id, kind, charge, reference, currency, amount, fee: null };
    return dispute === null ? movement : { ...movement, dispute };
  });
  return { items, nextCursor: rows.length < PAGE ? null : rows.at(-1)!.id };
}
