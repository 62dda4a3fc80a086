/** Daily reports as stored rows, and in the form that staff see. */
import type { Money } from "#core/schema.ts";
import type { Report, ReportDifference } from "./report.contract.ts";
import type { DifferenceKind, Total } from "./report.model.ts";

export interface ReportRow {
  id: string;
  provider: string;
  /** In UTC, e.g. 2026-01-31. */
  day: string;
  /** As JSON. */
  totals: string;
  differences: number;
  created_at: string;
}

/** Amounts are minor units of `currency`. */
export interface ReportDifferenceRow {
  id: string;
  provider: string;
  day: string;
  kind: DifferenceKind;
  /** The provider's id of the charge; the order's where we do not know that. */
  charge: string;
  payment_id: string | null;
  currency: Money["currency"];
  our_captured: number;
  our_refunded: number;
  their_captured: number;
  their_refunded: number;
  note: string | null;
  created_at: string;
  settled_at: string | null;
}

export const toReport = ({ id, provider, day, totals, differences, created_at }: ReportRow): Report => ({
  id,
  provider,
  day,
  totals: JSON.parse(totals) as Total[],
  differences,
  createdAt: created_at,
});

export const toDifference = ({ id, day, kind, provider, charge, ...row }: ReportDifferenceRow): ReportDifference => ({
  id,
  day,
  kind,
  provider,
  charge,
  paymentId: row.payment_id,
  currency: row.currency,
  ours: { captured: row.our_captured, refunded: row.our_refunded },
  theirs: { captured: row.their_captured, refunded: row.their_refunded },
  note: row.note,
  createdAt: row.created_at,
  settledAt: row.settled_at,
});

/** Amounts are whole numbers of minor units, as in the API. */
export const reportColumns = ["day", "provider", "currency", "captured", "refunded", "disputed", "fees", "differences"];

/** A line for each currency; a day without any movement has one too. */
export function reportCells({ day, provider, totals, differences }: Report): string[][] {
  const found = String(differences);
  if (totals.length === 0) return [[day, provider, "", "0", "0", "0", "", found]];
  return totals.map(({ currency, captured, refunded, disputed, fees }) => {
    const amounts = [captured, refunded, disputed].map(String);
    return [day, provider, currency, ...amounts, fees === null ? "" : String(fees), found];
  });
}

export const differenceColumns = [
  "day",
  "provider",
  "charge",
  "paymentId",
  "kind",
  "currency",
  "ourCaptured",
  "theirCaptured",
  "ourRefunded",
  "theirRefunded",
  "settledAt",
  "note",
];

export const differenceCells = ({ ours, theirs, ...one }: ReportDifference): string[] => [
  one.day,
  one.provider,
  one.charge,
  one.paymentId ?? "",
  one.kind,
  one.currency,
  ...[ours.captured, theirs.captured, ours.refunded, theirs.refunded].map(String),
  one.settledAt ?? "",
  one.note ?? "",
];
