/** @databases sqlite postgres */
import * as fc from "fast-check";
import { timestamp } from "#core/clock.ts";
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { migrationsIn } from "#mixins/database/migrate.ts";
import { openStorage } from "../../test/support/systems/storage.ts";
import { add } from "./catalogue.repository.ts";
import { commit, due, expire, release, reserve } from "./product.reservation.ts";
import type { ProductTables } from "./product.tables.ts";
import { adjust, find, list } from "./stock.repository.ts";

const TTL = 1000;
const STOCK = 5;
let db: Database<ProductTables>;

beforeAll(async () => {
  db = await openStorage<ProductTables>();
  await db.migrate(await migrationsIn(new URL("./migrations/", import.meta.url)));
});
afterAll(() => db.close());

interface ModelOrder {
  readonly state: "held" | "committed" | "released" | "expired";
  readonly quantities: readonly number[];
  readonly until: number;
}

/** What the service should do, in plain numbers: stock by product, orders by their number. */
class Model {
  readonly onHand = [STOCK, STOCK];
  readonly orders = new Map<number, ModelOrder>();

  held(product: number): number {
    const held = [...this.orders.values()].filter(({ state }) => state === "held");
    return held.reduce((sum, { quantities }) => sum + quantities[product]!, 0);
  }

  reserve(key: number, quantities: readonly number[], now: number): string {
    const order = this.orders.get(key);
    if (order?.state === "released") return "PRODUCT_RESERVATION_RELEASED";
    if (order && order.quantities.join() !== quantities.join()) return "PRODUCT_RESERVATION_MISMATCH";
    if (order?.state === "committed") return "done";
    if (order?.state !== "held" && !this.#canHold(quantities, now)) return "PRODUCT_OUT_OF_STOCK";
    this.orders.set(key, { state: "held", quantities, until: now + TTL });
    return "done";
  }

  commit(key: number, now: number): string {
    const order = this.orders.get(key);
    if (!order) return "NOT_FOUND";
    if (order.state === "released") return "PRODUCT_RESERVATION_RELEASED";
    if (order.state === "committed") return "done";
    if (order.state === "expired" && !this.#canHold(order.quantities, now)) return "PRODUCT_OUT_OF_STOCK";
    this.orders.set(key, { ...order, state: "committed" });
    for (const [product, quantity] of order.quantities.entries()) this.onHand[product]! -= quantity;
    return "done";
  }

  release(key: number): string {
    const order = this.orders.get(key);
    if (order?.state === "committed") {
      for (const [product, quantity] of order.quantities.entries()) this.onHand[product]! += quantity;
    }
    this.orders.set(key, { state: "released", quantities: [], until: 0 });
    return "done";
  }

  adjust(product: number, quantity: number): string {
    if (this.#sellable(product) + quantity < 0) return "PRODUCT_OUT_OF_STOCK";
    this.onHand[product]! += quantity;
    return "done";
  }

  sweep(now: number): string {
    this.#expire(now, () => true);
    return "done";
  }

  #sellable = (product: number): number => this.onHand[product]! - this.held(product);

  /** Who lacks stock takes what others hold beyond their time. */
  #canHold(quantities: readonly number[], now: number): boolean {
    return quantities.every((quantity, product) => {
      if (quantity > this.#sellable(product)) this.#expire(now, (order) => order.quantities[product]! > 0);
      return quantity <= this.#sellable(product);
    });
  }

  #expire(now: number, concerns: (order: ModelOrder) => boolean): void {
    for (const [key, order] of this.orders) {
      const isOver = order.state === "held" && order.until <= now && concerns(order);
      if (isOver) this.orders.set(key, { ...order, state: "expired" });
    }
  }
}

/** The service, for two products and a few orders, at moments that the spec chooses. */
class Real {
  now: number;
  readonly products: readonly string[];
  readonly #orders = Array.from({ length: 5 }, newId);

  constructor(products: readonly string[], now: number) {
    this.products = products;
    this.now = now;
  }

  reserve(order: number, quantities: readonly number[]): Promise<void> {
    // Units one by one: duplicate lines are part of the game.
    const items = quantities.flatMap((quantity, product) =>
      Array.from({ length: quantity }, () => ({ productId: this.products[product]!, quantity: 1 })),
    );
    const request = { orderId: this.#orders[order]!, items, expiresAt: this.now + TTL };
    return reserve(db, request, this.now);
  }

  commit(order: number): Promise<void> {
    return commit(db, this.#orders[order]!, this.now);
  }

  release(order: number): Promise<void> {
    return db.write((tx) => release(tx, this.#orders[order]!, this.now));
  }

  adjust(product: number, quantity: number): Promise<unknown> {
    const adjustment = { id: this.products[product]!, quantity, reason: "count", at: timestamp(this.now) };
    return db.write((tx) => adjust(tx, adjustment));
  }

  async sweep(): Promise<void> {
    const orderIds = await due(db, this.now, 100);
    await expire(db, orderIds, this.now);
  }
}

/** Does the same to both, compares what they answer and what they hold, and adds up the ledger. */
const command = (
  name: string,
  act: (real: Real) => Promise<unknown>,
  predict: (model: Model, now: number) => string,
): fc.AsyncCommand<Model, Real> => ({
  toString: () => name,
  check: () => true,
  async run(model, real) {
    const answer = act(real).then(
      () => "done",
      (error: { type?: string }) => error.type ?? error,
    );
    expect(await answer).toBe(predict(model, real.now));
    for (const [product, id] of real.products.entries()) await compare(model, product, id);
  },
});

async function compare(model: Model, product: number, id: string): Promise<void> {
  const { onHand, held } = await find(db, id);
  const { items } = await list(db, id, 1000);
  expect({ onHand, held }).toEqual({ onHand: model.onHand[product], held: model.held(product) });
  expect(items.reduce((sum, change) => sum + change.onHand, 0)).toBe(onHand);
  expect(items.reduce((sum, change) => sum + change.held, 0)).toBe(held);
}

const wait = (milliseconds: number): fc.AsyncCommand<Model, Real> => ({
  toString: () => `wait ${milliseconds}`,
  check: () => true,
  async run(_, real) {
    real.now += milliseconds;
  },
});

const order = fc.nat({ max: 4 });
const product = fc.nat({ max: 1 });
const quantities = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 })).filter(([a, b]) => a + b > 0);
const change = fc.integer({ min: -4, max: 4 }).filter((quantity) => quantity !== 0);

const reservation = fc.tuple(order, quantities).map(([key, wanted]) =>
  command(
    `reserve ${key}: ${wanted.join(", ")}`,
    (real) => real.reserve(key, wanted),
    (model, now) => model.reserve(key, wanted, now),
  ),
);
const commands = fc.commands(
  [
    reservation,
    reservation,
    order.map((key) =>
      command(
        `commit ${key}`,
        (real) => real.commit(key),
        (model, now) => model.commit(key, now),
      ),
    ),
    order.map((key) =>
      command(
        `release ${key}`,
        (real) => real.release(key),
        (model) => model.release(key),
      ),
    ),
    fc.constant(
      command(
        "sweep",
        (real) => real.sweep(),
        (model, now) => model.sweep(now),
      ),
    ),
    fc.tuple(product, change).map(([of, by]) =>
      command(
        `adjust ${of} by ${by}`,
        (real) => real.adjust(of, by),
        (model) => model.adjust(of, by),
      ),
    ),
    fc.integer({ min: TTL / 4, max: TTL }).map(wait),
  ],
  { maxCommands: 60, size: "medium" },
);

const price = { amount: 1000, currency: "KRW" } as const;
const newProduct = async (): Promise<string> =>
  (await db.write((tx) => add(tx, [{ name: "Tea", description: "", categoryId: null, price, stock: STOCK }])))[0]!;

describe("the stock ledger", () => {
  it("agrees with the model after any operations, and adds up to the levels", async () => {
    let now = 0;
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        const products = [await newProduct(), await newProduct()].toSorted();
        // Each run begins later than the ones before it, so that nothing of theirs is left to be swept.
        const real = new Real(products, (now += 100 * TTL));
        await real.sweep();
        await fc.asyncModelRun(() => ({ model: new Model(), real }), steps);
      }),
      { numRuns: 100 },
    );
  });
});
