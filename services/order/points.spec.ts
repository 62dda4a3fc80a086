/**
 * Orders that points pay in part or wholly, with all services at work: nothing is paid twice, and all of it comes back.
 * @databases sqlite postgres
 */
import type { Output } from "#core/contract.ts";
import { chargesOf, newOrder, ordersOf } from "../../test/support/actors/customer-orders.ts";
import { givePoints, pointsOf } from "../../test/support/actors/points.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
  tea = await allServices.product(won(1001), 1000);
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
  await give(5000);
});

const { place } = ordersOf(() => customer);
const give = (points: number) => givePoints(allServices.db("user"), customer.id, points);
const points = () => pointsOf(allServices.db("user"), customer.id);
const basket = (quantity: number) => [{ productId: tea, quantity }];
const refused = (reason: string, balance: number) => ({
  code: 409,
  type: "ORDER_POINTS_REFUSED",
  data: { reason, balance },
});

describe("an order with points", () => {
  it("is quoted, charged what is left, and gives all back when it is cancelled", async () => {
    const quote = await customer.call("order.quote", { items: basket(3), points: 1000 });
    expect(quote).toMatchObject({ total: won(3003), points: 1000, payable: won(2003) });
    const { answer } = await place(tea, { quantity: 3, quoteId: quote.id, points: 1000 });
    const { id } = answer;
    expect(answer).toMatchObject({ status: "confirmed", total: won(3003), points: 1000, payable: won(2003) });
    expect(await chargesOf(allServices, id)).toMatchObject([{ captured: won(2003) }]);
    expect(await points()).toEqual([4000, 0]);
    expect(await customer.call("order.get", { id })).toEqual(answer);
    await customer.call("order.cancel", { id });
    expect(await points()).toEqual([5000, 0]);
    expect(await chargesOf(allServices, id)).toMatchObject([{ captured: won(2003), refunded: won(2003) }]);
  });

  it("that pay all has no payment", async () => {
    const { answer } = await place(tea, { points: 5000 });
    expect(answer).toMatchObject({ status: "confirmed", points: 1001, payable: won(0), paymentId: null });
    expect(await chargesOf(allServices, answer.id)).toEqual([]);
    expect(await points()).toEqual([3999, 0]);
    expect(await customer.call("order.cancel", { id: answer.id })).toMatchObject({ status: "cancelled" });
    expect(await points()).toEqual([5000, 0]);
  });

  it("holds them while its customer is at the bank, and gives them back when the payment is declined", async () => {
    await place(tea, { points: 500, paymentMethod: "tok_3ds" });
    expect(await points()).toEqual([4500, 500]);
    await expect(place(tea, { points: 500, paymentMethod: "tok_declined" })).rejects.toMatchObject({
      type: "ORDER_PAYMENT_DECLINED",
    });
    expect(await points()).toEqual([4500, 500]);
  });

  it("is refused when there are fewer points than it asked for", async () => {
    await expect(place(tea, { quantity: 6, points: 6000 })).rejects.toMatchObject(refused("too_few", 5000));
    const quote = await customer.call("order.quote", { items: basket(6), points: 6000 });
    expect(quote).toMatchObject({ points: 5000, payable: won(1006) });
    const fields = { quantity: 6, quoteId: quote.id };
    await expect(place(tea, { ...fields, points: 5000 })).rejects.toMatchObject({ type: "ORDER_QUOTE_MISMATCH" });
    await place(tea, { points: 1000 });
    await expect(place(tea, { ...fields, points: 6000 })).rejects.toMatchObject({
      type: "ORDER_PRICE_CHANGED",
      data: { quoted: won(6006), current: won(6006), payable: { quoted: won(1006), current: won(2006) } },
    });
  });

  it("is only for the currency of points", async () => {
    const id = await allServices.product({ amount: 500, currency: "USD" });
    const items = [{ productId: id, quantity: 1 }];
    expect(await customer.call("order.quote", { items, points: 100 })).not.toHaveProperty("points");
    await expect(place(id, { points: 100 })).rejects.toMatchObject(refused("currency", 0));
  });

  it("is one of as many as there are points for, however many are placed at once", async () => {
    const placing = Array.from({ length: 20 }, () => customer.call("order.create", newOrder(tea, { points: 1001 })));
    const ends = await Promise.allSettled(placing);
    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    for (const end of ends)
      if (end.status === "rejected") expect(end.reason).toMatchObject({ type: "ORDER_POINTS_REFUSED" });
    expect(await points()).toEqual([996, 0]);
  });
});

describe("units that are given up", () => {
  type Order = Output<"order.get">;
  const refunded = async ({ id }: Order) => (await chargesOf(allServices, id))[0]!.refunded.amount;

  it("are refunded in money and points as they were paid, and what they earned is taken back", async () => {
    const { answer: order } = await place(tea, { quantity: 3, points: 1000 });
    const { id } = order;
    await customer.call("order.cancelItems", { id, items: basket(1) });
    // A third of 2,003 and of 1,000; the rest comes with the last unit.
    await eventually(async () => (await refunded(order)) === 667 && (await points())[0] === 4334);
    const parcel = await staff.call("order.createShipment", { id });
    await staff.call("order.updateShipment", { id: parcel.id, state: "delivered" });
    // One per cent of the 1,335 that were paid for what has arrived.
    await eventually(async () => (await points())[0] === 4347);
    const cause = "unwanted" as const;
    const asked = await customer.call("order.createReturn", { id, items: [{ ...basket(2)[0]!, cause }] });
    await staff.call("order.updateReturn", { id: asked.id, state: "approved" });
    expect(await staff.call("order.updateReturn", { id: asked.id, state: "received" })).toMatchObject({
      amount: won(1336),
      points: 666,
    });
    await eventually(async () => (await refunded(order)) === 2003 && (await points())[0] === 5000);
    const { items } = await customer.call("user.listPoints", {});
    expect(items.map(({ reason, points: changed }) => `${reason} ${changed}`).toSorted()).toEqual([
      "adjusted 5000",
      "earned 13",
      "returned 334",
      "returned 666",
      "taken_back -13",
      "used -1000",
    ]);
  });
});
