/** The databases after a fault: whatever contradicts the invariants of orders, money, stock, events and secrets. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { AllDatabases, type DatabasePlaces } from "./all-databases.ts";
import { benefitRules } from "./benefit-rules.ts";
import { asLines, secretsIn } from "./secrets.ts";

type Types = Readonly<Record<string, readonly string[]>>;

export interface Known {
  /** Every order that was answered 2xx, with the states that it may have by now. */
  readonly acknowledged?: ReadonlyMap<string, readonly string[]>;
  /** True while some orders still wait for their customer. */
  readonly unfinished?: boolean;
  /** Passwords and tokens of the test: none may be found anywhere. */
  readonly secrets?: readonly string[];
  /** Secrets that are sent to their owner: none may be found anywhere but in a message. */
  readonly mailed?: readonly string[];
  /** What the process wrote to its console. */
  readonly output?: string;
  /**
   * Services that the data folder knew nothing of, types of event that others subscribed to since, by service, and how ids begin
   * of the first events that they can have heard.
   */
  readonly newcomers?: { readonly services: readonly string[]; readonly types: Types; readonly from: string };
}

/** What an order's customer owes once its saga is at rest, and the units that are theirs. */
const accounts = `
  create temp view accounts as select
    id as order_id, status, sold, sold * (payable - given_back - coalesce(uncaptured, 0)) as owed, given_back, points_back, points,
    payable, uncaptured
  from (select id, status, uncaptured, coalesce(payable, total) as payable, coalesce(points, 0) as points,
    status in ('confirmed', 'partially_shipped', 'shipped', 'delivered', 'returned') as sold,
    (select coalesce(sum(amount), 0) from "order".order_refunds r where r.order_id = o.id) as given_back,
    (select coalesce(sum(points), 0) from "order".order_refunds r where r.order_id = o.id) as points_back
    from "order".orders o);
  create temp view units as select order_id, product_id, quantity,
    cancelled + lost + returned as given_up, quantity - cancelled - lost - returned as kept
  from "order".order_items where title is null`;

/** Orders whose captures were told to a release that makes invoices of them. @param from how their ids begin at least */
const documented = (from = ""): string =>
  `; create temp view documented as select * from accounts where order_id >= '${from}'`;

/** Each finds the rows that must not be. */
const rules: Readonly<Record<string, string>> = {
  "stock and sold units differ from what came in": `
    select s.product_id, s.on_hand,
      (select coalesce(sum(i.kept), 0) from units i join accounts a on a.order_id = i.order_id
        where i.product_id = s.product_id and a.sold) as sold,
      (select sum(on_hand_change) from product.movements m
        where m.product_id = s.product_id and m.kind in ('initial', 'adjustment')) as came_in
    from product.stock_levels s where s.on_hand + sold <> came_in`,
  "the stock level is not the sum of its movements": `
    select s.*, sum(m.on_hand_change) as booked, sum(m.held_change) as booked_held
    from product.stock_levels s join product.movements m on m.product_id = s.product_id
    group by s.product_id having s.on_hand <> booked or s.held <> booked_held`,
  "held stock is not what reservations hold": `
    select s.*, coalesce(sum(i.quantity), 0) as reserved from product.stock_levels s
    left join (product.reservation_items i join product.reservations r on r.order_id = i.order_id and r.state = 'held')
      on i.product_id = s.product_id
    group by s.product_id having s.held <> reserved`,
  "sellable stock is negative": "select * from product.stock_levels where on_hand < held or held < 0",
  "a reservation is not what its order says": `
    select a.*, r.state from accounts a left join product.reservations r on r.order_id = a.order_id
    where (a.order_id in (select order_id from units) and a.sold <> (coalesce(r.state, '') = 'committed')) or (a.status = 'cancelled' and r.state = 'held')`,
  "more units are sent, cancelled or returned than there are": `
    select * from "order".order_items where packed + cancelled > quantity or shipped > packed
      or delivered + lost > shipped or claimed > delivered or returned > claimed`,
  "parcels hold other units than their order says": `
    select i.order_id, i.product_id, i.packed, coalesce(sum(s.quantity), 0) as in_parcels,
      i.shipped, coalesce(sum(s.quantity * (s.state <> 'packed')), 0) as sent
    from (select * from "order".order_items where title is null) i left join (select p.order_id, p.state, q.product_id, q.quantity
      from "order".shipments p join "order".shipment_items q on q.shipment_id = p.id) s
      on s.order_id = i.order_id and s.product_id = i.product_id
    group by i.order_id, i.product_id having i.packed <> in_parcels or i.shipped <> sent`,
  "an order's reservation holds other units than are the customer's": `
    select i.*, coalesce(r.quantity, 0) as committed from units i join accounts a on a.order_id = i.order_id and a.sold
    left join product.reservation_items r on r.order_id = i.order_id and r.product_id = i.product_id
    where i.kept <> committed`,
  "units are given up without a refund of just them": `
    select i.order_id, i.product_id, i.given_up, coalesce(sum(json_extract(j.value, '$.quantity')), 0) as refunded
    from units i join accounts a on a.order_id = i.order_id and a.sold
    left join ("order".order_refunds r join json_each(r.items) j)
      on r.order_id = i.order_id and json_extract(j.value, '$.productId') = i.product_id
    group by i.order_id, i.product_id having i.given_up <> refunded`,
  "all of an order is given up, and its refunds are not its total": `
    select a.* from accounts a where sold and (given_back <> payable or points_back <> points)
      and not exists (select 1 from "order".order_items i where i.order_id = a.order_id
        and quantity - cancelled - lost - returned > 0)`,
  "more is given back than was paid": "select * from accounts where given_back > payable or points_back > points",
  "a refund of an order waits or failed": `select * from "order".order_refunds where state <> 'done'`,
  "a refund of an order is not the payment's": `
    select r.id, r.order_id, r.amount, p.amount as refunded, p.status from "order".order_refunds r
    join accounts a on a.order_id = r.order_id and a.sold left join payment.refunds p on p.id = r.id
    where r.amount > r.uncaptured and (coalesce(p.amount, 0) <> r.amount - r.uncaptured or p.status <> 'succeeded')`,
  "the provider keeps another amount than is owed": `
    select a.*, coalesce(sum(c.captured - c.refunded), 0) as kept
    from accounts a left join provider.charges c on c.reference = a.order_id group by a.order_id having kept <> a.owed`,
  "an order is charged more than once":
    "select reference, count(*) as charges from provider.charges group by reference having charges > 1",
  "a charge belongs to no order":
    "select * from provider.charges where reference not in (select order_id from accounts)",
  "the provider still holds money of an order that has ended": `
    select a.*, c.status as charge from accounts a join provider.charges c on c.reference = a.order_id
    where a.status <> 'pending' and not (a.sold and a.uncaptured is not null) and c.status in ('authorized', 'processing', 'requires_action')`,
  "a payment belongs to no order":
    "select id, order_id from payment.payments where order_id not in (select order_id from accounts)",
  "our payment differs from the provider's charge": `
    select p.id, p.order_id, p.status, p.captured, p.refunded, c.status as charge,
      c.captured as charge_captured, c.refunded as charge_refunded
    from payment.payments p left join provider.charges c on c.reference = p.order_id
    where p.captured <> coalesce(c.captured, 0) or p.refunded <> coalesce(c.refunded, 0)`,
  "what was lost in disputes is not what the provider says": `
    select p.id, p.lost, c.lost as charge_lost from payment.payments p
    join provider.charges c on c.reference = p.order_id where p.lost <> c.lost`,
  "an order's invoices are not what was captured, or its credit notes not what was refunded": `
    select a.order_id, coalesce(p.captured, 0) as captured, coalesce(p.refunded, 0) as refunded, coalesce(p.lost, 0) as lost,
      coalesce(sum((d.kind = 'invoice') * d.total), 0) as invoiced,
      coalesce(sum((d.kind = 'credit_note') * d.total), 0) as credited
    from documented a left join payment.payments p on p.order_id = a.order_id
    left join "order".order_invoices d on d.order_id = a.order_id
    group by a.order_id having captured <> invoiced or credited not between refunded and refunded + lost`,
  "the numbers of a year's documents have a gap": `
    select substr(number, 1, length(number) - 7) as series, count(*) as documents,
      max(cast(substr(number, -6) as integer)) as last
    from "order".order_invoices group by series having documents <> last`,
  "the lost disputes do not add up": `
    select p.id, p.lost, coalesce(sum(d.amount), 0) as disputes from payment.payments p
    left join payment.disputes d on d.payment_id = p.id and d.status = 'lost'
    group by p.id having p.lost <> disputes`,
  "the captures do not add up": `
    select p.id, p.captured, sum(c.amount) as captures from payment.payments p
    join payment.captures c on c.payment_id = p.id and c.status <> 'failed'
    group by p.id having p.captured <> captures or sum(c.status = 'pending') > 0`,
  "the refunds do not add up": `
    select p.id, p.refunded, coalesce(sum(r.amount), 0) as refunds from payment.payments p
    left join payment.refunds r on r.payment_id = p.id and r.status <> 'failed'
    group by p.id having p.refunded <> refunds or sum(r.status = 'pending') > 0`,
  "an order failed, and no outage did it": `
    select o.id, s.reason, s.log from "order".orders o join "order".sagas s on s.id = o.id
    where o.status = 'cancelled' and o.reason in ('INTERNAL_ERROR', 'VALIDATION_FAILED')`,
  "an order has the same event more than once": `
    select subject, type, count(*) as times from "order".outbox
    where type in ('order.placed', 'order.confirmed', 'order.cancelled') group by subject, type having times > 1`,
  "an order needs attention": "select * from accounts where status = 'needs_attention'",
  "a saga and its order disagree": `
    select s.id, s.status as saga, s.step, s.attempt, a.status as "order" from "order".sagas s
    left join accounts a on a.order_id = s.id
    where (s.status = 'completed') <> a.sold or (s.status = 'compensated') <> (a.status = 'cancelled')
      or s.status = 'active' or a.status is null`,
  "an order has no saga": 'select * from accounts where order_id not in (select id from "order".sagas)',
  "a request with a key was never answered": `
    select id, status, idempotency_key from "order".orders
    where idempotency_key is not null and answer is null and status not in ('pending', 'needs_attention')`,
  ...benefitRules,
  "a message waits or failed": "select * from notification.deliveries where status in ('queued', 'failed')",
  "an event is without its message, or has several on one channel": `
    select i.id, count(d.id) as mails from notification.inbox i
    left join notification.deliveries d on d.event_id = i.id and d.channel = 'email'
    where i.subject like 'order:%' or i.subject like 'payment:%' group by i.id having mails <> 1`,
};

const finished: Readonly<Record<string, string>> = {
  "an order has not ended": "select * from accounts where status = 'pending'",
  "stock is still held": "select * from product.stock_levels where held > 0",
};

/** One database of the platform, to be written: for specs that falsify it, or stand in for another system. */
export const openDatabase = (dataDir: string, name: string): DatabaseSync =>
  new DatabaseSync(join(dataDir, `${name}.db`), { enableForeignKeyConstraints: false, timeout: 5000 });

/**
 * One sentence for each contradiction; empty when all is well. Look at it when everything has come to rest.
 * @param where the data folder of the platform, which may be running, or where else its databases are
 */
export async function violations(where: string | DatabasePlaces, known: Known = {}): Promise<string[]> {
  const places = typeof where === "string" ? { dataDir: where } : where;
  const { dataDir } = places;
  const all = await AllDatabases.open(places, accounts + documented(known.newcomers?.from));
  try {
    return [
      ...broken(all, known.unfinished ? rules : { ...rules, ...finished }),
      ...forgotten(all, known.acknowledged ?? new Map()),
      ...(await lostEvents(all, known.newcomers)),
      ...lostMail(all, dataDir),
      ...leaks(all, dataDir, known),
    ];
  } finally {
    all.close();
  }
}

/** Waits until nothing contradicts the invariants; what still does after `patience` milliseconds is answered. */
export async function violationsAtRest(
  where: string | DatabasePlaces,
  known: Known = {},
  patience = 90_000,
): Promise<string[]> {
  const deadline = performance.now() + patience;
  for (;;) {
    const found = await violations(where, known);
    if (found.length === 0 || performance.now() > deadline) return found;
    await sleep(100);
  }
}

const broken = (all: AllDatabases, checks: Readonly<Record<string, string>>): string[] =>
  Object.entries(checks).flatMap(([rule, sql]) => all.rows(sql).map((row) => `${rule}: ${JSON.stringify(row)}`));

/** What was answered 2xx must be there. */
function forgotten(all: AllDatabases, acknowledged: NonNullable<Known["acknowledged"]>): string[] {
  const statuses = new Map(
    all.rows("select order_id, status from accounts").map((row) => [row["order_id"], row["status"]]),
  );
  return [...acknowledged]
    .filter(([id, allowed]) => !allowed.includes(String(statuses.get(id))))
    .map(([id, allowed]) => `the order ${id} was acknowledged as ${allowed.join(" or ")} but is ${statuses.get(id)}`);
}

/** Every event is published, and done with in each inbox whose service subscribed to it. */
async function lostEvents(all: AllDatabases, newcomers: Known["newcomers"]): Promise<string[]> {
  const publishers = all.with("outbox");
  const checks = publishers.map((name) => [
    `an event of ${name} was never published`,
    `select id, type from "${name}".outbox where waiting is not null`,
  ]);
  const endpoints = all.names.includes("webhook")
    ? all.rows("select value from webhook.endpoints, json_each(events)")
    : [];
  const wanted = endpoints.map(({ value }) => String(value));
  for (const name of all.with("inbox")) {
    const types = (await handledTypes(name, wanted)).map((type) => `'${type}'`).join();
    const later = (newcomers?.types[name] ?? []).map((type) => `'${type}'`).join();
    const from = newcomers?.services.includes(name) ? newcomers.from : "";
    for (const publisher of publishers) {
      checks.push([
        `${name} has not handled an event of ${publisher}`,
        `select o.id, o.type, i.state, i.error from "${publisher}".outbox o left join "${name}".inbox i on i.id = o.id
          where o.type in (${types}) and o.id >= '${from}'
          and (o.id >= '${newcomers?.from ?? ""}' or o.type not in (${later})) and coalesce(i.state, '') <> 'done'`,
      ]);
    }
    checks.push([`${name} has an unfinished event`, `select * from "${name}".inbox where state <> 'done'`]);
  }
  return broken(all, Object.fromEntries(checks));
}

/**
 * The types of event of which a service keeps each: those that it subscribed to.
 * @param wanted by endpoints of webhooks, since nothing is kept of what none asks for
 */
export async function handledTypes(service: string, wanted: readonly string[] = []): Promise<readonly string[]> {
  const file = new URL(`../../../services/${service}/${service}.service.ts`, import.meta.url);
  const { default: schema } = (await import(file.href)) as { default: { subscriptions?: object } };
  const subscribed = Object.keys(schema.subscriptions ?? {});
  return service === "webhook"
    ? subscribed.filter((type) => type === "user.deleted" || wanted.includes(type))
    : subscribed;
}

/** Each e-mail that was sent is in the mail folder, and nothing else is. */
function lostMail(all: AllDatabases, dataDir: string): string[] {
  const sent = all.rows("select id from notification.deliveries where channel = 'email' and status = 'sent'");
  const expected = new Set(sent.map(({ id }) => `${id}.eml`));
  const found = new Set(filesIn(join(dataDir, "mail")).map((path) => basename(path)));
  return [...expected.symmetricDifference(found)].map(
    (file) => `the mail ${file} is without its delivery, or the other way round`,
  );
}

const filesIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];

function leaks(all: AllDatabases, dataDir: string, { secrets = [], mailed = [], output = "" }: Known): string[] {
  const [look, read] = [secretsIn([...secrets, ...mailed]), secretsIn(secrets)];
  const tables = all.names.flatMap((name) => all.tablesOf(name));
  const inTables = tables.flatMap((table) => {
    const cells = all.rows(`select * from ${table}`).flatMap(Object.values);
    return look(asLines(cells.filter((cell) => typeof cell === "string")), table);
  });
  const messages = ["mail", "sms", "push"].flatMap((folder) => filesIn(join(dataDir, folder)));
  return [
    ...inTables,
    ...messages.flatMap((path) => read(readFileSync(path, "utf8"), path)),
    ...look(output, "the output"),
  ];
}
