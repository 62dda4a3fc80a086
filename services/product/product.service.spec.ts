/** @databases sqlite postgres */
import type { ServiceBroker } from "moleculer";
import { newId, timestamp } from "#core/clock.ts";
import { withKey, workContext } from "#core/context.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import { product } from "./product.contract.ts";
import service from "./product.service.ts";

let broker: ServiceBroker;
let staffToken: string;

/** Nobody in particular, until a token is given. */
const call = <N extends ActionName>(name: N, params: Input<N>, accessToken?: string, key: string = newId()) =>
  broker.call<Output<N>, Input<N>>(name, params, withKey(key, { meta: accessToken ? { accessToken } : {} }));
const staff = <N extends ActionName>(name: N, params: Input<N>, key?: string) => call(name, params, staffToken, key);
/** As the order service does. */
const order = <N extends ActionName>(name: N, params: Input<N>) =>
  workContext(localService(broker, "order")).call(name, params);

const tokenOf = (role: string) => signAccessToken({ id: newId(), roles: [role], session: newId() });

beforeAll(async () => {
  broker = await startBroker([service, { name: "order", version: 1 }]);
  staffToken = await tokenOf("staff");
});
afterAll(() => broker.stop());
afterEach(() => jest.restoreAllMocks());

const won = (amount: number) => ({ amount, currency: "KRW" as const });
const tea = { name: "Green tea", description: "From Boseong", price: won(9000), stock: 10 };
const create = (values: Partial<Input<"product.create">> = {}) => staff("product.create", { ...tea, ...values });
const createCategory = (name: string, parentId: string | null = null) =>
  staff("product.createCategory", { name, parentId });

describe("product.create, get, update and archive", () => {
  it("adds a product that everybody sees", async () => {
    const made = await create();
    const { stock: sellable, ...described } = tea;
    expect(made).toMatchObject({ ...described, categoryId: null, taxRate: 1000, sellable, version: 1 });
    expect(await call("product.get", { id: made.id })).toEqual(made);
  });

  it("rejects with CATEGORY_NOT_FOUND a category that is not there", async () => {
    await expect(create({ categoryId: newId() })).rejects.toMatchObject({ type: "PRODUCT_CATEGORY_NOT_FOUND" });
  });

  it("changes only what is named", async () => {
    const { id, version } = await create();
    const changed = await staff("product.update", { id, version, name: "Black tea", taxRate: 0 });
    expect(changed).toMatchObject({ name: "Black tea", description: tea.description, taxRate: 0, version: 2 });
  });

  it("rejects with STALE_VERSION what was changed in the meantime", async () => {
    const { id } = await create();
    await staff("product.update", { id, version: 1, name: "Black tea" });
    await expect(staff("product.update", { id, version: 1, name: "White tea" })).rejects.toMatchObject({
      type: "STALE_VERSION",
    });
    expect(await call("product.get", { id })).toMatchObject({ name: "Black tea", version: 2 });
  });

  it("takes an archived product off sale", async () => {
    const { id } = await create({ name: "Archived" });
    expect(await staff("product.archive", { id })).toBeNull();
    const gone = { type: "NOT_FOUND" };
    await expect(call("product.get", { id })).rejects.toMatchObject(gone);
    await expect(call("product.getStock", { id })).rejects.toMatchObject(gone);
    await expect(staff("product.archive", { id })).rejects.toMatchObject(gone);
    await expect(staff("product.update", { id, name: "Back" })).rejects.toMatchObject(gone);
    expect((await call("product.list", { q: "Archived" })).items).toEqual([]);
    expect(await order("product.lookup", { ids: [id] })).toEqual({ items: [] });
  });
});

describe("product.list", () => {
  const shelf: Record<string, string> = {};
  const search = async (filter: Input<"product.list">) => {
    const { items } = await call("product.list", { category: shelf["shelf"]!, ...filter });
    return items.map(({ name }) => name);
  };

  beforeAll(async () => {
    shelf["shelf"] = (await createCategory("Shelf")).id;
    shelf["below"] = (await createCategory("Below", shelf["shelf"])).id;
    // One after the other, also for a clock of milliseconds.
    let time = Date.now();
    const clock = jest.spyOn(Date, "now").mockImplementation(() => (time += 1));
    const add = (name: string, amount: number, values: Partial<Input<"product.create">> = {}) =>
      create({ name, price: won(amount), categoryId: shelf["shelf"]!, ...values });
    await add("Cup", 3000);
    await add("Bowl", 2000, { description: "50% off, a_b" });
    await add("Ärmel", 2500, { stock: 0 });
    await add("Plate", 1000, { categoryId: shelf["below"] });
    clock.mockRestore();
  });

  it.each([
    ["newest", ["Plate", "Ärmel", "Bowl", "Cup"]],
    ["name", ["Ärmel", "Bowl", "Cup", "Plate"]],
    ["price", ["Plate", "Bowl", "Ärmel", "Cup"]],
    ["-price", ["Cup", "Ärmel", "Bowl", "Plate"]],
  ] as const)("sorts by %s, page by page", async (sort, names) => {
    const found: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const filter = { category: shelf["shelf"]!, sort, limit: 1 };
      const answer = await call("product.list", cursor === undefined ? filter : { ...filter, cursor });
      found.push(...answer.items.map(({ name }) => name));
      cursor = answer.nextCursor;
    }
    expect(found).toEqual(names);
    expect(await search({ sort })).toEqual(names);
  });

  it.each([
    [{ q: "BOWL" }, ["Bowl"]],
    [{ q: "boseong" }, ["Plate", "Ärmel", "Cup"]],
    [{ q: "ÄRM" }, ["Ärmel"]],
    [{ q: "a\u0308rm" }, ["Ärmel"]],
    [{ q: "arm" }, ["Ärmel"]],
    [{ q: "\\" }, []],
    [{ q: "0%" }, ["Bowl"]],
    [{ q: "%" }, ["Bowl"]],
    [{ q: "a_b" }, ["Bowl"]],
    [{ q: "_" }, ["Bowl"]],
    [{ q: "" }, ["Plate", "Ärmel", "Bowl", "Cup"]],
    [{ inStock: true }, ["Plate", "Bowl", "Cup"]],
    [{ inStock: false }, ["Plate", "Ärmel", "Bowl", "Cup"]],
    [{ minPrice: 2500 }, ["Ärmel", "Cup"]],
    [{ maxPrice: 2000 }, ["Plate", "Bowl"]],
    [{ minPrice: 2000, maxPrice: 2600, inStock: true }, ["Bowl"]],
  ])("finds by %j", async (filter, names) => {
    expect(await search(filter)).toEqual(names);
  });

  it("finds in a category and those below it", async () => {
    expect(await search({ category: shelf["below"]! })).toEqual(["Plate"]);
  });

  it("finds and puts in order whatever the language, its case and its accents", async () => {
    const { id: categoryId } = await createCategory("Languages");
    const names = ["apple", "éclair", "Øl", "Straße", "Zebra", "zoo", "ΑΣΠΡΟ", "Чай", "가방", "강"];
    for (const name of names.toReversed()) await create({ name, description: "", categoryId });
    const find = (filter: Input<"product.list">) => search({ category: categoryId, sort: "name", ...filter });
    expect(await find({})).toEqual(names);
    for (const [q, name] of [
      ["STRASSE", "Straße"],
      ["strasse", "Straße"],
      ["ΑΣ", "ΑΣΠΡΟ"],
      ["άσπρο", "ΑΣΠΡΟ"],
      ["ECLAIR", "éclair"],
      ["øL", "Øl"],
      ["ЧАЙ", "Чай"],
      ["가".normalize("NFD"), "가방"],
    ]) {
      expect(await find({ q: q! })).toEqual([name]);
    }
  });

  it("goes on with a cursor that holds the longest name", async () => {
    const name = "차".repeat(200);
    await create({ name });
    await create({ name });
    const { nextCursor } = await call("product.list", { q: name.slice(0, 100), sort: "name", limit: 1 });
    const next = await call("product.list", { q: name.slice(0, 100), sort: "name", cursor: nextCursor! });
    expect(next.items).toHaveLength(1);
  });

  it("rejects with VALIDATION_FAILED a cursor of another order", async () => {
    const { nextCursor } = await call("product.list", { sort: "price", limit: 1 });
    await expect(call("product.list", { sort: "name", cursor: nextCursor! })).rejects.toMatchObject({
      type: "VALIDATION_FAILED",
    });
  });
});

describe("product.setPrice and listPrices", () => {
  const at = (milliseconds: number) => jest.spyOn(Date, "now").mockReturnValue(milliseconds);
  const day = 24 * 60 * 60 * 1000;

  it("sets the price at once", async () => {
    const { id } = await create();
    expect(await staff("product.setPrice", { id, price: won(8000) })).toMatchObject({ price: won(8000), version: 2 });
  });

  it("lets a scheduled price begin by itself", async () => {
    const { id } = await create();
    const start = Date.now();
    await staff("product.setPrice", { id, price: won(7000), from: timestamp(start + 2 * day) });
    await staff("product.setPrice", { id, price: won(8000), from: timestamp(start + day) });
    const prices: number[] = [];
    for (const time of [start, start + day - 1, start + day, start + 2 * day]) {
      at(time);
      const { items } = await order("product.lookup", { ids: [id] });
      expect((await call("product.get", { id })).price).toEqual(items[0]!.price);
      prices.push(items[0]!.price.amount);
    }
    expect(prices).toEqual([9000, 9000, 8000, 7000]);
  });

  it("keeps the history without gap or overlap", async () => {
    const { id } = await create();
    const from = timestamp(Date.now() + day);
    await staff("product.setPrice", { id, price: won(7000), from });
    await staff("product.setPrice", { id, price: won(6000), from });
    const { items, nextCursor } = await staff("product.listPrices", { id, limit: 1 });
    expect(items).toEqual([{ price: won(6000), from, until: null, setAt: expect.any(String) }]);
    expect(await staff("product.listPrices", { id, cursor: nextCursor! })).toEqual({
      items: [{ price: won(9000), from: null, until: from, setAt: expect.any(String) }],
      nextCursor: null,
    });
  });

  it.each([
    ["PRODUCT_PRICE_CURRENCY", { price: { amount: 1, currency: "USD" as const } }],
    ["PRODUCT_PRICE_IN_PAST", { price: won(1), from: "2020-01-01T00:00:00Z" }],
    ["STALE_VERSION", { price: won(1), version: 7 }],
    ["NOT_FOUND", { price: won(1), id: newId() }],
  ])("rejects with %s", async (type, setting) => {
    const { id } = await create();
    await expect(staff("product.setPrice", { id, ...setting })).rejects.toMatchObject({ type });
    expect(await call("product.get", { id })).toMatchObject({ price: tea.price, version: 1 });
  });

  it("has no prices of a product that is not there", async () => {
    await expect(staff("product.listPrices", { id: newId() })).rejects.toMatchObject({ type: "NOT_FOUND" });
  });
});

describe("product categories", () => {
  it("are renamed, moved and listed page by page", async () => {
    const [one, other] = [await createCategory("One"), await createCategory("Other")];
    const moved = await staff("product.updateCategory", { id: other.id, version: 1, parentId: one.id });
    expect(moved).toEqual({ ...other, parentId: one.id, version: 2 });
    expect(await staff("product.updateCategory", { id: other.id, name: "Two" })).toMatchObject({
      name: "Two",
      parentId: one.id,
    });
    const first = await call("product.listCategories", { limit: 1 });
    const rest = await call("product.listCategories", { limit: 100, cursor: first.nextCursor! });
    const ids = [...first.items, ...rest.items].map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining([one.id, other.id]));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are all listed once, though some are removed between the pages", async () => {
    const made: string[] = [];
    for (let number = 0; number < 5; number += 1) made.push((await createCategory(`Number ${number}`)).id);
    const seen: string[] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const answer = await call("product.listCategories", cursor === undefined ? { limit: 2 } : { limit: 2, cursor });
      seen.push(...answer.items.map(({ id }) => id));
      cursor = answer.nextCursor;
      const gone = answer.items.find(({ id }) => made.includes(id));
      if (gone) await staff("product.removeCategory", { id: gone.id });
    }
    expect(seen.filter((id) => made.includes(id))).toEqual(made);
  });

  it("rejects with CATEGORY_CYCLE a category below itself", async () => {
    const top = await createCategory("Top");
    const middle = await createCategory("Middle", top.id);
    const bottom = await createCategory("Bottom", middle.id);
    for (const parentId of [top.id, bottom.id]) {
      await expect(staff("product.updateCategory", { id: top.id, parentId })).rejects.toMatchObject({
        type: "PRODUCT_CATEGORY_CYCLE",
      });
    }
  });

  it("rejects with CATEGORY_CYCLE one of two moves that would make a circle together", async () => {
    const [one, other] = [await createCategory("One"), await createCategory("Other")];
    const below = await createCategory("Below", other.id);
    const moves = await Promise.allSettled([
      staff("product.updateCategory", { id: one.id, parentId: below.id }),
      staff("product.updateCategory", { id: other.id, parentId: one.id }),
    ]);
    const refused = moves.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { type: string }).type)).toEqual(["PRODUCT_CATEGORY_CYCLE"]);
  });

  it("rejects with CATEGORY_IN_USE to remove what something hangs on", async () => {
    const parent = await createCategory("Parent");
    const child = await createCategory("Child", parent.id);
    const { id } = await create({ categoryId: child.id });
    for (const used of [parent, child]) {
      await expect(staff("product.removeCategory", { id: used.id })).rejects.toMatchObject({
        type: "PRODUCT_CATEGORY_IN_USE",
      });
    }
    await staff("product.archive", { id });
    expect(await staff("product.removeCategory", { id: child.id })).toBeNull();
    expect(await staff("product.removeCategory", { id: parent.id })).toBeNull();
  });

  it("are removed, or get something that hangs on them, but never both", async () => {
    for (let time = 0; time < 20; time += 1) {
      const { id } = await createCategory("Contested");
      const rivals = [staff("product.removeCategory", { id }), create({ categoryId: id }), createCategory("Child", id)];
      const refused = (await Promise.allSettled(rivals)).filter(({ status }) => status === "rejected");
      const types = refused.map((one) => ((one as PromiseRejectedResult).reason as { type: string }).type);
      const [inUse, notFound] = ["PRODUCT_CATEGORY_IN_USE", "PRODUCT_CATEGORY_NOT_FOUND"];
      expect([[inUse], [notFound, notFound]]).toContainEqual(types);
    }
  });

  it("rejects what is not there, and what is stale", async () => {
    const id = newId();
    const missing = { type: "NOT_FOUND" };
    await expect(staff("product.removeCategory", { id })).rejects.toMatchObject(missing);
    await expect(staff("product.updateCategory", { id, name: "None" })).rejects.toMatchObject(missing);
    await expect(createCategory("Orphan", id)).rejects.toMatchObject({ type: "PRODUCT_CATEGORY_NOT_FOUND" });
    const { id: there } = await createCategory("There");
    await expect(staff("product.updateCategory", { id: there, version: 2, name: "New" })).rejects.toMatchObject({
      type: "STALE_VERSION",
    });
  });
});

describe("product.adjustStock, getStock and listMovements", () => {
  it("books stock in and out, once per key", async () => {
    const { id } = await create();
    const key = newId();
    const booked = { onHand: 7, held: 0, sellable: 7 };
    expect(await staff("product.adjustStock", { id, quantity: -3, reason: "Broken" }, key)).toEqual(booked);
    expect(await staff("product.adjustStock", { id, quantity: -3, reason: "Broken" }, key)).toEqual(booked);
    expect(await call("product.getStock", { id })).toEqual(booked);
    const { items, nextCursor } = await staff("product.listMovements", { id, limit: 1 });
    const at = expect.any(String) as string;
    expect(items).toEqual([{ kind: "adjustment", onHand: -3, held: 0, orderId: null, reason: "Broken", at }]);
    expect(await staff("product.listMovements", { id, cursor: nextCursor! })).toEqual({
      items: [{ kind: "initial", onHand: 10, held: 0, orderId: null, reason: null, at }],
      nextCursor: null,
    });
  });

  it("rejects with OUT_OF_STOCK to book out what is held", async () => {
    const { id } = await create();
    await order("product.reserve", { orderId: newId(), items: [{ productId: id, quantity: 4 }] });
    await expect(staff("product.adjustStock", { id, quantity: -7, reason: "Lost" })).rejects.toMatchObject({
      type: "PRODUCT_OUT_OF_STOCK",
      data: { productId: id, requested: 7, sellable: 6 },
    });
  });

  it("rejects an adjustment by nothing, and of nothing", async () => {
    const { id } = await create();
    const nothing = { id, quantity: 0, reason: "None" };
    await expect(staff("product.adjustStock", nothing)).rejects.toMatchObject({ type: "VALIDATION_FAILED" });
    const missing = { type: "NOT_FOUND" };
    await expect(staff("product.adjustStock", { ...nothing, id: newId(), quantity: 1 })).rejects.toMatchObject(missing);
    await expect(staff("product.listMovements", { id: newId() })).rejects.toMatchObject(missing);
  });
});

describe("product.lookup", () => {
  it("tells what is on sale, each product once", async () => {
    const { id, name, price, taxRate } = await create({ taxRate: 500 });
    expect(await order("product.lookup", { ids: [id, newId(), id] })).toEqual({
      items: [{ id, name, price, taxRate }],
    });
  });
});

describe("product.reserve, commit and release", () => {
  it("lets exactly ten of a hundred buyers have ten units", async () => {
    const { id } = await create();
    const orders = Array.from({ length: 100 }, newId);
    const reserved = await Promise.allSettled(
      orders.map((orderId) => order("product.reserve", { orderId, items: [{ productId: id, quantity: 1 }] })),
    );
    const lucky = orders.filter((_, index) => reserved[index]!.status === "fulfilled");
    expect(lucky).toHaveLength(10);
    expect(await call("product.getStock", { id })).toEqual({ onHand: 10, held: 10, sellable: 0 });
    await Promise.all(lucky.flatMap((orderId) => [commit(orderId), commit(orderId)]));
    expect(await call("product.getStock", { id })).toEqual({ onHand: 0, held: 0, sellable: 0 });
    await Promise.all(lucky.map((orderId) => order("product.release", { orderId })));
    expect(await call("product.getStock", { id })).toEqual({ onHand: 10, held: 0, sellable: 10 });
  });

  const commit = (orderId: string) => order("product.commit", { orderId });

  it("tells until when the stock is held, and sweeps it afterwards", async () => {
    const { id } = await create();
    const before = Date.now();
    const request = { orderId: newId(), items: [{ productId: id, quantity: 1 }] };
    const { expiresAt } = await order("product.reserve", request);
    expect(expiresAt).toBeGreaterThanOrEqual(before + 900_000);
    expect(await call("product.getStock", { id })).toMatchObject({ held: 1 });
    jest.spyOn(Date, "now").mockReturnValue(expiresAt);
    localService<{ sweep: { wake(): void } }>(broker, "product").sweep.wake();
    await eventually(async () => (await call("product.getStock", { id })).held === 0);
    jest.restoreAllMocks();
  });
});

describe("product.seed", () => {
  const products = [
    { key: "cup", name: "Moon cup", description: "", category: "Seeded", price: won(100), stock: 1 },
    { key: "jar", name: "Moon jar", description: "", category: "Seeded", price: won(200), stock: 2 },
  ];

  it("adds what is missing, once", async () => {
    expect(await order("product.seed", { products: products.slice(0, 1) })).toEqual({ added: 1 });
    expect(await order("product.seed", { products })).toEqual({ added: 1 });
    expect(await order("product.seed", { products })).toEqual({ added: 0 });
    const { items } = await call("product.list", { q: "moon", sort: "price" });
    expect(items.map(({ price, sellable }) => [price.amount, sellable])).toEqual([
      [100, 1],
      [200, 2],
    ]);
    expect(new Set(items.map(({ categoryId }) => categoryId)).size).toBe(1);
  });
});

describe("the roles", () => {
  const id = "00000000-0000-7000-8000-000000000000";
  const inputs: { [A in keyof typeof product.actions]: Input<`product.${A}`> } = {
    list: {},
    get: { id },
    getCategory: { id },
    listCategories: {},
    getStock: { id },
    create: tea,
    update: { id },
    archive: { id },
    setPrice: { id, price: won(1) },
    listPrices: { id },
    createCategory: { name: "Forbidden", parentId: id },
    updateCategory: { id },
    removeCategory: { id },
    adjustStock: { id, quantity: 1, reason: "None" },
    listMovements: { id },
    lookup: { ids: [id] },
    reserve: { orderId: id, items: [{ productId: id, quantity: 1 }] },
    commit: { orderId: id },
    release: { orderId: id },
    seed: { products: [] },
  };
  const actions = Object.entries(product.actions).map(
    ([name, { auth }]) => [name as keyof typeof inputs, auth] as const,
  );
  const refusalOf = (answer: Promise<unknown>) =>
    answer.then(
      () => "allowed",
      // Whoever is refused for another reason than his role got past it; a fault tells nothing about roles.
      ({ code, type }: { code: number; type: string }) =>
        [404, 409, 412, 422].includes(code) ? "allowed" : [401, 403].includes(code) ? type : `${code} ${type}`,
    );

  it.each(actions)("of product.%s are %s", async (name, auth) => {
    const customerToken = await tokenOf("customer");
    const by = (token?: string) => refusalOf(call(`product.${name}`, inputs[name] as never, token));
    const answers = { nobody: await by(), customer: await by(customerToken), staff: await by(staffToken) };
    const expected = {
      public: { nobody: "allowed", customer: "allowed", staff: "allowed" },
      staff: { nobody: "UNAUTHENTICATED", customer: "FORBIDDEN", staff: "allowed" },
      service: { nobody: "FORBIDDEN", customer: "FORBIDDEN", staff: "FORBIDDEN" },
    };
    expect(answers).toEqual(expected[auth]);
  });
});

describe("many orders at once", () => {
  const buy = async (productIds: readonly string[]) => {
    const orderId = newId();
    await order("product.reserve", { orderId, items: productIds.map((productId) => ({ productId, quantity: 1 })) });
    await order("product.commit", { orderId });
  };

  it("sell what is there and no more", async () => {
    const { id } = await create({ stock: 20 });
    const bought = await Promise.allSettled(Array.from({ length: 200 }, () => buy([id])));
    const refused = bought.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect(refused.map(({ reason }) => (reason as { type: string }).type)).toEqual(
      Array(180).fill("PRODUCT_OUT_OF_STOCK"),
    );
    expect(await call("product.getStock", { id }, staffToken)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("do not stand in each other's way, whatever the order of their lines", async () => {
    const ids = await Promise.all(Array.from({ length: 4 }, async () => (await create({ stock: 100 })).id));
    const basket = (turn: number) => [...ids.slice(turn % 4), ...ids.slice(0, turn % 4)];
    await Promise.all(Array.from({ length: 100 }, (_, turn) => buy(basket(turn))));
    for (const id of ids)
      expect(await call("product.getStock", { id }, staffToken)).toMatchObject({ onHand: 0, held: 0 });
  });
});
