/** The rules of coupons: how a code is read, which terms fit together, and when a coupon is good for somebody. */
import { timestamp } from "#core/clock.ts";
import { codeKey } from "#core/folding.ts";
import { newId } from "#core/id.ts";
import type { Money } from "#core/schema.ts";
import type { Language, Sentence } from "#core/text.ts";
import type { Offered, Refusal } from "./benefit.contract.ts";
import type { Coupon, CouponChanges, NewCoupon } from "./coupon.contract.ts";
import { user } from "./user.contract.ts";

export interface CouponRow {
  id: string;
  code: string;
  code_key: string;
  kind: Coupon["kind"];
  percent: number | null;
  /** Lists as JSON. */
  amounts: string;
  minimums: string;
  product_ids: string;
  category_ids: string;
  stackable: number;
  /** Milliseconds since the epoch. */
  starts_at: number | null;
  ends_at: number | null;
  most: number | null;
  most_each: number | null;
  budget: number | null;
  /** The currency of the budget. */
  currency: Money["currency"] | null;
  held: number;
  redeemed: number;
  budget_held: number;
  budget_spent: number;
  disabled: number;
  created_at: string;
  version: number;
}
/** What staff decide, apart from the code and the kind. */
export type TermsRow = Omit<
  CouponRow,
  "id" | "code" | "code_key" | "kind" | "held" | "redeemed" | "budget_held" | "budget_spent" | "created_at" | "version"
>;

export interface CouponTables {
  coupons: CouponRow;
  coupon_uses: { coupon_id: string; user_id: string; held: number; redeemed: number; most: number | null };
}

const faults = {
  percent: {
    en: "must be given for the kind `percent`, and for no other",
    ko: "`percent` 쿠폰에만, 반드시 지정해야 합니다",
  },
  amounts: {
    en: "must be given for the kind `amount`, and for no other",
    ko: "`amount` 쿠폰에만, 반드시 지정해야 합니다",
  },
  twice: { en: "must have each currency once", ko: "통화마다 하나만 지정할 수 있습니다" },
  until: { en: "must be later than `from`", ko: "`from`보다 늦어야 합니다" },
  budget: {
    en: "can be changed where there is one, in its currency",
    ko: "처음부터 예산이 있던 쿠폰만, 같은 통화로 바꿀 수 있습니다",
  },
} as const satisfies Record<string, Sentence>;

const invalid = (language: Language, pointer: string, fault: keyof typeof faults) =>
  user.error("VALIDATION_FAILED", { errors: [{ pointer, detail: faults[fault][language] }] });

const listed = (text: string) => JSON.parse(text) as Money[];

/** @throws VALIDATION_FAILED when the terms do not fit together */
export function checkTerms(language: Language, kind: Coupon["kind"], terms: TermsRow): void {
  const amounts = listed(terms.amounts);
  const minimums = listed(terms.minimums);
  const isTwice = (list: readonly Money[]) => new Set(list.map(({ currency }) => currency)).size < list.length;
  if ((terms.percent !== null) !== (kind === "percent")) throw invalid(language, "/percent", "percent");
  if (amounts.length > 0 !== (kind === "amount")) throw invalid(language, "/amounts", "amounts");
  if (isTwice(amounts)) throw invalid(language, "/amounts", "twice");
  if (isTwice(minimums)) throw invalid(language, "/minimums", "twice");
  if (terms.starts_at !== null && terms.ends_at !== null && terms.ends_at <= terms.starts_at)
    throw invalid(language, "/until", "until");
}

const moment = (time: string | null) => (time === null ? null : Date.parse(time));
const json = (list: readonly unknown[]) => JSON.stringify(list);

/** The terms after a change. @throws VALIDATION_FAILED */
export function changedTerms(language: Language, before: TermsRow, changes: CouponChanges): TermsRow {
  const { budget, from, until, most, mostPerPerson, disabled, stackable } = changes;
  if (budget && budget.currency !== before.currency) throw invalid(language, "/budget", "budget");
  return {
    ...before,
    ...(changes.percent !== undefined && { percent: changes.percent }),
    ...(changes.amounts && { amounts: json(changes.amounts) }),
    ...(changes.minimums && { minimums: json(changes.minimums) }),
    ...(changes.productIds && { product_ids: json(changes.productIds) }),
    ...(changes.categoryIds && { category_ids: json(changes.categoryIds) }),
    ...(stackable !== undefined && { stackable: stackable ? 1 : 0 }),
    ...(from !== undefined && { starts_at: moment(from) }),
    ...(until !== undefined && { ends_at: moment(until) }),
    ...(most !== undefined && { most }),
    ...(mostPerPerson !== undefined && { most_each: mostPerPerson }),
    ...(budget && { budget: budget.amount }),
    ...(disabled !== undefined && { disabled: disabled ? 1 : 0 }),
  };
}

const noTerms: TermsRow = {
  percent: null,
  amounts: "[]",
  minimums: "[]",
  product_ids: "[]",
  category_ids: "[]",
  stackable: 0,
  starts_at: null,
  ends_at: null,
  most: null,
  most_each: null,
  budget: null,
  currency: null,
  disabled: 0,
};

/** @throws VALIDATION_FAILED */
export function newCoupon(language: Language, { code, kind, ...given }: NewCoupon): CouponRow {
  const terms = changedTerms(language, { ...noTerms, currency: given.budget?.currency ?? null }, given);
  checkTerms(language, kind, terms);
  const unused = { held: 0, redeemed: 0, budget_held: 0, budget_spent: 0 };
  return { ...terms, ...unused, id: newId(), code, code_key: codeKey(code), kind, created_at: timestamp(), version: 1 };
}

const termsOf = (row: CouponRow) => ({
  kind: row.kind,
  ...(row.percent !== null && { percent: row.percent }),
  amounts: listed(row.amounts),
  minimums: listed(row.minimums),
  productIds: JSON.parse(row.product_ids) as string[],
  categoryIds: JSON.parse(row.category_ids) as string[],
  stackable: row.stackable === 1,
});

export function toCoupon(row: CouponRow): Coupon {
  const { currency } = row;
  return {
    id: row.id,
    code: row.code,
    ...termsOf(row),
    ...(row.starts_at !== null && { from: timestamp(row.starts_at) }),
    ...(row.ends_at !== null && { until: timestamp(row.ends_at) }),
    ...(row.most !== null && { most: row.most }),
    ...(row.most_each !== null && { mostPerPerson: row.most_each }),
    ...(row.budget !== null && { budget: { amount: row.budget, currency: currency! } }),
    disabled: row.disabled === 1,
    held: row.held,
    redeemed: row.redeemed,
    ...(row.budget !== null && { spent: { amount: row.budget_spent, currency: currency! } }),
    createdAt: row.created_at,
    version: row.version,
  };
}

/**
 * Why the coupon is not good for a person now; undefined when it is.
 * @param uses of this person
 * @param now milliseconds since the epoch
 */
export function refusalOf(row: CouponRow, uses: number, now: number): Refusal | undefined {
  if (row.disabled === 1 || (row.ends_at !== null && row.ends_at <= now)) return "ended";
  if (row.starts_at !== null && row.starts_at > now) return "not_yet";
  if (row.most !== null && row.held + row.redeemed >= row.most) return "used_up";
  if (row.most_each !== null && uses >= row.most_each) return "used_by_you";
  return undefined;
}

/** The coupon as the order service calculates with it. */
export function toOffered(asked: string, row: CouponRow | undefined, uses: number, now: number): Offered {
  if (!row) return { asked, refused: "unknown" };
  const refused = refusalOf(row, uses, now);
  if (refused) return { asked, refused };
  const { id, version, code, budget, currency } = row;
  const left =
    budget === null ? undefined : { amount: budget - row.budget_held - row.budget_spent, currency: currency! };
  return { asked, terms: { id, version, code, ...termsOf(row), ...(left && { left }) } };
}
