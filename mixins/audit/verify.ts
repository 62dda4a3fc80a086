/** Walks the chain of an audit log from its first row to its last. */
import type { Executor } from "../database/database.ts";
import { type Fault, Verification } from "./chain.ts";
import { after, type AuditTables, headOf } from "./tables.ts";

const STEP = 500;

interface Verdict {
  readonly rows: number;
  /** The hash of the last row. Whoever keeps it elsewhere notices also that the whole log was written anew. */
  readonly head: string;
  readonly faults: readonly Fault[];
}

export async function verify(db: Executor<AuditTables>, service: string): Promise<Verdict> {
  const verification = new Verification(service);
  // Read first: rows that are added meanwhile come after it.
  const head = await headOf(db);
  for (let seq = 0; ;) {
    const rows = await after(db, seq, STEP);
    for (const row of rows) verification.read(row);
    if (rows.length < STEP) break;
    seq = rows.at(-1)!.seq;
  }
  return { rows: verification.count, head: head.hash, faults: verification.end(head) };
}
