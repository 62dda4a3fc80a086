/**
 * Orders with coupons, with all services at work: what is quoted is charged, redeemed, and given back.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import type { Input } from "#core/contract.ts";
import { chargesOf as chargedAt, ordersOf } from "../../test/support/actors/customer-orders.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";

let allServices: AllServices;
let customer: Person;
let staff: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
  tea = await allServices.product(won(11_000), 1000);
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});

const { place } = ordersOf(() => customer);
const items = (quantity: number) => [{ productId: tea, quantity }];

type Terms = Partial<Input<"user.addCoupon">>;
const offered = (terms: Terms = { kind: "percent", percent: 1000 }) =>
  staff.call("user.addCoupon", { code: `C ${newId()}`, kind: "percent", ...terms });
const used = async ({ id }: { readonly id: string }) => {
  const { held, redeemed } = await staff.call("user.getCoupon", { id });
  return [held, redeemed];
};
const refusal = (code: string, reason: string) =>
  expect.objectContaining({ code: 409, type: "ORDER_COUPON_REFUSED", data: { coupons: [{ code, reason }] } });

describe("a coupon", () => {
  it("is quoted, charged and redeemed, and comes back when the order is cancelled", async () => {
    const coupon = await offered({ percent: 1000, mostPerPerson: 1 });
    const coupons = [coupon.code.toLowerCase()];
    const quote = await customer.call("order.quote", { items: items(2), coupons });
    const charges = { subtotal: won(22_000), discount: won(2200), tax: won(1800), total: won(19_800) };
    expect(quote).toMatchObject({ ...charges, coupons: [{ code: coupon.code, kind: "percent", amount: won(2200) }] });
    const { answer } = await place(tea, { quantity: 2, quoteId: quote.id, coupons });
    const { id } = answer;
    expect(answer).toMatchObject({ ...charges, status: "confirmed", items: [{ discount: won(2200), tax: won(1800) }] });
    expect(await chargedAt(allServices, id)).toMatchObject([{ captured: won(19_800) }]);
    expect(await used(coupon)).toEqual([0, 1]);
    const { items: told } = await customer.call("order.getTimeline", { id });
    expect(told.map(({ step }) => step)).toEqual([
      "placed",
      "reserveStock",
      "holdBenefits",
      "authorizePayment",
      "capturePayment",
      "commitStock",
      "redeemBenefits",
      "confirmed",
    ]);
    // What staff change later changes no order.
    await staff.call("user.editCoupon", { id: coupon.id, percent: 1 });
    expect(await customer.call("order.get", { id })).toEqual(answer);
    await expect(customer.call("order.quote", { items: items(1), coupons })).rejects.toEqual(
      refusal(coupons[0]!, "used_by_you"),
    );
    await customer.call("order.cancel", { id });
    expect(await used(coupon)).toEqual([0, 0]);
    expect(await chargedAt(allServices, id)).toMatchObject([{ captured: won(19_800), refunded: won(19_800) }]);
  });

  it("comes back when the payment is declined", async () => {
    const coupon = await offered();
    await expect(place(tea, { paymentMethod: "tok_declined", coupons: [coupon.code] })).rejects.toMatchObject({
      type: "ORDER_PAYMENT_DECLINED",
    });
    expect(await used(coupon)).toEqual([0, 0]);
  });

  it("that pays all leaves no payment, and comes back with the stock", async () => {
    const coupon = await offered({ percent: 10_000 });
    const { answer } = await place(tea, { coupons: [coupon.code] });
    expect(answer).toMatchObject({ status: "confirmed", total: won(0), tax: won(0), paymentId: null });
    expect(await chargedAt(allServices, answer.id)).toEqual([]);
    expect(await customer.call("order.cancel", { id: answer.id })).toMatchObject({ status: "cancelled" });
    expect(await used(coupon)).toEqual([0, 0]);
  });

  it("is for the categories above the product, too", async () => {
    const drinks = await staff.call("product.createCategory", { name: "Drinks" });
    const teas = await staff.call("product.createCategory", { name: "Teas", parentId: drinks.id });
    const product = { name: "Green tea", description: "", price: won(1000), stock: 5, categoryId: teas.id };
    const { id } = await staff.call("product.create", product);
    const { code } = await offered({ percent: 1000, categoryIds: [drinks.id] });
    const basket = [...items(1), { productId: id, quantity: 1 }];
    expect(await customer.call("order.quote", { items: basket, coupons: [code] })).toMatchObject({
      discount: won(100),
      total: won(11_900),
    });
    await expect(customer.call("order.quote", { items: items(1), coupons: [code] })).rejects.toEqual(
      refusal(code, "products"),
    );
  });

  it("takes the fee of shipping off", async () => {
    await staff.call("order.setShippingRules", {
      currency: "KRW",
      rules: [{ name: "Parcel", steps: [{ from: 0, fee: 3000 }] }],
    });
    const { code } = await offered({ kind: "free_shipping" });
    const quote = await customer.call("order.quote", { items: items(1), coupons: [code] });
    await staff.call("order.setShippingRules", { currency: "KRW", rules: [] });
    expect(quote).toMatchObject({ shipping: won(0), total: won(11_000), coupons: [{ amount: won(3000) }] });
    expect(quote).not.toHaveProperty("discount");
  });

  it("that changed since the quote is refused with both figures, and so is one that is over", async () => {
    const { id, code } = await offered();
    const coupons = [code];
    const quote = () => customer.call("order.quote", { items: items(1), coupons });
    const { id: quoteId } = await quote();
    await staff.call("user.editCoupon", { id, percent: 500 });
    const changed = { quoted: won(9900), current: won(10_450) };
    await expect(place(tea, { quoteId, coupons })).rejects.toMatchObject({
      code: 409,
      type: "ORDER_PRICE_CHANGED",
      data: { ...changed, discount: { quoted: won(1100), current: won(550) } },
    });
    await staff.call("user.editCoupon", { id, disabled: true });
    await expect(place(tea, { quoteId, coupons })).rejects.toMatchObject({
      type: "ORDER_PRICE_CHANGED",
      data: { quoted: won(9900), current: won(11_000), coupons: [{ code, reason: "ended" }] },
    });
    await expect(place(tea, { quoteId })).rejects.toMatchObject({ type: "ORDER_QUOTE_MISMATCH" });
    await expect(place(tea, { coupons })).rejects.toEqual(refusal(code, "ended"));
    await expect(place(tea, { coupons: ["nothing"] })).rejects.toEqual(refusal("nothing", "unknown"));
    expect((await customer.call("order.list", {})).items).toEqual([]);
  });

  it("whose terms change while the order is placed is refused, and nothing is charged", async () => {
    const coupon = await offered();
    // The order is priced before, and holds the coupon afterwards.
    const { numbers } = allServices.service<{ numbers: { next(): Promise<string> } }>("order");
    jest.spyOn(numbers, "next").mockImplementationOnce(async () => {
      await staff.call("user.editCoupon", { id: coupon.id, percent: 1 });
      return `T-${newId()}`;
    });
    await expect(place(tea, { coupons: [coupon.code] })).rejects.toEqual(refusal(coupon.code, "changed"));
    expect((await customer.call("order.list", {})).items).toMatchObject([{ status: "cancelled" }]);
    expect(await used(coupon)).toEqual([0, 0]);
  });
});

it("an order without a coupon asks the user service nothing", async () => {
  const asked: string[] = [];
  const real = allServices.broker.call.bind(allServices.broker);
  const spy = jest.spyOn(allServices.broker, "call").mockImplementation((name: string, ...rest: unknown[]) => {
    asked.push(name);
    return real(name, ...(rest as []));
  });
  const { answer } = await place(tea);
  spy.mockRestore();
  expect(asked).toContain("product.reserve");
  expect(asked.filter((name) => /Benefits/.test(name))).toEqual([]);
  const { items: told } = await customer.call("order.getTimeline", { id: answer.id });
  expect(told.map(({ step }) => step)).not.toContain("holdBenefits");
});
