/** The rules of the daily report: what a provider lists, its sums by charge, and what differs from our books. */
import Type, { type Static } from "typebox";
import { DAY } from "#core/clock.ts";
import { Code, MAX_AMOUNT, Money } from "#core/schema.ts";

const Name = Code("^[\\w.:-]+$", 100);
const orNull = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);

/** One movement of money in the provider's list, with amounts in minor units of `currency`. */
export const Movement = Type.Object({
  id: Name,
  kind: Type.Enum(["capture", "refund", "dispute"]),
  /** The provider's id of the charge. */
  charge: Name,
  /** The id of our order, where the provider knows it. */
  reference: orNull(Name),
  /** The provider's id of the dispute. */
  dispute: Type.Optional(Name),
  currency: Money.properties.currency,
  amount: Type.Integer({ minimum: 0, maximum: MAX_AMOUNT }),
  /** What the provider keeps for it; null where it does not tell. */
  fee: orNull(Type.Integer({ minimum: -MAX_AMOUNT, maximum: MAX_AMOUNT })),
});
export type Movement = Static<typeof Movement>;
export const MovementPage = Type.Object({
  items: Type.Array(Movement),
  nextCursor: orNull(Type.String({ maxLength: 200 })),
});

/** What the provider lists of one charge on one day. */
export interface Tally {
  readonly charge: string;
  readonly reference: string | null;
  readonly currency: Money["currency"];
  captured: number;
  refunded: number;
}

/** The sums of a day in one currency. */
export interface Total {
  readonly currency: Money["currency"];
  captured: number;
  refunded: number;
  disputed: number;
  /** Null where the provider does not tell fees in its list. */
  fees: number | null;
}

/** `unknown` is a charge of which we have no payment, `missing` a payment whose charge the provider does not have. */
export const differenceKinds = ["unknown", "missing", "amounts"] as const;
export type DifferenceKind = (typeof differenceKinds)[number];

/** Sums up the provider's list of a day, page by page. */
export class DayBook {
  readonly tallies = new Map<string, Tally>();
  readonly disputes = new Set<string>();
  readonly #totals = new Map<string, Total>();

  add({ kind, charge, reference, currency, amount, fee, dispute }: Movement): void {
    const none = { currency, captured: 0, refunded: 0, disputed: 0, fees: null };
    const total: Total = this.#totals.get(currency) ?? none;
    this.#totals.set(currency, total);
    if (fee !== null) total.fees = (total.fees ?? 0) + fee;
    if (kind === "dispute") {
      total.disputed += amount;
      if (dispute !== undefined) this.disputes.add(dispute);
      return;
    }
    const tally: Tally = this.tallies.get(charge) ?? { charge, reference, currency, captured: 0, refunded: 0 };
    this.tallies.set(charge, tally);
    const field = kind === "capture" ? "captured" : "refunded";
    tally[field] += amount;
    total[field] += amount;
  }

  get totals(): readonly Total[] {
    return [...this.#totals.values()].toSorted((one, other) => (one.currency < other.currency ? -1 : 1));
  }
}

/** The day of a time, in UTC. @param time milliseconds since the epoch */
export const dayOf = (time: number): string => new Date(time).toISOString().slice(0, "2026-01-31".length);

/** Milliseconds since the epoch: the beginning of a day in UTC, and of the next one. */
export function boundsOf(day: string): { readonly from: number; readonly to: number } {
  const from = Date.parse(day);
  return { from, to: from + DAY };
}

/** The days after `last` that have ended, at most `most` of them. @param last null for only the latest */
export function daysSince(last: string | null, now: number, most: number): readonly string[] {
  const latest = Date.parse(dayOf(now)) - DAY;
  const first = last === null ? latest : Math.max(Date.parse(last) + DAY, latest - (most - 1) * DAY);
  const count = Math.max(0, Math.floor((latest - first) / DAY) + 1);
  return Array.from({ length: count }, (_, index) => dayOf(first + index * DAY));
}
