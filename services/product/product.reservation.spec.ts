/** @databases sqlite postgres */
import { newId } from "#core/id.ts";
import type { Database } from "#mixins/database/database.ts";
import { migrationsIn } from "#mixins/database/migrate.ts";
import { lockWaits, openStorage, storage } from "../../test/support/systems/storage.ts";
import { add } from "./catalogue.repository.ts";
import type { Line } from "./product.model.ts";
import { archive } from "./product.repository.ts";
import { commit, due, expire, release, reserve } from "./product.reservation.ts";
import type { ProductTables, Tx } from "./product.tables.ts";
import { lock } from "./reservation.repository.ts";
import { find, list } from "./stock.repository.ts";

const TTL = 1000;
const at = "2026-01-01T00:00:00.000Z";
let db: Database<ProductTables>;

beforeAll(async () => {
  db = await openStorage<ProductTables>();
  await db.migrate(await migrationsIn(new URL("./migrations/", import.meta.url)));
});
afterAll(() => db.close());

const price = { amount: 1000, currency: "KRW" } as const;
const newProduct = async (stock: number): Promise<string> =>
  (await db.write((tx) => add(tx, [{ name: "Tea", description: "", categoryId: null, price, stock }])))[0]!;

const refusal = (code: string, data?: object) =>
  expect.objectContaining({ type: `PRODUCT_${code}`, ...(data ? { data } : {}) });

const onPostgres = storage() === "postgres" ? it : () => {};

/** The service at moments that the spec chooses, in milliseconds. */
const ask = {
  reserve: (orderId: string, items: readonly Line[], now = 0) =>
    reserve(db, { orderId, items, expiresAt: now + TTL }, now),
  commit: (orderId: string, now = 0) => commit(db, orderId, now),
  release: (orderId: string, now = 0) => db.write((tx) => release(tx, orderId, now)),
  async sweep(now: number) {
    const orderIds = await due(db, now, 100);
    await expire(db, orderIds, now);
  },
};

/** Somebody else's transaction, which keeps its locks until it is let go. */
async function holding(work: (tx: Tx) => Promise<unknown>): Promise<() => Promise<void>> {
  const [locked, letGo] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const other = db.write(async (tx) => {
    await work(tx);
    locked.resolve();
    await letGo.promise;
  });
  await locked.promise;
  return () => {
    letGo.resolve();
    return other;
  };
}

const holdingReservation = (order_id: string) => holding((tx) => tx.one(lock, { order_id }));

/** Asks twice while somebody else holds the order's reservation. Both wait for it. */
async function twiceAtOnce(orderId: string, work: () => Promise<void>): Promise<void> {
  const letGo = await holdingReservation(orderId);
  const both = [work(), work()];
  await lockWaits(db, 2).finally(() => void letGo());
  await Promise.all(both);
}

const kinds = async (id: string) => (await list(db, id, 100)).items.map(({ kind }) => kind).toReversed();

describe("reserve", () => {
  it("holds all lines or none", async () => {
    const [some, few] = [await newProduct(5), await newProduct(1)];
    const lines = [
      { productId: some, quantity: 2 },
      { productId: few, quantity: 2 },
    ];
    await expect(ask.reserve(newId(), lines)).rejects.toEqual(
      refusal("OUT_OF_STOCK", { productId: few, requested: 2, sellable: 1 }),
    );
    expect(await find(db, some)).toEqual({ onHand: 5, held: 0, sellable: 5 });
    expect(await kinds(some)).toEqual(["initial"]);
  });

  it("counts lines of the same product together", async () => {
    const productId = await newProduct(3);
    const lines = [
      { productId, quantity: 2 },
      { productId, quantity: 2 },
    ];
    await expect(ask.reserve(newId(), lines)).rejects.toEqual(
      refusal("OUT_OF_STOCK", { productId, requested: 4, sellable: 3 }),
    );
  });

  it("rejects with NOT_FOUND what is not on sale", async () => {
    const archived = await newProduct(3);
    await db.write((tx) => archive(tx, archived, at));
    for (const productId of [archived, newId()]) {
      await expect(ask.reserve(newId(), [{ productId, quantity: 1 }])).rejects.toMatchObject({
        type: "NOT_FOUND",
        data: { productId },
      });
    }
  });

  it("holds once when asked again, and longer", async () => {
    const [productId, orderId] = [await newProduct(3), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }], 0);
    await ask.reserve(orderId, [{ productId, quantity: 2 }], TTL - 1);
    await ask.sweep(TTL);
    expect(await find(db, productId)).toEqual({ onHand: 3, held: 2, sellable: 1 });
  });

  it("rejects with RESERVATION_MISMATCH when the order asks for something else", async () => {
    const [productId, orderId] = [await newProduct(3), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 1 }]);
    await expect(ask.reserve(orderId, [{ productId, quantity: 2 }])).rejects.toEqual(refusal("RESERVATION_MISMATCH"));
  });

  it("rejects with RESERVATION_RELEASED when it arrives after the release", async () => {
    const [productId, orderId] = [await newProduct(3), newId()];
    await ask.release(orderId);
    await expect(ask.reserve(orderId, [{ productId, quantity: 1 }])).rejects.toEqual(refusal("RESERVATION_RELEASED"));
    expect(await find(db, productId)).toEqual({ onHand: 3, held: 0, sellable: 3 });
  });

  it("takes what others hold beyond their time, swept or not", async () => {
    const [productId, slow, quick] = [await newProduct(1), newId(), newId()];
    await ask.reserve(slow, [{ productId, quantity: 1 }], 0);
    await expect(ask.reserve(quick, [{ productId, quantity: 1 }], TTL - 1)).rejects.toEqual(refusal("OUT_OF_STOCK"));
    await ask.reserve(quick, [{ productId, quantity: 1 }], TTL);
    expect(await kinds(productId)).toEqual(["initial", "reserve", "expire", "reserve"]);
  });
});

describe("commit", () => {
  it("takes what was held out of stock, once", async () => {
    const [productId, orderId] = [await newProduct(3), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    await ask.commit(orderId);
    await ask.commit(orderId);
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    expect(await find(db, productId)).toEqual({ onHand: 1, held: 0, sellable: 1 });
    expect(await kinds(productId)).toEqual(["initial", "reserve", "commit"]);
  });

  it("takes expired stock anew when there is enough", async () => {
    const [productId, orderId] = [await newProduct(2), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    await ask.sweep(TTL);
    expect(await find(db, productId)).toEqual({ onHand: 2, held: 0, sellable: 2 });
    await ask.commit(orderId, TTL);
    expect(await find(db, productId)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("rejects with OUT_OF_STOCK when the expired stock went to somebody else", async () => {
    const [productId, slow, quick] = [await newProduct(2), newId(), newId()];
    await ask.reserve(slow, [{ productId, quantity: 2 }]);
    await ask.sweep(TTL);
    await ask.reserve(quick, [{ productId, quantity: 1 }], TTL);
    await expect(ask.commit(slow, TTL)).rejects.toEqual(
      refusal("OUT_OF_STOCK", { productId, requested: 2, sellable: 1 }),
    );
    await ask.release(quick, TTL);
    await ask.commit(slow, TTL);
    expect(await find(db, productId)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  onPostgres("takes what somebody else renews at the same moment once", async () => {
    const [productId, orderId] = [await newProduct(5), newId()];
    const lines = [{ productId, quantity: 2 }];
    const late = 3 * TTL;
    await ask.reserve(orderId, lines);
    await ask.sweep(late);
    const letReservationGo = await holdingReservation(orderId);
    const renewing = ask.reserve(orderId, lines, late);
    await lockWaits(db, 1);
    const letStockGo = await holding((tx) =>
      tx.query.updateTable("stock_levels").set({ held: 0 }).where("product_id", "=", productId).execute(),
    );
    await letReservationGo();
    // The renewal has the reservation now and waits for the stock.
    await lockWaits(db, 1);
    const committing = ask.commit(orderId, late);
    await lockWaits(db, 2).finally(() => void letStockGo());
    await Promise.all([renewing, committing]);
    expect(await find(db, productId)).toEqual({ onHand: 3, held: 0, sellable: 3 });
  });

  onPostgres("takes expired stock once when two do it at the same moment", async () => {
    const [productId, orderId] = [await newProduct(5), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    await ask.sweep(TTL);
    await twiceAtOnce(orderId, () => ask.commit(orderId, TTL));
    expect(await find(db, productId)).toEqual({ onHand: 3, held: 0, sellable: 3 });
  });

  it("rejects with NOT_FOUND what was never reserved", async () => {
    await expect(ask.commit(newId())).rejects.toMatchObject({ type: "NOT_FOUND" });
  });

  it("rejects with RESERVATION_RELEASED what was given back", async () => {
    const orderId = newId();
    await ask.release(orderId);
    await expect(ask.commit(orderId)).rejects.toEqual(refusal("RESERVATION_RELEASED"));
  });
});

describe("release", () => {
  it("gives back what is held, once", async () => {
    const [productId, orderId] = [await newProduct(3), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    await ask.release(orderId);
    await ask.release(orderId);
    await ask.sweep(TTL);
    expect(await find(db, productId)).toEqual({ onHand: 3, held: 0, sellable: 3 });
    expect(await kinds(productId)).toEqual(["initial", "reserve", "release"]);
  });

  it("returns what was committed, also of a product that is no longer sold", async () => {
    const [productId, orderId] = [await newProduct(3), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    await ask.commit(orderId);
    await db.write((tx) => archive(tx, productId, at));
    await ask.release(orderId);
    expect(await kinds(productId)).toEqual(["initial", "reserve", "commit", "return"]);
  });

  onPostgres("returns what was committed once when two do it at the same moment", async () => {
    const [productId, orderId] = [await newProduct(5), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    await ask.commit(orderId);
    await twiceAtOnce(orderId, () => ask.release(orderId));
    expect(await find(db, productId)).toEqual({ onHand: 5, held: 0, sellable: 5 });
  });

  it("has nothing to give back when the reservation expired", async () => {
    const [productId, orderId] = [await newProduct(3), newId()];
    await ask.reserve(orderId, [{ productId, quantity: 2 }]);
    await ask.sweep(TTL);
    await ask.release(orderId, TTL);
    expect(await kinds(productId)).toEqual(["initial", "reserve", "expire"]);
  });
});

describe("the stock tables", () => {
  it.each(["on_hand = -1", "held = -1", "held = on_hand + 1"])("refuse %s", async (values) => {
    const id = await newProduct(3);
    const [column, value] = values.split(" = ") as ["on_hand" | "held", string];
    const level = value.startsWith("on_hand") ? 4 : Number(value);
    const written = db.write((tx) =>
      tx.query
        .updateTable("stock_levels")
        .set({ [column]: level })
        .where("product_id", "=", id)
        .execute(),
    );
    await expect(written).rejects.toThrow(/check constraint/i);
  });
});
