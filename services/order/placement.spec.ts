/**
 * The key of a request to place an order: how long it counts, for how many, and beside nodes of the release before.
 * @databases sqlite postgres
 */
import { now } from "#core/clock.ts";
import type { Input } from "#core/contract.ts";
import { requestHash } from "#core/request-hash.ts";
import { address } from "../../test/support/actors/client.ts";
import { chargesOf } from "../../test/support/actors/customer-orders.ts";
import { AllServices, type Person, won } from "../../test/support/systems/all-services.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import type { IdempotencyTable } from "#mixins/idempotency/idempotency.mixin.ts";
import type { SagaTables } from "#mixins/saga/saga.mixin.ts";
import type { OrderTables } from "./order.repository.ts";

const DAY = 24 * 60 * 60 * 1000;

let allServices: AllServices;
let customer: Person;
let tea: string;
beforeAll(async () => {
  allServices = await AllServices.open();
});
afterAll(() => allServices.close());
beforeEach(async () => {
  customer = await allServices.person();
  tea = await allServices.product();
});
afterEach(() => jest.restoreAllMocks());

/** Lets time pass, in which the customer has signed in again. */
async function later(milliseconds: number): Promise<void> {
  const time = now();
  jest.restoreAllMocks();
  const real = Date.now;
  const skew = time - real() + milliseconds;
  jest.spyOn(Date, "now").mockImplementation(() => real() + skew);
  customer = await allServices.person("customer", customer.id);
}

const db = () => allServices.db<OrderTables & IdempotencyTable & SagaTables>("order");
const request = (paymentMethod = "tok_success", quantity = 1): Input<"order.create"> => ({
  items: [{ productId: tea, quantity }],
  paymentMethod,
  shippingAddress: address,
});
const place = (key: string, ...about: Parameters<typeof request>) =>
  customer.ask("order.create", request(...about), key);
const rowOf = (id: string) =>
  db().query.selectFrom("orders").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const becomes = (id: string, status: string) =>
  eventually(async () => (await customer.call("order.get", { id })).status === status);
const orders = async () => (await customer.call("order.list", { limit: 100 })).items;
const reused = { code: 422, type: "IDEMPOTENCY_KEY_REUSED" };

describe("the key of an order", () => {
  it("answers the same, also when the order was cancelled since", async () => {
    const first = await place("since-1");
    await customer.call("order.cancel", { id: first.answer.id });
    expect(await place("since-1")).toEqual({ ...first, replayed: true });
  });

  it("answers another order after a day, and the one before until then", async () => {
    const first = await place("day-1");
    // Where nodes of the release before look for it, it may stay an hour longer.
    await db().write((tx) => tx.query.deleteFrom("idempotency_keys").execute());
    await later(DAY - 60_000);
    expect((await place("day-1")).answer).toEqual(first.answer);
    await later(2 * 60_000);
    const second = await place("day-1", "tok_success", 2);
    expect(second).toMatchObject({ replayed: false, answer: { status: "confirmed" } });
    expect(second.answer.id).not.toBe(first.answer.id);
    expect(await rowOf(first.answer.id)).toMatchObject({ idempotency_key: null, request_hash: null, answer: null });
    // Another request that found the first one too old at the same moment leaves the second one its key.
    const { dropOld } = await import("./placement.repository.ts");
    expect(await dropOld(db(), { userId: customer.id, key: "day-1", hash: "" })).toBe(0);
    await expect(place("day-1")).rejects.toMatchObject(reused);
  });

  it("is kept for 10,000 orders of one person, and more are refused until some have had their day", async () => {
    const { answer } = await place("many");
    const row = await rowOf(answer.id);
    const [from, to] = [row.id.slice(0, -5), 9_998];
    // One more than is needed, since the order's own id may be among them.
    const others = Array.from({ length: to + 1 }, (_, n) => ({
      ...row,
      id: `${from}${n.toString(16).padStart(5, "0")}`,
      number: null,
      idempotency_key: `many-${n}`,
    }))
      .filter(({ id }) => id !== row.id)
      .slice(0, to);
    for (let done = 0; done < others.length; done += 500) {
      const some = others.slice(done, done + 500);
      await db().write((tx) => tx.query.insertInto("orders").values(some).execute());
    }
    expect(await place("the last")).toMatchObject({ replayed: false });
    const refused = { code: 429, type: "RATE_LIMITED", data: { retryAfter: 3600 } };
    await expect(place("one too many")).rejects.toMatchObject(refused);
    // What was placed is answered, and nobody else is refused.
    expect(await place("many")).toMatchObject({ replayed: true, answer });
    const somebody = await allServices.person();
    expect(await somebody.ask("order.create", request(), "many")).toMatchObject({ replayed: false });
    // Ids never go back, and another spec has had some of later days made.
    await later(3 * DAY);
    expect(await place("one too many")).toMatchObject({ answer: { status: "confirmed" } });
  });
});

describe("order.create with a key that was used before", () => {
  it("answers the same, also when the product was changed since", async () => {
    const first = await place("again-1");
    await (await allServices.person("staff")).call("product.archive", { id: tea });
    const second = await place("again-1");
    expect(second).toEqual({ ...first, replayed: true });
    expect(await orders()).toHaveLength(1);
  });

  it("shows nobody else the order, also when they can no longer place one", async () => {
    await place("again-8");
    await (await allServices.person("staff")).call("product.archive", { id: tea });
    const somebody = await allServices.person();
    await expect(somebody.ask("order.create", request(), "again-8")).rejects.toMatchObject({
      type: "ORDER_PRODUCT_UNAVAILABLE",
    });
  });

  it("rejects with IDEMPOTENCY_KEY_REUSED another request", async () => {
    await place("again-2");
    const other = place("again-2", "tok_success", 2);
    await expect(other).rejects.toMatchObject(reused);
  });

  it("is rejected again with the same error, also when there is stock now", async () => {
    tea = await allServices.product(won(1000), 0);
    const refused = { code: 409, type: "ORDER_OUT_OF_STOCK", data: { productId: tea, requested: 1, sellable: 0 } };
    await expect(place("again-3")).rejects.toMatchObject(refused);
    await (await allServices.person("staff")).call("product.adjustStock", { id: tea, quantity: 5, reason: "delivery" });
    await expect(place("again-3")).rejects.toMatchObject(refused);
    expect((await place("again-4")).answer.status).toBe("confirmed");
  });

  it("answers the pending order while it is under way, and the confirmed order afterwards", async () => {
    const first = await place("again-5", "tok_3ds");
    const { answer } = first;
    const meanwhile = await place("again-5", "tok_3ds");
    expect(meanwhile).toEqual({ ...first, replayed: true });
    await customer.call("payment.confirm", { id: answer.paymentId! });
    await becomes(answer.id, "confirmed");
    const replayed = await place("again-5", "tok_3ds");
    expect(replayed).toMatchObject({ replayed: true, answer: { id: answer.id, status: "confirmed" } });
  });

  it("makes one order of twenty requests at once, and answers all of them with it", async () => {
    tea = await allServices.product(won(1000), 50);
    const answers = await Promise.all(Array.from({ length: 20 }, () => place("again-6")));
    expect(new Set(answers.map(({ answer }) => JSON.stringify(answer)))).toHaveProperty("size", 1);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(await orders()).toHaveLength(1);
    expect(await customer.call("product.getStock", { id: tea })).toEqual({ onHand: 49, held: 0, sellable: 49 });
    expect(await chargesOf(allServices, answers[0]!.answer.id)).toHaveLength(1);
  });

  it("makes two orders when two people use the same key", async () => {
    const mine = await place("again-7");
    customer = await allServices.person();
    const theirs = await place("again-7");
    expect(theirs.replayed).toBe(false);
    expect(theirs.answer.id).not.toBe(mine.answer.id);
  });
});

describe("beside a node of the release before", () => {
  const scope = () => `v1.order.create ${customer.id}`;
  const keyRow = (key: string) =>
    db()
      .query.selectFrom("idempotency_keys")
      .selectAll()
      .where("scope", "=", scope())
      .where("key", "=", key)
      .executeTakeFirst();

  /** As that release leaves an order: its key stands elsewhere, and its saga has it. */
  async function asPlacedThere(id: string, key: string, answer: object | null): Promise<void> {
    const { input } = await db()
      .query.selectFrom("sagas")
      .select("input")
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    const claimed = { ...(JSON.parse(input) as object), claim: { scope: scope(), key } };
    await db().write(async ({ query }) => {
      await query
        .updateTable("orders")
        .set({ idempotency_key: null, request_hash: null, answer: null })
        .where("id", "=", id)
        .execute();
      await query
        .updateTable("sagas")
        .set({ input: JSON.stringify(claimed) })
        .where("id", "=", id)
        .execute();
      await query
        .updateTable("idempotency_keys")
        .set({ answer: answer && JSON.stringify(answer) })
        .where("scope", "=", scope())
        .where("key", "=", key)
        .execute();
    });
  }

  it("an order of that node is accepted again while it is under way, and its end is answered", async () => {
    const first = await place("before-1", "tok_3ds");
    const { id, paymentId } = first.answer;
    await asPlacedThere(id, "before-1", null);
    expect(await place("before-1", "tok_3ds")).toEqual({ ...first, replayed: true });
    await expect(place("before-1", "tok_3ds", 2)).rejects.toMatchObject(reused);
    await customer.call("payment.confirm", { id: paymentId! });
    await becomes(id, "confirmed");
    const order = await customer.call("order.get", { id });
    // That node finds it where it looks.
    expect(JSON.parse((await keyRow("before-1"))!.answer!)).toEqual({ order });
    expect(await place("before-1", "tok_3ds")).toMatchObject({ replayed: true, answer: order });
    expect(await orders()).toHaveLength(1);
  });

  it("each of two orders of that node is found by its own key", async () => {
    const keys = ["before-8", "before-9"];
    const placed = [];
    for (const key of keys) {
      const one = await place(key, "tok_3ds");
      await asPlacedThere(one.answer.id, key, null);
      placed.push({ ...one, replayed: true });
    }
    for (const [index, key] of keys.entries()) expect(await place(key, "tok_3ds")).toEqual(placed[index]);
  });

  it("an order that node has ended is answered as that node did", async () => {
    const { answer: order } = await place("before-2");
    await asPlacedThere(order.id, "before-2", { order });
    await customer.call("order.cancel", { id: order.id });
    expect(await place("before-2")).toMatchObject({ replayed: true, answer: order });
    const data = { reason: "card_declined" };
    const refused = { code: 402, type: "ORDER_PAYMENT_DECLINED", data };
    await expect(place("before-3", "tok_declined")).rejects.toMatchObject(refused);
    const [declined] = await orders();
    await asPlacedThere(declined!.id, "before-3", { refused: "PAYMENT_DECLINED", data });
    await expect(place("before-3", "tok_declined")).rejects.toMatchObject(refused);
    expect(await orders()).toHaveLength(2);
  });

  it("an order of ours that node has ended is answered by its state", async () => {
    const { answer: order } = await place("before-4");
    await expect(place("before-5", "tok_declined")).rejects.toMatchObject({ code: 402 });
    await db().write(({ query }) => query.updateTable("orders").set({ answer: null }).execute());
    expect(await place("before-4")).toMatchObject({ replayed: true, answer: order });
    await expect(place("before-5", "tok_declined")).rejects.toMatchObject({ type: "ORDER_PAYMENT_DECLINED" });
  });

  it("an order of ours is found by that node, which answers it as it was placed", async () => {
    const { answer } = await place("before-6");
    const { request_hash, answer: told } = (await keyRow("before-6"))!;
    expect(request_hash).toBe(requestHash(request()));
    const placed = { ...answer, status: "pending", paymentId: null, version: 1 };
    expect(JSON.parse(told!)).toEqual({ order: placed });
    const { input } = await db()
      .query.selectFrom("sagas")
      .select("input")
      .where("id", "=", answer.id)
      .executeTakeFirstOrThrow();
    expect(JSON.parse(input)).toMatchObject({ claim: { scope: "", key: "" } });
  });

  it("a key that both take at the same time makes one order", async () => {
    const row = {
      scope: scope(),
      key: "before-7",
      request_hash: requestHash(request()),
      answer: null,
      expires_at: now() + DAY,
    };
    await db().write((tx) => tx.query.insertInto("idempotency_keys").values(row).execute());
    await expect(place("before-7")).rejects.toMatchObject({ code: 409, type: "IDEMPOTENCY_IN_PROGRESS" });
    expect(await orders()).toEqual([]);
  });
});

describe("a person who leaves", () => {
  it("takes the keys of their orders along", async () => {
    const { answer } = await place("gone-1");
    expect(await rowOf(answer.id)).toMatchObject({ idempotency_key: "gone-1", total: won(1000).amount });
    await db().write((tx) =>
      allServices
        .service<{ erasure: { begin(tx: unknown, userId: string): Promise<void> } }>("order")
        .erasure.begin(tx, customer.id),
    );
    const gone = { idempotency_key: null, request_hash: null, answer: null, erased: 1 };
    await eventually(async () => (await rowOf(answer.id)).erased === 1);
    expect(await rowOf(answer.id)).toMatchObject(gone);
  });
});
