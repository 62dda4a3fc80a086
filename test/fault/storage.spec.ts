/** Storage that refuses: a locked database and a full disk cost time or a clear refusal, never half an order. */
import { randomUUID } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { newId } from "#core/id.ts";
import { signAccessToken } from "#mixins/node/tokens.ts";
import { type Answer, Client, orderOf } from "../support/actors/client.ts";
import { openDatabase, violationsAtRest } from "../support/invariants/invariants.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { Platform } from "../support/systems/platform.ts";

interface Body {
  readonly id: string;
  readonly status: string | number;
  readonly code?: string;
}

const dataDir = process.env.DATA_DIR!;
const env = {
  RATE_LIMIT: "off",
  ORDER_ANSWER_BUDGET: "2500",
  PAYMENT_PROVIDER_TIMEOUT: "500",
  PAYMENT_RECONCILE_AFTER: "500",
  NOTIFICATION_RETRY_DELAY: "100",
};
let platform: Platform;
let productId: string;
let buyer: Client;

const person = async (role: string) =>
  new Client(platform.url, await signAccessToken({ id: newId(), roles: [role], session: newId() }));

beforeAll(async () => {
  platform = await Platform.start({ dataDir, env });
  const price = { amount: 15_000, currency: "KRW" };
  const goods = { name: "Hanji", description: "Mulberry paper.", price, stock: 10_000 };
  productId = (await (await person("admin")).post<Body>("/products", goods)).body.id;
  buyer = await person("customer");
});
afterAll(() => platform.dispose());
afterEach(async () => {
  const { output } = platform;
  expect(await violationsAtRest(dataDir, { output })).toEqual([]);
});

const buy = (key: string = randomUUID()): Promise<Answer<Body>> =>
  buyer.post<Body>("/orders", orderOf(productId), { "idempotency-key": key });

/** Goes on with the same request until it succeeds: the breaker may stay open for a while. */
const insist = (key: string = randomUUID()): Promise<Answer<Body>> =>
  eventually(async () => {
    const answer = await buy(key);
    return answer.status === 201 ? answer : null;
  });

const endOf = (id: string): Promise<string | number> =>
  eventually(async () => {
    const { status } = (await buyer.get<Body>(`/orders/${id}`)).body;
    return status === "pending" ? null : status;
  });

/** A refusal that says what is wrong and when to come again. */
function expectUnavailable({ status, headers, body }: Answer<Body>): void {
  expect(["STORAGE_UNAVAILABLE", "SERVICE_UNAVAILABLE"]).toContain(body.code);
  expect({ status, type: headers.get("content-type") }).toEqual({
    status: 503,
    type: "application/problem+json; charset=utf-8",
  });
  expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
}

/** Another process writes and writes. */
function lock(...names: readonly string[]): () => void {
  const databases = names.map((name) => openDatabase(dataDir, name));
  for (const database of databases) database.exec("begin exclusive");
  return () => {
    for (const database of databases) {
      database.exec("rollback");
      database.close();
    }
  };
}

describe("a locked database", () => {
  it("of orders refuses new orders, answers everything else, and the same request succeeds afterwards", async () => {
    const [before, key, unlock] = [await insist(), randomUUID(), lock("order")];
    const answer = await buy(key);
    expectUnavailable(answer);
    expect(answer.body.code).toBe("STORAGE_UNAVAILABLE");
    expect(await buyer.get(`/orders/${before.body.id}`)).toMatchObject({ status: 200, body: { id: before.body.id } });
    expect(await buyer.get("/products")).toMatchObject({ status: 200 });
    unlock();

    expect(await insist(key)).toMatchObject({ body: { status: "confirmed" } });
    expect((await buyer.get<{ items: object[] }>("/orders")).body.items).toHaveLength(2);
  });

  it("of orders in the middle of an order costs it time only", async () => {
    await insist();
    const written = platform.output.length;
    const buying = buyer.post<Body>("/orders", orderOf(productId, 1, "tok_timeout"));
    await eventually(async () => (await buyer.get<{ items: Body[] }>("/orders?status=pending")).body.items[0]);
    const unlock = lock("order");
    await eventually(() => platform.output.slice(written).includes(" stopped: "));
    unlock();
    const { status, body } = await buying;
    // Whether it ends within its budget is a matter of time; the answer says which.
    expect({ 201: "confirmed", 202: "pending" }).toHaveProperty(String(status), body.status);
    expect(await endOf(body.id)).toBe("confirmed");
  });

  it.each([["product"], ["payment"], ["sandbox-provider"]])(
    "of another service keeps orders waiting: %s",
    async (name) => {
      await insist();
      const unlock = lock(name);
      const answer = await buy();
      expect(answer).toMatchObject({ status: 202, body: { status: "pending" } });
      unlock();
      expect(await endOf(answer.body.id)).toBe("confirmed");
    },
  );
});

describe("a full disk", () => {
  /** No file may grow beyond what the largest is now and a little more: as good as a disk with so much left. */
  async function fillUp(): Promise<void> {
    await platform.end();
    const sizes = readdirSync(dataDir, { recursive: true }).map((file) => statSync(join(dataDir, String(file))).size);
    platform = await Platform.start({ dataDir, port: platform.port, env, largestFile: Math.max(...sizes) + 1_500_000 });
  }

  /** Somebody makes room: what was written ahead moves to where it belongs. */
  function makeRoom(): void {
    for (const file of readdirSync(dataDir).filter((name) => name.endsWith(".db"))) {
      const database = openDatabase(dataDir, file.slice(0, -3));
      database.exec("pragma wal_checkpoint(truncate)");
      database.close();
    }
  }

  it("refuses orders or keeps them waiting, and all goes on when there is room", async () => {
    await fillUp();
    const answers = new Map<string, Answer<Body>>();
    const failed = () => [...answers].filter(([, { status }]) => status !== 201);
    const fill = async () => {
      const key = randomUUID();
      answers.set(key, await buy(key));
    };
    while (failed().length < 5) await Promise.all([fill(), fill(), fill(), fill()]);
    for (const [, answer] of failed()) {
      if (answer.status === 202) expect(answer.body.status).toBe("pending");
      else expectUnavailable(answer);
    }
    makeRoom();

    const settle = async ([key, { body }]: readonly [string, Answer<Body>]) => {
      const again = await insist(key);
      expect(again.body).toMatchObject({ id: body.id ?? again.body.id, status: "confirmed" });
    };
    await Promise.all(failed().map(settle));
    expect(await buy()).toMatchObject({ status: 201 });
  });
});
