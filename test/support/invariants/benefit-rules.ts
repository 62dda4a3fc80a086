/** What must hold of coupons and points. Each finds the rows that must not be. */
export const benefitRules: Readonly<Record<string, string>> = {
  "a coupon's counts are not what orders hold of it": `
    select c.id, c.held, c.redeemed, c.budget_held, c.budget_spent, count(l.order_id) as holds from "user".coupons c
    left join ("user".coupon_holds l join "user".benefit_holds h on h.order_id = l.order_id) on l.coupon_id = c.id
    group by c.id
    having c.held <> coalesce(sum(h.state = 'held'), 0) or c.redeemed <> coalesce(sum(h.state = 'redeemed'), 0)
      or c.budget is not null and (c.budget_held <> coalesce(sum((h.state = 'held') * l.amount), 0)
        or c.budget_spent <> coalesce(sum((h.state = 'redeemed') * l.amount), 0))`,
  "a coupon was used beyond its cap or its budget":
    'select * from "user".coupons where held + redeemed > most or budget_held + budget_spent > budget',
  "a person's uses of a coupon are not what their orders hold of it": `
    select u.*, sum(h.state = 'held') as holds, sum(h.state = 'redeemed') as redeems from "user".coupon_uses u
    left join ("user".coupon_holds l join "user".benefit_holds h on h.order_id = l.order_id)
      on l.coupon_id = u.coupon_id and h.user_id = u.user_id
    group by u.coupon_id, u.user_id
    having u.held <> coalesce(holds, 0) or u.redeemed <> coalesce(redeems, 0)`,
  "a person's points are not what the ledger says": `
    select a.*, coalesce(sum(b.amount * ((b.target = 'person') - (b.source = 'person'))), 0) as booked,
      coalesce(sum(b.amount * ((b.target = 'held') - (b.source = 'held'))), 0) as booked_held,
      coalesce(sum(b.amount * ((b.source = 'owed') - (b.target = 'owed'))), 0) as booked_owed
    from "user".point_accounts a left join ("user".point_transactions t join "user".point_bookings b
      on b.transaction_id = t.id) on t.user_id = a.user_id
    group by a.user_id having a.balance <> booked or a.held <> booked_held or a.owed <> booked_owed`,
  "points are negative": 'select * from "user".point_accounts where balance < 0 or held < 0 or owed < 0',
  "a person's points are not what their lots hold": `
    select a.*, coalesce(sum(l.points), 0) as in_lots from "user".point_accounts a
    left join "user".point_lots l on l.user_id = a.user_id group by a.user_id having a.balance <> in_lots`,
  "held points are not what orders hold": `
    select a.*, coalesce(sum(h.points), 0) as holds from "user".point_accounts a
    left join "user".benefit_holds h on h.user_id = a.user_id and h.state = 'held'
    group by a.user_id having a.held <> holds`,
  "an order's points are not those of its lots": `
    select h.order_id, h.state, h.points, coalesce(sum(p.points), 0) as in_lots from "user".benefit_holds h
    left join "user".point_holds p on p.order_id = h.order_id
    group by h.order_id having in_lots <> h.points * (h.state in ('held', 'redeemed'))`,
  "an order's points are not what it has used up and given back": `
    select * from (select a.*, coalesce(h.state, '') as state, coalesce(h.points, 0) as held,
      (select coalesce(sum(returned), 0) from "user".point_holds p where p.order_id = a.order_id) as returned
      from accounts a left join "user".benefit_holds h on h.order_id = a.order_id)
    where sold and (points <> held or points_back <> returned or points > 0 and state <> 'redeemed')`,
  "an order's discounts are not what it has redeemed": `
    select * from (select a.order_id, a.status, a.sold, a.points, coalesce(h.state, '') as state,
      (select sum(value ->> '$.amount.amount') from json_each(o.coupons)) as granted,
      (select sum(amount) from "user".coupon_holds l where l.order_id = o.id) as used
      from accounts a join "order".orders o on o.id = a.order_id left join "user".benefit_holds h on h.order_id = o.id)
    where sold and (coalesce(granted, 0) <> coalesce(used, 0) or (granted is not null or points > 0) <> (state = 'redeemed'))
      or status = 'cancelled' and state in ('held', 'redeemed')`,
};
