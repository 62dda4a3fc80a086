/** Many want what few can have: nobody is sold what is not there, and no order is made or charged twice. */
import { randomUUID } from "node:crypto";
import { newId } from "#core/id.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { type Answer, Client, orderOf } from "../support/actors/client.ts";
import { violationsAtRest } from "../support/invariants/invariants.ts";
import { Platform } from "../support/systems/platform.ts";

interface Body {
  readonly id?: string;
  readonly code?: string;
  readonly status: string;
  readonly sellable?: number;
  readonly items?: readonly { readonly reference: string }[];
}

const dataDir = process.env.DATA_DIR!;
let platform: Platform;
let admin: Client;

beforeAll(async () => {
  platform = await Platform.start({ dataDir, env: { RATE_LIMIT: "off", ORDER_ANSWER_BUDGET: "14000" } });
  admin = await person("admin");
});
afterAll(() => platform.dispose());
afterEach(async () => expect(await violationsAtRest(dataDir)).toEqual([]));

/** Any id will do: the test has the platform's keys, so nobody needs to sign up. */
const person = async (role = "customer") =>
  new Client(platform.url, await signAccessToken({ id: newId(), roles: [role], session: newId() }));

async function product(stock: number): Promise<string> {
  const price = { amount: 99_000, currency: "KRW" };
  const { body } = await admin.post<Body>("/products", {
    name: "Moon jar",
    description: "White porcelain.",
    price,
    stock,
  });
  return body.id!;
}

/** Everybody orders the same at the same moment, each once. */
async function buyAtOnce(buyers: number, body: object): Promise<Answer<Body>[]> {
  const people = await Promise.all(Array.from({ length: buyers }, () => person()));
  return Promise.all(people.map((one) => one.post<Body>("/orders", body)));
}

const count = (answers: readonly Answer<Body>[]) => {
  const told = answers.map(({ status, body }) => `${status} ${body.code ?? body.status}`);
  return Object.fromEntries(
    Map.groupBy(told, (one) => one)
      .entries()
      .map(([one, all]) => [one, all.length]),
  );
};

const stockOf = async (id: string) => (await admin.get<Body>(`/products/${id}/stock`)).body;

describe("a flash sale", () => {
  it("sells ten units to ten of a hundred buyers", async () => {
    const id = await product(10);
    expect(count(await buyAtOnce(100, orderOf(id)))).toEqual({ "201 confirmed": 10, "409 ORDER_OUT_OF_STOCK": 90 });
    expect(await stockOf(id)).toEqual({ onHand: 0, held: 0, sellable: 0 });
  });

  it("counts a product that stands on two lines twice", async () => {
    const id = await product(10);
    const twice = { ...orderOf(id), items: [1, 2].map((quantity) => ({ productId: id, quantity })) };
    expect(count(await buyAtOnce(20, twice))).toEqual({ "201 confirmed": 3, "409 ORDER_OUT_OF_STOCK": 17 });
    expect(await stockOf(id)).toEqual({ onHand: 1, held: 0, sellable: 1 });
  });

  it("gives what the declined could not pay to others", async () => {
    const id = await product(5);
    const [declined, sold] = await Promise.all([
      buyAtOnce(20, orderOf(id, 1, "tok_declined")),
      buyAtOnce(40, orderOf(id)),
    ]);
    expect(declined.every(({ status }) => status === 402 || status === 409)).toBe(true);
    const later = await buyAtOnce(5, orderOf(id));
    expect([...sold, ...later].filter(({ status }) => status === 201)).toHaveLength(5);
    expect(await stockOf(id)).toMatchObject({ onHand: 0 });
  });
});

describe("one key", () => {
  const answersOf = (buyer: Client, key: string, body: object, times: number) =>
    Promise.all(Array.from({ length: times }, () => buyer.post<Body>("/orders", body, { "idempotency-key": key })));

  it("makes one order and one charge of twenty requests at once", async () => {
    const [buyer, id, key] = [await person(), await product(100), randomUUID()];
    const answers = await answersOf(buyer, key, orderOf(id), 20);
    expect(answers.every(({ status }) => status === 201 || status === 202)).toBe(true);
    const made = new Set(answers.map(({ body }) => body.id!));
    expect(made.size).toBe(1);

    const [again] = await answersOf(buyer, key, orderOf(id), 1);
    expect(again).toMatchObject({ status: 201, body: { id: [...made][0], status: "confirmed" } });
    expect(again!.headers.get("idempotent-replayed")).toBe("true");
    expect((await buyer.get<{ items: object[] }>("/orders")).body.items).toHaveLength(1);
    const charges = await admin.get<Body>(`/payments/sandbox/charges?reference=${[...made][0]}`);
    expect(charges.body.items).toHaveLength(1);
    expect(await stockOf(id)).toMatchObject({ onHand: 99 });
  });

  it("is refused for another order, whether the first was confirmed or refused", async () => {
    const [buyer, id] = [await person(), await product(100)];
    for (const method of ["tok_success", "tok_declined"]) {
      const key = randomUUID();
      const [first] = await answersOf(buyer, key, orderOf(id, 1, method), 1);
      const [other] = await answersOf(buyer, key, orderOf(id, 2, method), 1);
      expect(other).toMatchObject({ status: 422, body: { code: "IDEMPOTENCY_KEY_REUSED" } });
      const [again] = await answersOf(buyer, key, orderOf(id, 1, method), 1);
      expect([again!.status, again!.body.code, again!.body.id]).toEqual([
        first!.status,
        first!.body.code,
        first!.body.id,
      ]);
    }
  });

  it("belongs to its owner", async () => {
    const [id, key] = [await product(2), randomUUID()];
    const orders = await Promise.all(
      [1, 2].map(async () => (await answersOf(await person(), key, orderOf(id), 1))[0]!),
    );
    expect(orders.map(({ status }) => status)).toEqual([201, 201]);
    expect(orders[0]!.body.id).not.toBe(orders[1]!.body.id);
  });
});
