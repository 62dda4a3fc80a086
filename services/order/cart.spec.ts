/**
 * Carts of customers and guests: changed by many at once, shown with today's prices, merged, ordered, left.
 * @databases sqlite postgres
 */
import { DAY, now } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import { newId } from "#core/id.ts";
import { workContext } from "#core/context.ts";
import { address } from "../../test/support/actors/client.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import type { Cart } from "./cart.contract.ts";
import type { Carts } from "./cart.mixin.ts";
import type { OrderTables } from "./order.repository.ts";

let allServices: AllServices;
let staff: Person;
let customer: Person;
let tea: string;
let pot: string;
beforeAll(async () => {
  allServices = await AllServices.open();
  staff = await allServices.person("staff");
  [tea, pot] = [await allServices.product(won(1000), 1000), await allServices.product(won(5000), 1000, "Pot")];
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
});
afterEach(() => jest.restoreAllMocks());

const db = () => allServices.db<OrderTables>("order");
const add = (productId: string, quantity = 1, key?: string) =>
  customer.call("order.addCartLine", { productId, quantity }, key);
const set = (productId: string, quantity: number, version?: number) =>
  customer.call("order.setCartLine", { productId, quantity, ...(version !== undefined && { version }) });
const show = () => customer.call("order.getCart", {});
const units = ({ items }: Cart) => Object.fromEntries(items.map(({ productId, quantity }) => [productId, quantity]));
const order = (version: number, key = newId(), more: Partial<Input<"order.create">> = {}) =>
  customer.ask(
    "order.create",
    { cart: { version }, paymentMethod: "tok_success", shippingAddress: address, ...more },
    key,
  );
const codeOf = (asked: Promise<unknown>) =>
  asked.then(
    () => "done",
    ({ type }: { type: string }) => type,
  );

/** Without a token of a person. */
const guest = {
  begin: async () => (await guest.ask("order.createCart", {})) as Cart & { token: string },
  ask: (name: string, params: object, key?: string) =>
    allServices.broker.call<Cart, object>(name, params, key ? { headers: { "idempotency-key": key } } : {}),
};

describe("a cart", () => {
  it("is empty at first, and shows what was put into it with today's prices", async () => {
    expect(await show()).toEqual({ items: [], subtotal: null, expiresAt: null, version: 0 });
    await add(tea, 2);
    const cart = await add(pot);
    expect(cart.items).toMatchObject([
      { productId: tea, name: "Tea", quantity: 2, unitPrice: won(1000), lineTotal: won(2000), state: "available" },
      { productId: pot, name: "Pot", quantity: 1, formerPrice: null },
    ]);
    expect(cart).toMatchObject({ subtotal: won(7000), version: expect.any(Number), expiresAt: expect.any(String) });
    expect(await show()).toEqual(cart);
  });

  it("tells what was changed or is gone since, and leaves that out of its sum", async () => {
    const [dear, gone] = [await allServices.product(won(100)), await allServices.product(won(700))];
    for (const productId of [dear, gone]) await add(productId, 2);
    await staff.call("product.setPrice", { id: dear, price: won(150) });
    await staff.call("product.archive", { id: gone });
    const { items, subtotal } = await show();
    expect(items).toMatchObject([
      { state: "changed", unitPrice: won(150), formerPrice: won(100), lineTotal: won(300) },
      { state: "gone", name: null, unitPrice: null, lineTotal: null },
    ]);
    expect(subtotal).toEqual(won(300));
    expect(await codeOf(add(gone))).toBe("ORDER_PRODUCT_UNAVAILABLE");
    // Who sets it has seen the new price.
    expect((await set(dear, 2)).items[0]).toMatchObject({ state: "available" });
  });

  it("holds one currency, at most 1,000 units of a product and 100 products", async () => {
    const dollars = await allServices.product({ amount: 100, currency: "USD" });
    await add(tea, 1000);
    expect(await codeOf(add(dollars))).toBe("ORDER_MIXED_CURRENCIES");
    expect(await codeOf(add(tea))).toBe("VALIDATION_FAILED");
    await customer.call("order.removeCart", {});
    await add(dollars);
    const [row] = await db().query.selectFrom("carts").selectAll().where("user_id", "=", customer.id).execute();
    const rest = { cart_id: row!.id, quantity: 1, unit_price: 1, added: 1, version: 1 };
    const many = Array.from({ length: 98 }, () => ({ ...rest, product_id: newId() }));
    await db().write(({ query }) => query.insertInto("cart_items").values(many).execute());
    const more = await Promise.all([0, 1, 2].map(() => allServices.product({ amount: 1, currency: "USD" })));
    const ends = await Promise.all(more.map((id) => codeOf(add(id))));
    expect(ends.toSorted()).toEqual(["ORDER_CART_FULL", "ORDER_CART_FULL", "done"]);
  });

  it("is somebody's own, and a guest's is that of the token alone", async () => {
    await add(tea);
    customer = await allServices.person();
    expect((await show()).items).toEqual([]);
    const { token } = await guest.begin();
    await guest.ask("order.addCartLine", { cartToken: token, productId: tea, quantity: 3 });
    expect(units(await guest.ask("order.getCart", { cartToken: token }))).toEqual({ [tea]: 3 });
    const other = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`;
    expect(await codeOf(guest.ask("order.getCart", { cartToken: other }))).toBe("NOT_FOUND");
    expect(await codeOf(guest.ask("order.getCart", {}))).toBe("UNAUTHENTICATED");
    const stored = await db().query.selectFrom("carts").selectAll().execute();
    expect(JSON.stringify(stored)).not.toContain(token);
  });

  it("adds once for one key, a guest's too", async () => {
    const { token } = await guest.begin();
    for (let time = 0; time < 2; time += 1) {
      await add(tea, 1, "add-once");
      await guest.ask("order.addCartLine", { cartToken: token, productId: tea, quantity: 1 }, "add-once");
    }
    expect(units(await show())).toEqual({ [tea]: 1 });
    expect(units(await guest.ask("order.getCart", { cartToken: token }))).toEqual({ [tea]: 1 });
  });
});

describe("changes at once", () => {
  it("lose nothing: fifty add up, on an empty cart too", async () => {
    const carts = await Promise.all(Array.from({ length: 50 }, (_, n) => add(n % 2 ? tea : pot)));
    expect(units(await show())).toEqual({ [tea]: 25, [pot]: 25 });
    const { version } = await show();
    expect(Math.max(...carts.map((cart) => cart.version))).toBe(version);
  });

  it("win both when two tabs set different lines, and only the first when they set one", async () => {
    await add(tea);
    const { version } = await add(pot);
    await Promise.all([set(tea, 5, version), set(pot, 7, version)]);
    expect(units(await show())).toEqual({ [tea]: 5, [pot]: 7 });
    const seen = (await show()).version;
    const ends = await Promise.all([2, 3, 4].map((quantity) => codeOf(set(tea, quantity, seen))));
    expect(ends.filter((end) => end === "done")).toHaveLength(1);
    const late = set(tea, 9, seen);
    await expect(late).rejects.toMatchObject({ type: "STALE_VERSION", data: { cart: await show() } });
  });

  it("begin a cart where both tabs saw none, and only the first of two that set one line", async () => {
    expect((await show()).version).toBe(0);
    expect(await codeOf(customer.call("order.removeCartLine", { productId: tea, version: 0 }))).toBe("done");
    expect(await Promise.all([codeOf(set(tea, 1, 0)), codeOf(set(pot, 2, 0))])).toEqual(["done", "done"]);
    expect(await codeOf(set(tea, 3, 0))).toBe("STALE_VERSION");
    expect(units(await show())).toEqual({ [tea]: 1, [pot]: 2 });
  });

  it("do not bring back what another tab took out", async () => {
    await add(pot);
    const { version } = await add(tea);
    await customer.call("order.removeCartLine", { productId: tea, version });
    expect(await codeOf(set(tea, 2, version))).toBe("STALE_VERSION");
    expect(units(await customer.call("order.removeCartLine", { productId: tea }))).toEqual({ [pot]: 1 });
    expect(units(await set(pot, 3, version))).toEqual({ [pot]: 3 });
    expect(await codeOf(set(pot, 3, version + 10_000))).toBe("STALE_VERSION");
  });
});

describe("order.mergeCart", () => {
  const merge = (cartToken: string, key?: string) => customer.call("order.mergeCart", { cartToken }, key);

  it("adds a guest's lines to the customer's up to the limit, tells what was cut, and ends the token", async () => {
    const { token } = await guest.begin();
    for (const [productId, quantity] of [
      [tea, 600],
      [pot, 2],
    ] as const)
      await guest.ask("order.addCartLine", { cartToken: token, productId, quantity });
    await add(tea, 500);
    const cart = await merge(token, "merge-1");
    expect(units(cart)).toEqual({ [tea]: 1000, [pot]: 2 });
    expect(cart.cut).toEqual([{ productId: tea, quantity: 100 }]);
    expect(await merge(token, "merge-1")).toEqual(cart);
    expect(await codeOf(merge(token))).toBe("NOT_FOUND");
    expect(await codeOf(guest.ask("order.getCart", { cartToken: token }))).toBe("NOT_FOUND");
  });

  it("gives a guest's cart to one of two who ask at once", async () => {
    const { token } = await guest.begin();
    await guest.ask("order.addCartLine", { cartToken: token, productId: tea, quantity: 3 });
    const people = [customer, await allServices.person()];
    const ends = await Promise.all(people.map((one) => codeOf(one.call("order.mergeCart", { cartToken: token }))));
    expect(ends.toSorted()).toEqual(["NOT_FOUND", "done"]);
    const carts = await Promise.all(people.map((one) => one.call("order.getCart", {})));
    expect(carts.flatMap(({ items }) => items.map(({ quantity }) => quantity))).toEqual([3]);
  });
});

describe("order.create of a cart", () => {
  it("orders what was seen, and empties the cart", async () => {
    await add(tea, 2);
    const { version } = await add(pot);
    const quote = await customer.call("order.quote", { cart: { version } });
    const { answer } = await order(version, newId(), { quoteId: quote.id });
    expect(answer).toMatchObject({ status: "confirmed", total: won(7000) });
    const cart = await show();
    expect(cart).toMatchObject({ items: [], subtotal: null, version: version + 1 });
    expect(await codeOf(set(tea, 1, version))).toBe("STALE_VERSION");
  });

  it("answers the same for the same key, and leaves alone what was put into the cart since", async () => {
    const { version } = await add(tea, 2);
    const first = await order(version, "cart-1");
    await add(pot);
    expect(await order(version, "cart-1")).toEqual({ ...first, replayed: true });
    expect(units(await show())).toEqual({ [pot]: 1 });
  });

  it("makes one order of many requests, with one key and with others", async () => {
    const { version } = await add(tea, 2);
    const keys = Array.from({ length: 12 }, (_, n) => `cart-race-${n % 3}`);
    const ends = await Promise.all(
      keys.map((key) =>
        order(version, key).then(
          ({ answer }) => answer.id,
          ({ type }: { type: string }) => type,
        ),
      ),
    );
    expect(new Set(ends.filter((end) => end !== "ORDER_CART_CHANGED")).size).toBe(1);
    expect((await customer.call("order.list", {})).items).toHaveLength(1);
  });

  it("rejects with CART_CHANGED one that is another than was seen, and keeps it when nothing was placed", async () => {
    const { version } = await add(tea, 2);
    await add(tea);
    expect(await codeOf(order(version))).toBe("ORDER_CART_CHANGED");
    expect(await codeOf(order(version + 1, newId(), { paymentMethod: "4111 1111 1111 1111" }))).not.toBe("done");
    expect(units(await show())).toEqual({ [tea]: 3 });
    await customer.call("order.removeCart", {});
    expect(await codeOf(order((await show()).version))).toBe("ORDER_CART_CHANGED");
    const both = { items: [{ productId: tea, quantity: 1 }] };
    expect(await codeOf(order(version, newId(), both))).toBe("VALIDATION_FAILED");
  });
});

describe("a cart that is left", () => {
  const carts = () => allServices.service<{ carts: Carts }>("order").carts;
  const told = async () =>
    (
      await db()
        .query.selectFrom("outbox" as never)
        .selectAll()
        .execute()
    ).filter((row) => JSON.stringify(row).includes(customer.id) && JSON.stringify(row).includes("cart_abandoned"));
  const sweep = () => carts().sweep(workContext(allServices.service("order")));
  function later(milliseconds: number): void {
    const moment = now() + milliseconds;
    jest.spyOn(Date, "now").mockImplementation(() => moment);
  }

  it("is told once after a day, and goes after thirty", async () => {
    await add(tea, 2);
    const { token } = await guest.begin();
    await sweep();
    expect(await told()).toEqual([]);
    later(DAY + 1000);
    await Promise.all([sweep(), sweep()]);
    await sweep();
    expect(await told()).toHaveLength(1);
    later(29 * DAY);
    await sweep();
    const left = await db().query.selectFrom("carts").selectAll().execute();
    expect(left.filter(({ user_id }) => user_id === customer.id)).toEqual([]);
    expect(await codeOf(guest.ask("order.getCart", { cartToken: token }))).toBe("NOT_FOUND");
    expect(await db().query.selectFrom("cart_items").selectAll().execute()).toEqual([]);
  });

  it("goes with its person", async () => {
    await add(tea);
    const { erasure } = allServices.service<{ erasure: { begin(tx: unknown, userId: string): Promise<void> } }>(
      "order",
    );
    await db().write((tx) => erasure.begin(tx, customer.id));
    expect((await show()).items).toEqual([]);
  });
});
