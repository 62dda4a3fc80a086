/** All SQL of daily reports. A day that is compared again replaces its report, and keeps what staff have written. */
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { PageOf, Paging } from "#core/cursor.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Write } from "#mixins/database/write.ts";
import type { PaymentRow } from "./payment.projection.ts";
import type { Db, PaymentTables, Tx } from "./payment.repository.ts";
import type { Report, ReportDifference } from "./report.contract.ts";
import { type ReportDifferenceRow, type ReportRow, toDifference, toReport } from "./report.projection.ts";

const sql = statements<PaymentTables>();

const insertReport = sql((q, p: ReportRow) =>
  q
    .insertInto("reports")
    .values(columns(p, "id", "provider", "day", "totals", "differences", "created_at"))
    .onConflict((conflict) =>
      conflict.columns(["provider", "day"]).doUpdateSet(columns(p, "totals", "differences", "created_at")),
    ),
);
const insertDifference = sql((q, p: ReportDifferenceRow) =>
  q
    .insertInto("report_differences")
    .values(
      columns(
        p,
        "id",
        "provider",
        "day",
        "kind",
        "charge",
        "payment_id",
        "currency",
        "our_captured",
        "our_refunded",
        "their_captured",
        "their_refunded",
        "note",
        "created_at",
        "settled_at",
      ),
    )
    .onConflict((conflict) =>
      conflict
        .columns(["provider", "day", "charge"])
        .doUpdateSet(
          columns(p, "kind", "payment_id", "our_captured", "our_refunded", "their_captured", "their_refunded"),
        ),
    ),
);
const removeOpen = sql((q, p: { provider: string; day: string }) =>
  q
    .deleteFrom("report_differences")
    .where("provider", "=", p.provider)
    .where("day", "=", p.day)
    .where("settled_at", "is", null),
);
const findLast = sql((q, p: { provider: string }) =>
  q.selectFrom("reports").select("day").where("provider", "=", p.provider).orderBy("day", "desc").limit(1),
);
const countOpen = sql((q) =>
  q
    .selectFrom("report_differences")
    .select((e) => e.fn.countAll().as("n"))
    .where("settled_at", "is", null),
);
const settleStatement = sql((q, p: { id: string; note: string; at: string }) =>
  q.updateTable("report_differences").set({ note: p.note, settled_at: p.at }).where("id", "=", p.id),
);
const findDifference = sql((q, p: { id: string }) =>
  q.selectFrom("report_differences").selectAll().where("id", "=", p.id),
);
const findTaken = sql((q, p: { provider: string; after: string; from: string; to: string; limit: number }) =>
  q
    .selectFrom("payments")
    .selectAll()
    .where("id", ">", p.after)
    .where("provider", "=", p.provider)
    .where("captured", ">", 0)
    .where("updated_at", ">=", p.from)
    .where("updated_at", "<", p.to)
    .orderBy("id")
    .limit(p.limit),
);

export type Found = Omit<ReportDifferenceRow, "id" | "note" | "created_at" | "settled_at">;

export const add = (report: Omit<ReportRow, "id" | "created_at">): Write =>
  insertReport.with({ ...report, id: newId(), created_at: timestamp() });

export const addDifference = (found: Found): Write =>
  insertDifference.with({ ...found, id: newId(), note: null, created_at: timestamp(), settled_at: null });

/** What a comparison that was broken off has found: it may be so no more, and is found again if it is. */
export const forgetOpen = (provider: string, day: string): Write => removeOpen.with({ provider, day });

/** The latest day that was compared. */
export const lastDay = async (db: Db, provider: string): Promise<string | null> =>
  (await db.one(findLast, { provider }))?.day ?? null;

/** How many differences nobody has settled. */
export const openDifferences = async (db: Db): Promise<number> => Number((await db.one(countOpen, {}))?.n ?? 0);

/** Payments that hold money and changed between two times, RFC 3339, in the order of their ids. */
export const takenBetween = (
  db: Db,
  range: { provider: string; after: string; from: string; to: string; limit: number },
): Promise<PaymentRow[]> => db.all(findTaken, range);

/** Answers undefined for an unknown difference. */
export async function settle(tx: Tx, id: string, note: string): Promise<ReportDifferenceRow | undefined> {
  await tx.run(settleStatement, { id, note, at: timestamp() });
  return tx.one(findDifference, { id });
}

export const list = (db: Db, paging: Paging): Promise<PageOf<Report>> =>
  pageById(db.query.selectFrom("reports").selectAll(), paging, toReport);

interface Search extends Paging {
  readonly day?: string;
  readonly state?: "open" | "settled";
}

export const listDifferences = (db: Db, { day, state, ...paging }: Search): Promise<PageOf<ReportDifference>> =>
  pageById(
    db.query
      .selectFrom("report_differences")
      .selectAll()
      .$if(day !== undefined, (found) => found.where("day", "=", day!))
      .$if(state === "open", (found) => found.where("settled_at", "is", null))
      .$if(state === "settled", (found) => found.where("settled_at", "is not", null)),
    paging,
    toDifference,
  );
