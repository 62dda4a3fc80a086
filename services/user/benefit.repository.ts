/** The SQL of what orders hold. The conditions of a hold are in its statements, so that many at once keep every cap. */
import { columns, statements } from "#mixins/database/statement.ts";
import { dueIn } from "#mixins/queue/due.ts";
import type { BenefitTables, HoldRow } from "./benefit.model.ts";

const sql = statements<BenefitTables>();

export const insertHold = sql((q, p: HoldRow) =>
  q
    .insertInto("benefit_holds")
    .values(columns(p, "order_id", "user_id", "state", "points", "request_hash", "expires_at"))
    .onConflict((one) => one.column("order_id").doNothing()),
);
/** Changes the row without changing it, so that others who change it must wait. */
export const lock = sql((q, p: { order_id: string }) =>
  q
    .updateTable("benefit_holds")
    .set((e) => ({ state: e.ref("state") }))
    .where("order_id", "=", p.order_id)
    .returningAll(),
);
export const setState = sql((q, p: Pick<HoldRow, "order_id" | "state" | "expires_at">) =>
  q
    .updateTable("benefit_holds")
    .set(columns(p, "state", "expires_at"))
    .where("order_id", "=", p.order_id),
);
/** Changes nothing when it was renewed or has ended meanwhile. */
export const expireDue = sql((q, p: { order_id: string; now: number }) =>
  q
    .updateTable("benefit_holds")
    .set({ state: "expired", expires_at: null })
    .where("order_id", "=", p.order_id)
    .where("expires_at", "<=", p.now)
    .returningAll(),
);
/** What is held beyond its time. */
export const overdue = dueIn<BenefitTables>()("benefit_holds", "expires_at");

export const insertCouponHold = sql((q, p: BenefitTables["coupon_holds"]) =>
  q.insertInto("coupon_holds").values(columns(p, "order_id", "coupon_id", "amount", "currency")),
);
/** In the order of their ids, so that two orders never wait for each other. */
export const listCoupons = sql((q, p: { order_id: string }) =>
  q
    .selectFrom("coupon_holds")
    .select(["coupon_id", "amount", "currency"])
    .where("order_id", "=", p.order_id)
    .orderBy("coupon_id"),
);

export interface Use {
  readonly coupon_id: string;
  readonly user_id: string;
  readonly amount: number;
  readonly currency: string;
}

/** Holds one use more; changes nothing where the cap or the budget does not allow it. */
export const holdCoupon = sql((q, p: Use) =>
  q
    .updateTable("coupons")
    .set((e) => ({
      held: e("held", "+", 1),
      budget_held: e
        .case()
        .when("budget", "is", null)
        .then(e.ref("budget_held"))
        .else(e("budget_held", "+", p.amount))
        .end(),
    }))
    .where("id", "=", p.coupon_id)
    .where((e) => e.or([e("most", "is", null), e(e("held", "+", e.ref("redeemed")), "<", e.ref("most"))]))
    .where((e) =>
      e.or([
        e("budget", "is", null),
        e.and([
          e("currency", "=", p.currency as "KRW"),
          e(e(e("budget_held", "+", e.ref("budget_spent")), "+", p.amount), "<=", e.ref("budget")),
        ]),
      ]),
    ),
);
/** Changes nothing unless the coupon is good now and has these terms. It is the first that a new hold asks for. */
export const takeCoupon = sql((q, p: { coupon_id: string; version: number; now: number }) =>
  q
    .updateTable("coupons")
    .set((e) => ({ version: e.ref("version") }))
    .where("id", "=", p.coupon_id)
    .where("version", "=", p.version)
    .where("disabled", "=", 0)
    .where((e) => e.or([e("starts_at", "is", null), e("starts_at", "<=", p.now)]))
    .where((e) => e.or([e("ends_at", "is", null), e("ends_at", ">", p.now)])),
);
/** Holds one use more of a person; changes nothing where the cap of a person does not allow it. */
export const holdUse = sql((q, p: Use) =>
  q
    .insertInto("coupon_uses")
    .columns(["coupon_id", "user_id", "held", "redeemed", "most"])
    .expression(
      q
        .selectFrom("coupons")
        .select((e) => [
          "id",
          e.cast<string>(e.val(p.user_id), "text").as("user_id"),
          e.lit(1).as("held"),
          e.lit(0).as("redeemed"),
          "most_each",
        ])
        .where("id", "=", p.coupon_id),
    )
    .onConflict((one) =>
      one
        .columns(["coupon_id", "user_id"])
        .doUpdateSet((e) => ({ held: e("coupon_uses.held", "+", 1), most: e.ref("excluded.most") }))
        .where((e) =>
          e.or([
            e("excluded.most", "is", null),
            e(e("coupon_uses.held", "+", e.ref("coupon_uses.redeemed")), "<", e.ref("excluded.most")),
          ]),
        ),
    ),
);

type Counted = { readonly held: number; readonly redeemed: number };

/** What is held or redeemed already moves on. The constraints of the tables refuse what cannot be. */
export const moveCoupon = sql((q, p: Use & Counted & { budget_held: number; budget_spent: number }) =>
  q
    .updateTable("coupons")
    .set((e) => {
      const counted = (column: "budget_held" | "budget_spent") =>
        e
          .case()
          .when("budget", "is", null)
          .then(e.ref(column))
          .else(e(column, "+", p[column]))
          .end();
      return {
        held: e("held", "+", p.held),
        redeemed: e("redeemed", "+", p.redeemed),
        budget_held: counted("budget_held"),
        budget_spent: counted("budget_spent"),
      };
    })
    .where("id", "=", p.coupon_id),
);
export const moveUse = sql((q, p: Use & Counted) =>
  q
    .updateTable("coupon_uses")
    .set((e) => ({ held: e("held", "+", p.held), redeemed: e("redeemed", "+", p.redeemed) }))
    .where("coupon_id", "=", p.coupon_id)
    .where("user_id", "=", p.user_id),
);
