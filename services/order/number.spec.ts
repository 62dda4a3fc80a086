/**
 * Numbers that people can say: each order has its own, also where several nodes and the release before make orders.
 * @databases sqlite postgres
 */
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { ordersOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { numberOf, spelled } from "./number.model.ts";
import { Numbers } from "./number.mixin.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
  tea = await allServices.product(won(1000), 1000);
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});
afterEach(() => jest.restoreAllMocks());

const { place } = ordersOf(() => customer);
const db = () => allServices.db<OrderTables>("order");
const year = new Date().getUTCFullYear();
const serialOf = (number: string) => Number(number.split("-")[2]);

describe("the number of an order", () => {
  it("is filled up to six digits, and found however it is said", () => {
    expect(numberOf("M", 2026, 4217)).toBe("M-2026-004217");
    expect(numberOf("M", 2026, 12_345_678)).toBe("M-2026-12345678");
    for (const said of ["m-2026-4217", "M-2026-004217", "M-2026-0004217"]) expect(spelled(said)).toBe("M-2026-004217");
  });

  it("stands in the order, its events and what other services look up, and stays", async () => {
    const { answer } = await place(tea);
    const { id, number } = answer;
    expect(number).toMatch(new RegExp(`^M-${year}-\\d{6}$`));
    expect(await customer.call("order.get", { id })).toMatchObject({ number });
    expect((await allServices.asService().call("order.lookup", { ids: [id] })).items).toMatchObject([{ number }]);
    await eventually(() => allServices.eventTypes(id).includes("order.confirmed"));
    const told = allServices.events.filter(({ subject }) => subject === `order:${id}`);
    expect(told.map(({ data }) => (data as { number: string }).number)).toEqual([number, number]);
  });

  it("is found by its owner and by staff, and by nobody else", async () => {
    const { answer } = await place(tea);
    const number = answer.number!.toLowerCase();
    const [found, all] = [{ items: [{ id: answer.id }] }, { number }];
    expect(await customer.call("order.list", all)).toMatchObject(found);
    expect(await staff.call("order.listAll", all)).toMatchObject(found);
    expect(await (await allServices.person()).call("order.list", all)).toEqual({ items: [], nextCursor: null });
  });

  it("begins with 1 in a new year", async () => {
    const { next } = await nextYear();
    expect(await next()).toBe(`M-${year + 20}-000001`);
    expect(await next()).toBe(`M-${year + 20}-000002`);
  });

  async function nextYear() {
    const skew = Date.UTC(year + 20, 0, 1) - Date.now();
    const real = Date.now;
    jest.spyOn(Date, "now").mockImplementation(() => real() + skew);
    const node = new Numbers(db());
    return { next: () => node.next() };
  }
});

describe("nodes that number at once", () => {
  it("never give the same number, and one that stops gives back what it has left", async () => {
    const nodes = Array.from({ length: 4 }, () => new Numbers(db()));
    const given = await Promise.all(Array.from({ length: 200 }, (_, n) => nodes[n % nodes.length]!.next()));
    expect(new Set(given).size).toBe(200);
    const last = new Numbers(db());
    const [first] = [await last.next(), await last.next()];
    await last.stop();
    expect(serialOf(await new Numbers(db()).next())).toBe(serialOf(first) + 2);
  });

  it("number again after the database was away", async () => {
    const node = new Numbers(db());
    const write = jest.spyOn(db(), "write").mockRejectedValueOnce(new Error("away"));
    await expect(node.next()).rejects.toThrow("away");
    write.mockRestore();
    expect(await node.next()).toMatch(/^M-/);
  });
});

describe("orders of the release before", () => {
  it("get numbers in their order from the job, which leaves those of others alone", async () => {
    const placed = [];
    for (let n = 0; n < 3; n += 1) placed.push((await place(tea)).answer);
    const ids = placed.map(({ id }) => id);
    const kept = (await place(tea)).answer;
    await db().write(({ query }) => query.updateTable("orders").set({ number: null }).where("id", "in", ids).execute());
    expect(await customer.call("order.get", { id: ids[0]! })).not.toHaveProperty("number");
    const { numbers } = allServices.service<{ numbers: Numbers }>("order");
    const more = await Promise.all([numbers.numberOldest(), numbers.numberOldest()]);
    expect(more).toEqual([false, false]);
    const numbered = await Promise.all(ids.map(async (id) => (await customer.call("order.get", { id })).number!));
    const serials = numbered.map(serialOf);
    expect(serials).toEqual([0, 1, 2].map((n) => serials[0]! + n));
    expect(await customer.call("order.get", { id: kept.id })).toMatchObject({ number: kept.number });
  });

  it("are numbered by the job, without anybody's doing", async () => {
    const { id } = (await place(tea)).answer;
    await db().write(({ query }) => query.updateTable("orders").set({ number: null }).where("id", "=", id).execute());
    const { items } = await staff.call("order.listJobKinds", {});
    expect(items).toContainEqual(expect.objectContaining({ kind: "numberOrders", cron: "*/5 * * * *" }));
  });
});
