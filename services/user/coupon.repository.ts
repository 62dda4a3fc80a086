/** All SQL of coupons. Caps and budgets are conditions of the statements, and constraints of the tables. */
import type { PageOf, Paging } from "#core/cursor.ts";
import { codeKey } from "#core/folding.ts";
import { pageById } from "#mixins/database/paging.ts";
import { columns, statements } from "#mixins/database/statement.ts";
import type { Coupon } from "./coupon.contract.ts";
import { type CouponRow, type CouponTables, type TermsRow, toCoupon } from "./coupon.model.ts";
import { user } from "./user.contract.ts";
import type { Db, Tx } from "./user.repository.ts";

const sql = statements<CouponTables>();

const terms = [
  "percent",
  "amounts",
  "minimums",
  "product_ids",
  "category_ids",
  "stackable",
  "starts_at",
  "ends_at",
  "most",
  "most_each",
  "budget",
  "currency",
  "disabled",
] as const satisfies readonly (keyof TermsRow)[];
const counts = ["held", "redeemed", "budget_held", "budget_spent"] as const;

const insertCoupon = sql((q, p: CouponRow) =>
  q
    .insertInto("coupons")
    .values(columns(p, "id", "code", "code_key", "kind", ...terms, ...counts, "created_at", "version"))
    .onConflict((one) => one.column("code_key").doNothing()),
);
const findCoupon = sql((q, p: { id: string }) => q.selectFrom("coupons").selectAll().where("id", "=", p.id));
const findByKey = sql((q, p: { code_key: string }) =>
  q.selectFrom("coupons").selectAll().where("code_key", "=", p.code_key),
);
const findUses = sql((q, p: { coupon_id: string; user_id: string }) =>
  q
    .selectFrom("coupon_uses")
    .select((e) => e("held", "+", e.ref("redeemed")).as("uses"))
    .where("coupon_id", "=", p.coupon_id)
    .where("user_id", "=", p.user_id),
);
/** Changes the row without changing it, so that others who change it must wait. */
const lockCoupon = sql((q, p: { id: string }) =>
  q
    .updateTable("coupons")
    .set((e) => ({ version: e.ref("version") }))
    .where("id", "=", p.id)
    .returningAll(),
);
const setTerms = sql((q, p: TermsRow & { id: string }) =>
  q
    .updateTable("coupons")
    .set((e) => ({ ...columns(p, ...terms), version: e("version", "+", 1) }))
    .where("id", "=", p.id)
    .returningAll(),
);

/** @throws NOT_FOUND */
export async function find(db: Db, id: string): Promise<CouponRow> {
  const row = await db.one(findCoupon, { id });
  if (!row) throw user.error("NOT_FOUND");
  return row;
}

/** A coupon by its code, and how often somebody has used it. */
export async function findFor(db: Db, code: string, userId: string): Promise<{ row?: CouponRow; uses: number }> {
  const row = await db.one(findByKey, { code_key: codeKey(code) });
  return row ? { row, uses: await usesOf(db, row.id, userId) } : { uses: 0 };
}

export const usesOf = async (db: Db, couponId: string, userId: string): Promise<number> =>
  (await db.one(findUses, { coupon_id: couponId, user_id: userId }))?.uses ?? 0;

/** @throws COUPON_CODE_TAKEN */
export async function add(tx: Tx, row: CouponRow): Promise<Coupon> {
  if ((await tx.run(insertCoupon, row)) === 0) throw user.error("COUPON_CODE_TAKEN");
  return toCoupon(row);
}

interface Edition {
  readonly id: string;
  /** Without a version, the coupon is changed whatever its version is. */
  readonly version: number | undefined;
}

/** @throws NOT_FOUND, STALE_VERSION, COUPON_IN_USE when more is used already, and the error of `change` */
export async function edit(tx: Tx, { id, version }: Edition, change: (before: CouponRow) => TermsRow): Promise<Coupon> {
  const before = await tx.one(lockCoupon, { id });
  if (!before) throw user.error("NOT_FOUND");
  if (version !== undefined && version !== before.version) throw user.error("STALE_VERSION");
  const after = change(before);
  const uses = before.held + before.redeemed;
  const spent = before.budget_held + before.budget_spent;
  if (after.most !== null && after.most < uses) throw user.error("COUPON_IN_USE", { uses });
  if (after.budget !== null && after.budget < spent) throw user.error("COUPON_IN_USE", { spent });
  return toCoupon((await tx.one(setTerms, { ...after, id }))!);
}

interface Search extends Paging {
  readonly code?: string | undefined;
}

/** Newest first. */
export const page = (db: Db, { code, ...paging }: Search): Promise<PageOf<Coupon>> =>
  pageById(
    db.query
      .selectFrom("coupons")
      .selectAll()
      .$if(code !== undefined, (all) => all.where("code_key", "=", codeKey(code!))),
    paging,
    toCoupon,
  );
