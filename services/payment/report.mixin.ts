/** Handlers of daily reports: staff read them, settle what differs, and take both as CSV. */
import type { Service } from "moleculer";
import type { Ctx } from "#core/context.ts";
import type { Input } from "#core/contract.ts";
import { BOM, lineOf } from "#core/csv.ts";
import type { PageOf } from "#core/cursor.ts";
import { type BlockHandlers, type Mixin, mixin } from "#core/implement.ts";
import type { Database } from "#mixins/database/database.ts";
import { payment } from "./payment.contract.ts";
import type { PaymentTables } from "./payment.repository.ts";
import type { reports as block } from "./report.contract.ts";
import { differenceCells, differenceColumns, reportCells, reportColumns, toDifference } from "./report.projection.ts";
import * as reports from "./report.repository.ts";

/** Rows of one page of a file. */
const ROWS = 500;

type Host = Service & { readonly db: Database<PaymentTables> };

/** A page of a list as a page of a file, whose first one has the names of the columns. */
function page<T>(
  name: string,
  columns: readonly string[],
  cellsOf: (item: T) => readonly (readonly string[])[],
  { items, nextCursor }: PageOf<T>,
  cursor: string | undefined,
) {
  const head = cursor === undefined ? [BOM + lineOf(columns)] : [];
  const lines = [...head, ...items.flatMap(cellsOf).map(lineOf)];
  const content = Buffer.from(lines.join("")).toString("base64");
  return { name, mediaType: "text/csv" as const, content, nextCursor };
}

const handlers = {
  listReports(this: Host, ctx: Ctx<Input<"payment.listReports">>) {
    return reports.list(this.db, ctx.params);
  },

  listDifferences(this: Host, ctx: Ctx<Input<"payment.listDifferences">>) {
    return reports.listDifferences(this.db, ctx.params);
  },

  async settleDifference(this: Host, ctx: Ctx<Input<"payment.settleDifference">>) {
    const { id, note } = ctx.params;
    const row = await this.db.write((tx) => reports.settle(tx, id, note));
    if (!row) throw payment.error("NOT_FOUND");
    return toDifference(row);
  },

  async exportReports(this: Host, { params }: Ctx<Input<"payment.exportReports">>) {
    const found = await reports.list(this.db, { ...params, limit: ROWS });
    return page("payment-reports.csv", reportColumns, reportCells, found, params.cursor);
  },

  async exportDifferences(this: Host, { params }: Ctx<Input<"payment.exportDifferences">>) {
    const found = await reports.listDifferences(this.db, { ...params, limit: ROWS });
    const name = `payment-differences${params.day === undefined ? "" : `-${params.day}`}.csv`;
    return page(name, differenceColumns, (one) => [differenceCells(one)], found, params.cursor);
  },
} satisfies BlockHandlers<typeof block>;

export const reporting = (): Mixin => mixin({}, { name: "reports", migrations: {}, handlers });
