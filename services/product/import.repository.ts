/** All SQL of imports themselves: how far they are, and what they refused. */
import { timestamp } from "#core/clock.ts";
import { page } from "#core/cursor.ts";
import { rowsIn, rowsText, textField, integerField } from "#mixins/database/rows.ts";
import { required, type Write } from "#mixins/database/write.ts";
import type { ImportRow, Refusal } from "./import.model.ts";
import { product } from "./product.contract.ts";
import { type Db, type ProductTables, sql } from "./product.tables.ts";

type Row = ProductTables["imports"];

const insertImport = sql((q, p: { id: string; created_at: string }) =>
  q.insertInto("imports").values({
    id: p.id,
    created_at: p.created_at,
    state: "receiving",
    parts: 0,
    record: 0,
    created: 0,
    changed: 0,
    refused: 0,
  }),
);
const findImport = sql((q, p: { id: string }) => q.selectFrom("imports").selectAll().where("id", "=", p.id));
const findJob = sql((q, p: { id: string }) => q.selectFrom("jobs").select("state").where("id", "=", p.id));
const takePart = sql((q, p: { id: string; number: number; before: number; state: Row["state"] }) =>
  q
    .updateTable("imports")
    .set({ parts: p.number, state: p.state })
    .where("id", "=", p.id)
    .where("state", "=", "receiving")
    .where("parts", ">=", p.before)
    .where("parts", "<=", p.number),
);
const advanceTo = sql((q, p: { id: string; from: number; to: number }) =>
  q
    .updateTable("imports")
    .set({ record: p.to })
    .where("id", "=", p.id)
    .where("record", "=", p.from)
    .where("state", "=", "waiting"),
);
const addCounts = sql((q, p: { id: string; created: number; changed: number; refused: number }) =>
  q
    .updateTable("imports")
    .set((e) => ({
      created: e("created", "+", p.created),
      changed: e("changed", "+", p.changed),
      refused: e("refused", "+", p.refused),
    }))
    .where("id", "=", p.id),
);
const insertRefusals = sql((q, p: { id: string; rows: string }) =>
  q
    .insertInto("import_refusals")
    .columns(["import_id", "line", "sku", "code", "details"])
    .expression(
      q
        .selectFrom(rowsIn(p.rows))
        .select((e) => [
          e.val(p.id).as("import_id"),
          integerField("line").as("line"),
          textField("sku").as("sku"),
          textField("code").as("code"),
          textField("details").as("details"),
        ]),
    ),
);
const listRefusals = sql((q, p: { id: string; after: number; limit: number }) =>
  q
    .selectFrom("import_refusals")
    .selectAll()
    .where("import_id", "=", p.id)
    .where("line", ">", p.after)
    .orderBy("line")
    .limit(p.limit),
);
const setDone = sql((q, p: { id: string }) => q.updateTable("imports").set({ state: "done" }).where("id", "=", p.id));
const listOld = sql((q, p: { before: string; limit: number }) =>
  q.selectFrom("imports").select("id").where("created_at", "<", p.before).orderBy("created_at").limit(p.limit),
);
const removeImport = sql((q, p: { id: string }) => q.deleteFrom("imports").where("id", "=", p.id));

export const insert = (id: string): Write => insertImport.with({ id, created_at: timestamp() });

/** @throws NOT_FOUND */
export async function find(db: Db, id: string): Promise<Row> {
  const row = await db.one(findImport, { id });
  if (!row) throw product.error("NOT_FOUND");
  return row;
}

/** The import as staff see it: what became of its job is known by the job alone. @throws NOT_FOUND */
export async function read(db: Db, id: string) {
  const { state, record, created_at, ...row } = await find(db, id);
  const job = state === "waiting" ? await db.one(findJob, { id }) : undefined;
  const known = { running: "running", cancelled: "cancelled", dead: "failed", waiting: state, done: state } as const;
  return { ...row, state: job ? known[job.state] : state, rows: record, createdAt: created_at };
}

/** A part that came again is welcome. */
export const take = (id: string, number: number, isLast: boolean, expected: number | null): Write =>
  required(takePart.with({ id, number, before: number - 1, state: isLast ? "waiting" : "receiving" }), () =>
    product.error("IMPORT_PART", { expected }),
  );

/** Another node imports this file, or it was given up. */
export class ImportedElsewhere extends Error {
  override message = "Another node has imported these rows.";
}

/** Of two that import the same rows, one gets past this. */
export const advance = (id: string, from: number, to: number): Write =>
  required(advanceTo.with({ id, from, to }), () => new ImportedElsewhere());

export const count = (id: string, counts: { created: number; changed: number; refused: number }): Write =>
  addCounts.with({ id, ...counts });

export function refuse(id: string, rows: readonly (ImportRow & { readonly refusal: Refusal })[]): readonly Write[] {
  if (rows.length === 0) return [];
  const values = rows.map(({ line, sku, refusal: { code, details } }, at) => {
    return [at, { line, sku, code, details: details && JSON.stringify(details) }] as const;
  });
  return [insertRefusals.with({ id, rows: rowsText(values) })];
}

/** In the order of their lines. @throws NOT_FOUND */
export async function refusals(db: Db, id: string, limit: number, after = 0) {
  await find(db, id);
  const rows = await db.all(listRefusals, { id, after, limit: limit + 1 });
  return page(
    rows,
    limit,
    (row) => row,
    ({ line }) => [line],
  );
}

export const finish = (id: string): Write => setDone.with({ id });

export const old = (db: Db, before: string, limit: number) => db.all(listOld, { before, limit });

export const remove = (id: string): Write => removeImport.with({ id });
