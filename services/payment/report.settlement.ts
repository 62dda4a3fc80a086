/**
 * Compares a day of the provider's list with our books, in both directions. Sums of a day differ from ours where money moves at
 * midnight, or where an answer was learned later. So whatever does not agree at once is asked of the provider by itself.
 */
import type { Database } from "#mixins/database/database.ts";
import * as disputes from "./dispute.repository.ts";
import * as keys from "./key.repository.ts";
import { lookupOf, type PaymentRow } from "./payment.projection.ts";
import { type PaymentProvider, ProviderRefusal } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables } from "./payment.repository.ts";
import { boundsOf, DayBook, type DifferenceKind, type Tally } from "./report.model.ts";
import type { ReportDifferenceRow } from "./report.projection.ts";
import * as reports from "./report.repository.ts";

/** Payments that are read at once. */
const PAGE = 500;

type Found = Omit<ReportDifferenceRow, "id" | "note" | "created_at" | "settled_at">;

export class Reports {
  readonly #db: Database<PaymentTables>;
  readonly #provider: PaymentProvider;

  constructor(db: Database<PaymentTables>, provider: PaymentProvider) {
    this.#db = db;
    this.#provider = provider;
  }

  /** Compares a day and stores the report. @param day in UTC @throws PROVIDER_UNAVAILABLE */
  async compare(day: string, signal: AbortSignal): Promise<void> {
    const book = await this.#read(day, signal);
    const found: Found[] = [];
    for (const tally of book.tallies.values()) {
      signal.throwIfAborted();
      const row = await this.#paymentOf(tally);
      const difference = row ? await this.#differs(day, row, tally) : strange(this.#provider.name, day, tally);
      if (difference) found.push(difference);
    }
    for await (const row of this.#taken(day)) {
      signal.throwIfAborted();
      if (row.charge_id !== null && book.tallies.has(row.charge_id)) continue;
      const difference = await this.#differs(day, row);
      if (difference) found.push(difference);
    }
    const { name: provider } = this.#provider;
    const totals = JSON.stringify(book.totals);
    await this.#db.write(async (tx) => {
      tx.add(...reports.add({ provider, day, totals, differences: found.length }, found));
      // A dispute whose webhook was lost is asked about now.
      for (const dispute of book.disputes) tx.add(disputes.hear(provider, dispute));
    });
  }

  /** The provider's list of the day. */
  async #read(day: string, signal: AbortSignal): Promise<DayBook> {
    const book = new DayBook();
    const range = boundsOf(day);
    let cursor: string | undefined;
    do {
      signal.throwIfAborted();
      const page = await this.#provider.list!({ ...range, ...(cursor !== undefined && { cursor }) });
      for (const movement of page.items) book.add(movement);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return book;
  }

  #paymentOf({ charge, reference }: Tally): Promise<PaymentRow | undefined> {
    return reference === null ? keys.find(this.#db, charge) : payments.ofOrder(this.#db, reference);
  }

  /** Payments that hold money and have changed on this day. */
  async *#taken(day: string): AsyncIterable<PaymentRow> {
    const { from, to } = boundsOf(day);
    const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
    let after = "";
    for (;;) {
      const rows = await reports.takenBetween(this.#db, {
        provider: this.#provider.name,
        after,
        ...times,
        limit: PAGE,
      });
      yield* rows;
      if (rows.length < PAGE) return;
      after = rows.at(-1)!.id;
    }
  }

  /** Asks the provider where the sums of the day do not say already that all is well. */
  async #differs(day: string, row: PaymentRow, tally?: Tally): Promise<Found | null> {
    const isEqual = (theirs: Sums) => theirs.captured === row.captured && theirs.refunded === row.refunded;
    if (tally && tally.charge === row.charge_id && tally.currency === row.currency && isEqual(tally)) return null;
    const charge = await this.#provider.retrieve(lookupOf(row)).catch((error: unknown) => {
      if (error instanceof ProviderRefusal) return null;
      throw error;
    });
    if (charge && charge.currency === row.currency && charge.id === (tally?.charge ?? charge.id) && isEqual(charge))
      return null;
    const theirs = charge ?? tally ?? { captured: 0, refunded: 0 };
    const kind: DifferenceKind = charge ? "amounts" : "missing";
    return { ...standing(this.#provider.name, day, row.charge_id ?? row.order_id, theirs, row), kind };
  }
}

interface Sums {
  readonly captured: number;
  readonly refunded: number;
}

const standing = (provider: string, day: string, charge: string, theirs: Sums, row: PaymentRow) => ({
  provider,
  day,
  charge,
  payment_id: row.id,
  currency: row.currency,
  our_captured: row.captured,
  our_refunded: row.refunded,
  their_captured: theirs.captured,
  their_refunded: theirs.refunded,
});

/** A charge of which we have no payment. */
const strange = (provider: string, day: string, { charge, currency, captured, refunded }: Tally): Found => ({
  provider,
  day,
  kind: "unknown",
  charge,
  payment_id: null,
  currency,
  our_captured: 0,
  our_refunded: 0,
  their_captured: captured,
  their_refunded: refunded,
});
