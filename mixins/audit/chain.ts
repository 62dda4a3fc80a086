/** The chain of an audit log: each row holds the hash of the row before it, so that no row changes unseen. */
import { hash } from "node:crypto";

export interface AuditRow {
  /** From 1 on, without a gap. */
  seq: number;
  at: string;
  /** `user:<id>`, `key:<id>`, or `operator`. */
  actor: string;
  action: string;
  /** The path of the route. */
  object: string;
  request_id: string;
  /** JSON: what was changed, see `Changed`. */
  changes: string;
  /** The hash of the row before; of the first row, `START`. */
  previous: string;
  hash: string;
}

/** The last row, as a second place knows it: without it, nobody would miss rows at the end. */
export interface AuditHead {
  seq: number;
  hash: string;
}

export const START = "0".repeat(64);

/** SHA-256 over a row and the hash of the row before it. */
export const hashOf = (service: string, row: Omit<AuditRow, "hash">): string =>
  hash(
    "sha256",
    JSON.stringify([
      service,
      row.seq,
      row.at,
      row.actor,
      row.action,
      row.object,
      row.request_id,
      row.changes,
      row.previous,
    ]),
    "hex",
  );

/** What is wrong with a chain, and from where on. */
export interface Fault {
  readonly seq: number;
  readonly fault: "altered" | "missing" | "out of order" | "added";
}

/** Reads a chain row by row. */
export class Verification {
  readonly faults: Fault[] = [];
  readonly #service: string;
  #seq = 0;
  #hash = START;
  #count = 0;
  /** The last row is what its own hash says. */
  #isGood = true;

  constructor(service: string) {
    this.#service = service;
  }

  /** Rows that were read. */
  get count(): number {
    return this.#count;
  }

  /** @param row in the order of `seq` */
  read(row: AuditRow): void {
    for (let seq = this.#seq + 1; seq < row.seq; seq += 1) this.faults.push({ seq, fault: "missing" });
    const isWhole = hashOf(this.#service, row) === row.hash;
    const follows = row.seq === this.#seq + 1 && row.previous === this.#hash;
    if (!isWhole) this.faults.push({ seq: row.seq, fault: this.#isMoved(row) ? "out of order" : "altered" });
    // A row that is whole by itself, but that the next does not know, was written anew.
    else if (row.seq === this.#seq + 1 && !follows && this.#isGood)
      this.faults.push({ seq: row.seq - 1, fault: "altered" });
    this.#isGood = isWhole;
    this.#seq = row.seq;
    this.#hash = row.hash;
    this.#count += 1;
  }

  /** True when the row would be whole in another place. */
  #isMoved(row: AuditRow): boolean {
    for (let seq = Math.max(1, row.seq - NEAR); seq <= row.seq + NEAR; seq += 1)
      if (hashOf(this.#service, { ...row, seq }) === row.hash) return true;
    return false;
  }

  /** @param head what the other place knows of the last row */
  end(head: AuditHead): readonly Fault[] {
    for (let seq = this.#seq + 1; seq <= head.seq; seq += 1) this.faults.push({ seq, fault: "missing" });
    for (let seq = head.seq + 1; seq <= this.#seq; seq += 1) this.faults.push({ seq, fault: "added" });
    if (head.seq === this.#seq && head.hash !== this.#hash && this.#isGood)
      this.faults.push({ seq: this.#seq, fault: "altered" });
    return this.faults;
  }
}

/** How far from its place a row is looked for. */
const NEAR = 1000;
