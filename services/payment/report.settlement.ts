/**
 * Compares a day of the provider's list with our books, in both directions. Sums of a day differ from ours where money moves at
 * midnight, or where an answer was learned later. So whatever does not agree at once is asked of the provider by itself.
 */
import type { Database } from "#mixins/database/database.ts";
import type { Write } from "#mixins/database/write.ts";
import * as disputes from "./dispute.repository.ts";
import * as keys from "./key.repository.ts";
import type { Alarms } from "./payment.alarms.ts";
import { payment } from "./payment.contract.ts";
import { lookupOf, type PaymentRow } from "./payment.projection.ts";
import { type PaymentProvider, ProviderRefusal } from "./payment.provider.ts";
import * as payments from "./payment.repository.ts";
import type { PaymentTables } from "./payment.repository.ts";
import { boundsOf, DayBook, type DifferenceKind, type Tally } from "./report.model.ts";
import * as reports from "./report.repository.ts";

/** Payments that are read at once. */
const PAGE = 500;

/** Pages of the provider's list of one day. */
const MOST_PAGES = 10_000;

/** Rows that are written in one transaction. */
const BATCH = 200;

type Found = reports.Found;

export class Reports {
  readonly #db: Database<PaymentTables>;
  readonly #provider: PaymentProvider;
  readonly #unsound: Alarms["unsound"];

  constructor(db: Database<PaymentTables>, provider: PaymentProvider, { unsound }: Pick<Alarms, "unsound">) {
    this.#db = db;
    this.#provider = provider;
    this.#unsound = unsound;
  }

  /**
   * Compares a day and stores what differs, in batches. The report itself comes last: a day without one is compared again, and
   * what it finds again is stored once, and what it does not find again is forgotten. @param day in UTC @throws PROVIDER_UNAVAILABLE
   */
  async compare(day: string, signal: AbortSignal): Promise<void> {
    const { name: provider } = this.#provider;
    const book = await this.#read(day, signal);
    // A dispute whose webhook was lost is asked about now.
    const heard = [...book.disputes].map((dispute) => disputes.hear(provider, dispute));
    await this.#store([reports.forgetOpen(provider, day), ...heard]);
    let differences = 0;
    let batch: Found[] = [];
    for await (const difference of this.#differences(day, book, signal)) {
      batch.push(difference);
      differences += 1;
      if (batch.length < BATCH) continue;
      await this.#store(batch.map(reports.addDifference));
      batch = [];
    }
    const totals = JSON.stringify(book.totals);
    await this.#store([...batch.map(reports.addDifference), reports.add({ provider, day, totals, differences })]);
  }

  /** In transactions that are short, because others write meanwhile. */
  async #store(writes: readonly Write[]): Promise<void> {
    for (let first = 0; first < writes.length; first += BATCH)
      await this.#db.write(async (tx) => tx.add(...writes.slice(first, first + BATCH)));
  }

  async *#differences(day: string, book: DayBook, signal: AbortSignal): AsyncIterable<Found> {
    for (const tally of book.tallies.values()) {
      signal.throwIfAborted();
      const row = await this.#paymentOf(tally);
      const difference = row ? await this.#differs(day, row, tally) : strange(this.#provider.name, day, tally);
      if (difference) yield difference;
    }
    for await (const row of this.#taken(day)) {
      signal.throwIfAborted();
      if (row.charge_id !== null && book.tallies.has(row.charge_id)) continue;
      const difference = await this.#differs(day, row);
      if (difference) yield difference;
    }
  }

  /** The provider's list of the day. @throws PROVIDER_UNAVAILABLE when it has no end */
  async #read(day: string, signal: AbortSignal): Promise<DayBook> {
    const book = new DayBook();
    const range = boundsOf(day);
    const cursors = new Set<string>();
    let cursor: string | undefined;
    do {
      signal.throwIfAborted();
      const page = await this.#provider.list!({ ...range, ...(cursor !== undefined && { cursor }) });
      for (const movement of page.items) book.add(movement);
      cursor = page.nextCursor ?? undefined;
      if (cursor !== undefined && (cursors.has(cursor) || cursors.size === MOST_PAGES)) {
        this.#unsound("list", `The list of ${day} has no end after ${cursors.size + 1} pages`);
        throw payment.error("PROVIDER_UNAVAILABLE");
      }
      if (cursor !== undefined) cursors.add(cursor);
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

  /**
   * Asks the provider where the sums of the day do not say already that all is well. A payment that changes meanwhile is compared in
   * the report of the day on which it changed.
   */
  async #differs(day: string, seen: PaymentRow, tally?: Tally): Promise<Found | null> {
    if (tally && tally.charge === seen.charge_id && tally.currency === seen.currency && isEqual(seen, tally))
      return null;
    const charge = await this.#provider.retrieve(lookupOf(seen)).catch((error: unknown) => {
      if (error instanceof ProviderRefusal) return null;
      throw error;
    });
    const row = (await payments.find(this.#db, seen.id, null)) ?? seen;
    if (!isEqual(row, seen)) return null;
    if (
      charge &&
      charge.currency === row.currency &&
      charge.id === (tally?.charge ?? charge.id) &&
      isEqual(row, charge)
    )
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

const isEqual = (ours: Sums, theirs: Sums): boolean =>
  ours.captured === theirs.captured && ours.refunded === theirs.refunded;

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
