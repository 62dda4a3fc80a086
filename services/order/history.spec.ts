/**
 * Orders as they are looked up: by customers with filters, by staff with everybody's, with what was noted about them.
 * @databases sqlite postgres
 */
import { timestamp } from "#core/clock.ts";
import { ordersOf } from "../../test/support/actors/customer-orders.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
let pot: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
  [tea, pot] = [await allServices.product(won(1000), 1000), await allServices.product(won(5000), 1000)];
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});

const { place } = ordersOf(() => customer);
const idsOf = ({ items }: { items: readonly { id: string }[] }) => items.map(({ id }) => id);

describe("order.list", () => {
  it("filters by product, status and the time of the order, and pages through what it found", async () => {
    const first = (await place(tea)).answer;
    const second = (await place(pot)).answer;
    const third = (await place(tea)).answer;
    await customer.call("order.cancel", { id: third.id });
    const mine = async (filter: object) => idsOf(await customer.call("order.list", filter));
    expect(await mine({ product: tea })).toEqual([third.id, first.id]);
    expect(await mine({ product: tea, status: "confirmed" })).toEqual([first.id]);
    expect(await mine({ status: "cancelled" })).toEqual([third.id]);
    const after = timestamp(Date.parse(third.createdAt) + 1);
    expect(await mine({ from: second.createdAt, to: after })).toEqual(
      [third, second, first].filter(({ createdAt }) => createdAt >= second.createdAt).map(({ id }) => id),
    );
    expect(await mine({ to: first.createdAt })).toEqual([]);
    expect(await mine({ from: after })).toEqual([]);
    const page = await customer.call("order.list", { product: tea, limit: 1 });
    expect(await mine({ product: tea, limit: 1, cursor: page.nextCursor! })).toEqual([first.id]);
  });
});

describe("order.listAll", () => {
  it("shows staff everybody's orders by customer, status and time", async () => {
    const mine = (await place(tea)).answer;
    const somebody = customer;
    customer = await allServices.person();
    const theirs = (await place(tea)).answer;
    const all = async (filter: object) => idsOf(await staff.call("order.listAll", filter));
    expect((await all({})).slice(0, 2)).toEqual([theirs.id, mine.id]);
    expect(await all({ customer: somebody.id })).toEqual([mine.id]);
    expect(await all({ customer: somebody.id, status: "cancelled" })).toEqual([]);
    expect(await all({ status: "confirmed", from: mine.createdAt })).toEqual(
      expect.arrayContaining([theirs.id, mine.id]),
    );
    await expect(customer.call("order.listAll", {})).rejects.toMatchObject({ type: "FORBIDDEN" });
  });
});

describe("notes", () => {
  it("of the customer come with the order; those of staff are theirs alone, and stay as they are", async () => {
    const { id } = (await place(tea, { note: "Leave it\nat the door" })).answer;
    expect(await customer.call("order.get", { id })).toMatchObject({ note: "Leave it\nat the door" });
    for (const text of ["Called back", "Paid by hand"]) await staff.call("order.addNote", { id, text });
    const { items } = await staff.call("order.listNotes", { id });
    expect(items).toMatchObject([
      { authorId: staff.id, text: "Called back" },
      { authorId: staff.id, text: "Paid by hand" },
    ]);
    await expect(customer.call("order.listNotes", { id })).rejects.toMatchObject({ type: "FORBIDDEN" });
    const seen = JSON.stringify([
      await customer.call("order.get", { id }),
      await customer.call("order.getTimeline", { id }),
      await customer.call("order.watch", { id }),
    ]);
    expect(seen).not.toContain("Called back");
    const nobody = { id: customer.id, text: "x" };
    await expect(staff.call("order.addNote", nobody)).rejects.toMatchObject({ type: "NOT_FOUND" });
  });

  it("go with the person", async () => {
    const { id } = (await place(tea, { note: "Ring at Kim's" })).answer;
    await staff.call("order.addNote", { id, text: "Kim called" });
    const { erasure } = allServices.service<{ erasure: { begin(tx: unknown, userId: string): Promise<void> } }>(
      "order",
    );
    const db = allServices.db<OrderTables & SagaTables>("order");
    await db.write((tx) => erasure.begin(tx, customer.id));
    await eventually(async () => !("note" in (await staff.call("order.get", { id }))));
    expect((await staff.call("order.listNotes", { id })).items).toMatchObject([{ text: "-" }]);
    const { input } = await db.query.selectFrom("sagas").select("input").where("id", "=", id).executeTakeFirstOrThrow();
    expect(input).not.toContain("Kim");
  });
});
