/** Has a database write down what staff, administrators and keys change, in the transaction of the change. */
import { type Recorded, recordedCall } from "#core/recording.ts";
import type { AnyTransaction, Database } from "../database/database.ts";
import { maskedRow, type Values } from "./mask.ts";
import { type Changed, RecordingTransaction } from "./recorder.ts";
import { append } from "./tables.ts";

/** Characters of the changes of one row, of which hundreds are read at once. */
const LONGEST = 60_000;

/** As JSON; of a change that is too long only the numbers of rows. */
function told(changed: readonly Changed[], shown: ReadonlySet<string>): string {
  const mask = (table: string, rows: readonly Values[]) => rows.map((row) => maskedRow(table, row, shown));
  const all = changed.map((one) => ({
    ...one,
    before: mask(one.table, one.before),
    after: mask(one.table, one.after),
  }));
  const text = JSON.stringify(all);
  if (text.length <= LONGEST) return text;
  return JSON.stringify(all.slice(0, 100).map((one) => ({ ...one, before: [], after: [] })));
}

export interface RecordOptions {
  /** Columns of text that are neither secret nor personal, `<table>.<column>`: the audit log keeps what they hold. */
  readonly shown?: readonly string[];
  /** Tables that are computed from others, such as an index of words: the audit log leaves them out. */
  readonly computed?: readonly string[];
}

/** Changes of customers and of the service itself run as they always do; they cost one look. */
export function recordChanges(db: Database<never>, service: string, { shown, computed }: RecordOptions): void {
  const columns = new Set(shown);
  const silent = new Set(computed);
  const write = db.write.bind(db);
  const run = db.run.bind(db);
  const recording =
    <R>(call: Recorded, work: (tx: never) => Promise<R>) =>
    async (inner: AnyTransaction): Promise<R> => {
      const tx = new RecordingTransaction<never>(inner, db.dialect, silent);
      const value = await work(tx as never);
      await tx.end();
      if (tx.changed.length > 0) await append(inner, call, told(tx.changed, columns));
      return value;
    };
  db.write = (work) => {
    const call = recordedCall(service);
    return write(call ? (recording(call, work) as typeof work) : work);
  };
  db.run = (statement, parameters) =>
    recordedCall(service) ? db.write((tx) => tx.run(statement, parameters)) : run(statement, parameters);
}
