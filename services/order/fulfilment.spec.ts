/**
 * Orders of which parts are packed, sent, lost, cancelled and returned in random sequences, beside a small model of them. It holds for
 * every ORDER_CAPTURE: fulfilment.capture.spec.ts runs it again.
 * @databases sqlite postgres
 */
import fc from "fast-check";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import type { OrderTables } from "./order.repository.ts";

const seed = Number(process.env.PROPERTY_SEED ?? 20_260_101);
const STOCK = 100;

let allServices: AllServices;
let customer: Person;
let staff: Person;
let goods: string[];
beforeAll(async () => {
  allServices = await AllServices.open();
  [customer, staff] = [await allServices.person(), await allServices.person("staff")];
  const rules = [{ name: "Parcel", steps: [{ from: 0, fee: 2503 }] }];
  await staff.call("order.setShippingRules", { currency: "KRW", rules });
});
afterAll(() => allServices.close());

type Units = readonly [number, number];
interface Parcel {
  readonly id: string;
  readonly units: Units;
  state: "packed" | "shipped" | "delivered" | "lost";
}
interface Return {
  readonly id: string;
  readonly units: Units;
  state: "requested" | "approved" | "received" | "rejected";
  isScrap?: boolean;
}

/** What must be true of an order of three units of one product and two of another. */
class Model {
  readonly quantity: Units = [3, 2];
  cancelled: Units = [0, 0];
  parcels: Parcel[] = [];
  returns: Return[] = [];
  refunds = 0;

  count(among: readonly { readonly units: Units }[]): Units {
    return among.reduce<Units>(([a, b], { units }) => [a + units[0], b + units[1]], [0, 0]);
  }
  parcelsIn(...states: Parcel["state"][]): Units {
    return this.count(this.parcels.filter(({ state }) => states.length === 0 || states.includes(state)));
  }
  returnsIn(...states: Return["state"][]): Units {
    return this.count(this.returns.filter(({ state }) => states.includes(state)));
  }
  open(line: 0 | 1): number {
    return this.quantity[line] - this.cancelled[line] - this.parcelsIn()[line];
  }
  returnable(line: 0 | 1): number {
    return this.parcelsIn("delivered")[line] - this.returnsIn("requested", "approved", "received")[line];
  }
  /** Units that the customer keeps, or waits for. */
  kept(line: 0 | 1): number {
    return this.quantity[line] - this.cancelled[line] - this.parcelsIn("lost")[line] - this.returnsIn("received")[line];
  }
}

interface Step {
  readonly kind: "pack" | "cancel" | "advance" | "unpack" | "ask" | "decide";
  readonly line: 0 | 1;
  readonly n: number;
  readonly pick: number;
}
const step = fc.record<Step>({
  kind: fc.constantFrom("pack", "pack", "cancel", "advance", "advance", "unpack", "ask", "decide", "decide"),
  line: fc.constantFrom(0, 1),
  n: fc.integer({ min: 1, max: 2 }),
  pick: fc.nat(1000),
});

const unitsOf = (line: 0 | 1, n: number): Units => (line === 0 ? [n, 0] : [0, n]);
const further = { packed: ["shipped", "delivered", "lost"], shipped: ["delivered", "lost"], delivered: [], lost: [] };
const decisions = {
  requested: ["approved", "rejected"],
  approved: ["received", "rejected"],
  received: [],
  rejected: [],
};

/** The answer, or undefined for a refusal, which must be one that the model expects. */
async function attempt<T>(isAllowed: boolean, asked: Promise<T>): Promise<T | undefined> {
  const [end] = await Promise.allSettled([asked]);
  if (end.status === "rejected") expect(end.reason).toMatchObject({ code: 409 });
  expect(end.status).toBe(isAllowed ? "fulfilled" : "rejected");
  return end.status === "fulfilled" ? end.value : undefined;
}

/** Takes one step; answers true when that cancels the whole order. */
async function take(id: string, model: Model, { kind, line, n, pick }: Step): Promise<boolean> {
  const items = [{ productId: goods[line]!, quantity: n }];
  if (kind === "pack") {
    const made = await attempt(n <= model.open(line), staff.call("order.createShipment", { id, items }));
    if (made) model.parcels.push({ id: made.id, units: unitsOf(line, n), state: "packed" });
  } else if (kind === "cancel") {
    const done = await attempt(n <= model.open(line), customer.call("order.cancelItems", { id, items }));
    if (!done) return false;
    model.cancelled = model.count([{ units: model.cancelled }, { units: unitsOf(line, n) }]);
    if (model.parcels.length === 0 && model.open(0) + model.open(1) === 0) return true;
    model.refunds += 1;
  } else if (kind === "ask") {
    const asked = { id, items: items.map((item) => ({ ...item, cause: "other" as const })) };
    const made = await attempt(n <= model.returnable(line), customer.call("order.createReturn", asked));
    if (made) model.returns.push({ id: made.id, units: unitsOf(line, n), state: "requested" });
  } else if (kind === "decide") {
    const one = model.returns[pick % model.returns.length];
    if (one) await decide(model, one, pick);
  } else {
    const one = model.parcels[pick % model.parcels.length];
    if (one) await (kind === "unpack" ? unpack(model, one) : advance(model, one, pick));
  }
  return false;
}

async function decide(model: Model, one: Return, pick: number): Promise<void> {
  const state = (["approved", "rejected", "received", "received"] as const)[pick % 4]!;
  const scrap = pick % 3 === 0 ? goods : [];
  const isAllowed = one.state === state || (decisions[one.state] as string[]).includes(state);
  const before = one.state;
  if (!(await attempt(isAllowed, staff.call("order.updateReturn", { id: one.id, state, scrap })))) return;
  if (before === state) return;
  Object.assign(one, { state, isScrap: scrap.length > 0 });
  if (state === "received") model.refunds += 1;
}

async function unpack(model: Model, one: Parcel): Promise<void> {
  const done = await attempt(one.state === "packed", staff.call("order.removeShipment", { id: one.id }));
  if (done !== undefined) model.parcels = model.parcels.filter((parcel) => parcel !== one);
}

async function advance(model: Model, one: Parcel, pick: number): Promise<void> {
  const state = (["shipped", "delivered", "delivered", "lost"] as const)[pick % 4]!;
  const isAllowed = one.state === state || (further[one.state] as string[]).includes(state);
  const before = one.state;
  if (!(await attempt(isAllowed, staff.call("order.updateShipment", { id: one.id, state })))) return;
  one.state = state;
  if (state === "lost" && before !== "lost") model.refunds += 1;
}

/** What an order's money has come to, when nothing of it is under way any more. @param refunds how many there must be */
async function settled(id: string, refunds: number | null): Promise<{ uncaptured: number; givenUp: number } | null> {
  const { query } = allServices.db<OrderTables>("order");
  const rows = await query.selectFrom("order_refunds").selectAll().where("order_id", "=", id).execute();
  const captures = await query.selectFrom("order_captures").select("state").where("order_id", "=", id).execute();
  const { uncaptured } = await query
    .selectFrom("orders")
    .select("uncaptured")
    .where("id", "=", id)
    .executeTakeFirstOrThrow();
  const isUnderWay = [...rows, ...captures].some(({ state }) => state !== "done");
  if (refunds !== null && (isUnderWay || rows.length !== refunds)) return null;
  return { uncaptured: uncaptured ?? 0, givenUp: rows.reduce((sum, { amount }) => sum + amount, 0) };
}

async function check(id: string, total: number, model: Model, isCancelled: boolean): Promise<void> {
  const { uncaptured, givenUp } = await eventually(() => settled(id, isCancelled ? null : model.refunds));
  const told = (await customer.call("order.watch", { id })).items.filter(({ event }) => event === "order.refunded");
  const { items, status } = await customer.call("order.get", { id });
  const [charge] = await eventually(async () => {
    const charges = await chargesOf(allServices, id);
    return !isCancelled || charges[0]!.refunded.amount === charges[0]!.captured.amount ? charges : null;
  });
  const kept = charge!.captured.amount - charge!.refunded.amount;
  const paidBack = told.reduce((sum, { data }) => sum + (data as { amount: { amount: number } }).amount.amount, 0);
  const keeps = isCancelled ? 0 : model.kept(0) + model.kept(1);
  expect(status === "cancelled").toBe(isCancelled);
  if (!isCancelled) {
    expect(charge!.refunded.amount).toBe(paidBack);
    expect(kept + uncaptured).toBe(total - givenUp);
  }
  expect((isCancelled ? kept : kept + uncaptured) === 0).toBe(keeps === 0);
  const isLeft = [0, 1].some((line) => model.open(line as 0 | 1) + model.parcelsIn("packed")[line as 0 | 1] > 0);
  if (!isCancelled && !isLeft) expect([uncaptured, charge!.status]).toEqual([0, "captured"]);
  for (const line of [0, 1] as const) {
    const lost = model.parcelsIn("lost")[line];
    expect({ lost: 0, cancelled: 0, returned: 0, delivered: 0, ...items[line] }).toMatchObject({
      lost,
      cancelled: isCancelled ? expect.any(Number) : model.cancelled[line],
      delivered: model.parcelsIn("delivered")[line],
      returned: model.returnsIn("received")[line],
    });
    const scrapped = model.count(model.returns.filter((one) => one.state === "received" && one.isScrap))[line];
    const { onHand } = await customer.call("product.getStock", { id: goods[line]! });
    expect(onHand).toBe(STOCK - lost - scrapped - (isCancelled ? 0 : model.kept(line)));
  }
}

it("keeps goods, money and states right, whatever happens to the parts of an order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 16 }), async (steps) => {
      goods = await Promise.all([7001, 1000].map((amount) => allServices.product(won(amount), STOCK)));
      const wanted = goods.map((productId, line) => ({ productId, quantity: [3, 2][line]! }));
      const request = { items: wanted, paymentMethod: "tok_success", shippingAddress: address };
      const { id, total } = await customer.call("order.create", request);
      const model = new Model();
      let isCancelled = false;
      for (const one of steps) if (!isCancelled) isCancelled = await take(id, model, one);
      await check(id, total.amount, model, isCancelled);
    }),
    { numRuns: 20, seed },
  );
});
