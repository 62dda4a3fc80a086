/** Works a file of products off, in small transactions that also store how far it is: so each row counts once. */
import type { ServiceBroker } from "moleculer";
import { now } from "#core/clock.ts";
import { isRefusal } from "#core/errors.ts";
import type { JobRun } from "#core/job-run.ts";
import type { Database } from "#mixins/database/database.ts";
import { type Cells, type ImportRow, type Refusal, rowOf } from "./import.model.ts";
import { BrokenRow, columnsOf, recordsOf, sizeOf } from "./import.provider.ts";
import * as imports from "./import.repository.ts";
import { apply, RefusedRows, SameProduct } from "./import.transition.ts";
import { type Paths, paths } from "./path.repository.ts";
import type { ProductTables } from "./product.tables.ts";

/** Rows in one transaction. On SQLite everybody else's changes wait for it. */
const BATCH = 200;
/** Transactions after which the job tells how far it is. */
const TOLD = 2;

interface Host {
  readonly broker: ServiceBroker;
  readonly db: Database<ProductTables>;
}
type Refused = ImportRow & { readonly refusal: Refusal };
type Accepted = ImportRow & { readonly cells: Cells };

const isRefused = (row: ImportRow): row is Refused => row.refusal !== null;
const isAccepted = (row: ImportRow): row is Accepted => row.cells !== null;

class Importing {
  readonly #db: Database<ProductTables>;
  readonly #id: string;
  #paths: Paths | null = null;
  #record: number;

  constructor(db: Database<ProductTables>, id: string, record: number) {
    this.#db = db;
    this.#id = id;
    this.#record = record;
  }

  /** Rows that are refused are told apart by halves: alone, each either becomes a product or a line of the report. */
  async store(rows: readonly ImportRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.#commit(rows);
    } catch (error) {
      if (error instanceof RefusedRows) return this.store(rows.map((row) => told(row, error)));
      if (!(error instanceof SameProduct) && !isRefusal(error)) throw error;
      if (rows.length === 1) return this.#commit([refusedOf(rows[0]!, error)]);
      const half = rows.length >> 1;
      await this.store(rows.slice(0, half));
      await this.store(rows.slice(half));
    }
  }

  async #commit(rows: readonly ImportRow[]): Promise<void> {
    const [id, from, to] = [this.#id, this.#record, rows.at(-1)!.record];
    const known = await this.#known(rows);
    const refused = rows.filter(isRefused);
    const cells = rows.filter(isAccepted).map((row) => row.cells);
    const about = { reason: `Import ${id}`, paths: known, now: now() };
    await this.#db.write(async (tx) => {
      tx.add(imports.advance(id, from, to), ...imports.refuse(id, refused));
      const done = cells.length === 0 ? { created: 0, changed: 0 } : await apply(tx, cells, about);
      tx.add(imports.count(id, { ...done, refused: refused.length }));
    });
    this.#record = to;
  }

  /** Categories that were made since the first look are looked for again. */
  async #known(rows: readonly ImportRow[]): Promise<Paths> {
    const isUnknown = ({ cells }: ImportRow) => cells?.category !== undefined && !this.#paths?.idOf.has(cells.category);
    if (!this.#paths || rows.some(isUnknown)) this.#paths = await paths(this.#db);
    return this.#paths;
  }
}

/** @param error a refusal, which may bring words of its own */
function refusedOf(row: ImportRow, error: unknown): ImportRow {
  const { type, data } = error as { type: string; data?: { details?: Refusal["details"] } };
  return { ...row, cells: null, refusal: { code: type, details: data?.details ?? null } };
}

/** The row as it is reported, if it is one of those. */
function told(row: ImportRow, { refusals }: RefusedRows): ImportRow {
  const refusal = row.cells && refusals.get(row.cells);
  return refusal ? refusedOf(row, refusal) : row;
}

/** What cannot be read is the last line of the report. */
const broken = (record: number, line: number): ImportRow => ({
  record,
  line,
  sku: "",
  cells: null,
  refusal: { code: "PRODUCT_IMPORT_CSV", details: null },
});

/** @throws Error when this attempt does not have the job any more */
export async function importFile({ broker, db }: Host, run: JobRun<{ id: string }>): Promise<void> {
  const { id } = run.input;
  const { parts, record: begun } = await imports.find(db, id);
  const importing = new Importing(db, id, begun);
  const names = await columnsOf(broker, id);
  const total = await sizeOf(broker, id, parts);
  let [position, waiting, turns] = [begun, [] as ImportRow[], 0];
  try {
    for await (const { record, position: at, line, bytes } of recordsOf(broker, id, parts)) {
      if (at <= begun || isBlank(record)) continue;
      position = at;
      waiting.push(rowOf(names, record, { record: at, line }));
      if (waiting.length < BATCH) continue;
      run.signal.throwIfAborted();
      await importing.store(waiting);
      waiting = [];
      turns += 1;
      if (turns % TOLD === 0) await run.save({ done: bytes, total });
    }
  } catch (error) {
    if (!(error instanceof BrokenRow)) throw error;
    waiting.push(broken(position + 1, error.line));
  }
  run.signal.throwIfAborted();
  await importing.store(waiting);
  await run.save({ done: total, total });
}

const isBlank = (record: readonly string[]): boolean => record.every((cell) => cell === "");
