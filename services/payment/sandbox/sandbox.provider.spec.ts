/**
 * The sandbox as a provider of its own, within the process and over HTTP: its books, its keys, its news.
 * @databases sqlite: the provider keeps its books in a file of its own
 */
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import type { Service } from "moleculer";
import { newId } from "#core/id.ts";
import { eventually } from "../../../test/support/fixtures/eventually.ts";
import { Clock } from "../../../test/support/fixtures/clock.ts";
import { DELAY, won } from "../../../test/support/systems/payment-service.ts";
import type { ProviderWithLedger, Webhook } from "../payment.provider.ts";
import type { ChargeRow, LedgerTables } from "./sandbox.repository.ts";

// Longer than it takes to ask again meanwhile.
process.env.PAYMENT_SANDBOX_LATE_ANSWER = "3000";

const logger = { warn() {} } as unknown as Service["logger"];
const received: { id: string; type: string; charge: { reference: string } }[] = [];
let answering = true;
let sandbox: ProviderWithLedger;

const deliver = (webhook: Webhook) => {
  if (!answering) return Promise.reject(new Error("away"));
  sandbox.parseWebhook(webhook);
  received.push(JSON.parse(webhook.body) as (typeof received)[number]);
  return Promise.resolve();
};
const inProcess = async () => (await import("./sandbox.provider.ts")).SandboxProvider.open(logger, deliver);

/** Where the sandbox brings its webhooks. */
let receiver: Server;
const receive = async (): Promise<URL> => {
  receiver = createServer((req, res) => {
    const acknowledge = async () =>
      deliver({ provider: "sandbox", headers: req.headers as never, body: await text(req) });
    acknowledge().then(
      () => res.end(),
      () => res.writeHead(503).end(),
    );
  }).listen(0, "127.0.0.1");
  await eventually(() => receiver.listening);
  return new URL(`http://127.0.0.1:${(receiver.address() as { port: number }).port}`);
};

/** The client's own, with a server behind it that ends with it. */
async function overHttp(): Promise<ProviderWithLedger> {
  const [{ SandboxProvider }, { SandboxServer, webhooksTo }, { sandboxClient }, { apiKey }] = await Promise.all([
    import("./sandbox.provider.ts"),
    import("./sandbox.server.ts"),
    import("./sandbox.client.ts"),
    import("./sandbox.webhook.ts"),
  ]);
  // Nobody listens at the first address: the second gets what it does not take.
  const provider = await SandboxProvider.open(logger, webhooksTo([new URL("http://127.0.0.1:1"), await receive()]));
  const server = new SandboxServer(provider, apiKey());
  const client = sandboxClient(`http://127.0.0.1:${await server.listen(0, "127.0.0.1")}`);
  const end = client.close.bind(client);
  client.close = async () => {
    await end();
    await server.close();
    await provider.close();
    receiver.close();
  };
  return client;
}

const authorize = (token: string, reference = newId(), key = newId()) =>
  sandbox.authorize({ key, reference, amount: won(5000), token });
const charge = (id: string, reference: string): Omit<ChargeRow, "at_once" | "lost"> => ({
  id,
  reference,
  token: "tok_success",
  currency: "KRW",
  amount: 5000,
  authorized: 5000,
  captured: 5000,
  refunded: 0,
  status: "captured",
  reason: null,
  settles_at: null,
});
const newsOf = (reference: string) => received.filter(({ charge }) => charge.reference === reference);

describe.each([
  ["in process", inProcess],
  ["over HTTP", overHttp],
])("%s", (_, open) => {
  let clock: Clock;
  beforeAll(async () => {
    sandbox = await open();
  });
  beforeEach(() => {
    clock = new Clock();
  });
  afterEach(() => jest.restoreAllMocks());
  afterAll(() => sandbox.close());

  describe("authorize", () => {
    it.each([
      ["tok_success", { status: "authorized", authorized: 5000, reason: null }],
      ["tok_duplicate_webhook", { status: "authorized", authorized: 5000 }],
      ["tok_declined", { status: "declined", authorized: 0, reason: "card_declined" }],
      ["tok_insufficient_funds", { status: "declined", reason: "insufficient_funds" }],
      ["tok_delayed", { status: "processing", authorized: 0 }],
      ["tok_nonsense", { status: "declined", reason: "unknown_token" }],
    ])("%s", async (token, expected) => {
      expect(await authorize(token)).toMatchObject(expected);
    });

    it("tok_3ds sends the customer to a page, and goes on when they come back", async () => {
      const charge = await authorize("tok_3ds");
      expect(charge).toMatchObject({ status: "requires_action", actionUrl: expect.stringContaining(charge.id) });
      expect(await sandbox.confirm({ key: newId(), charge: charge.id })).toMatchObject({
        status: "authorized",
        actionUrl: null,
      });
      await eventually(() => newsOf(charge.reference).length === 1);
    });

    it("tok_timeout takes effect at once, answers late, and answers at once when asked again", async () => {
      const [reference, key] = [newId(), newId()];
      const story: string[] = [];
      const first = authorize("tok_timeout", reference, key).then(() => story.push("first"));
      await eventually(() => sandbox.retrieve({ reference }));
      expect(await authorize("tok_timeout", reference, key)).toMatchObject({ status: "authorized" });
      story.push("again");
      await first;
      expect(story).toEqual(["again", "first"]);
    });
  });

  describe("keys", () => {
    it("charge once however often and however close together they ask", async () => {
      const [reference, key] = [newId(), newId()];
      const answers = await Promise.all(Array.from({ length: 10 }, () => authorize("tok_success", reference, key)));
      expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
      expect((await sandbox.ledger({ reference, limit: 10 })).items).toHaveLength(1);
    });

    it("are refused for another request", async () => {
      const key = newId();
      await authorize("tok_success", newId(), key);
      await expect(authorize("tok_success", newId(), key)).rejects.toThrow("key_reused");
    });
  });

  describe("a reference", () => {
    it("is charged once: asked under another key, the charge is answered as it stands", async () => {
      const reference = newId();
      const { id: charge } = await authorize("tok_success", reference);
      await sandbox.capture({ key: newId(), charge });
      const again = { id: charge, status: "captured", captured: 5000 };
      expect(await authorize("tok_success", reference)).toMatchObject(again);
      expect((await sandbox.ledger({ reference, limit: 10 })).items).toHaveLength(1);
    });

    it("is refused for another token or amount", async () => {
      const reference = newId();
      await authorize("tok_success", reference);
      await expect(authorize("tok_timeout", reference)).rejects.toThrow("reference_used");
      const more = { key: newId(), reference, amount: won(6000), token: "tok_success" };
      await expect(sandbox.authorize(more)).rejects.toThrow("reference_used");
    });
  });

  describe("capture, cancel, refund", () => {
    it("take and give back, and never more than there is", async () => {
      const { id: charge } = await authorize("tok_success");
      expect(await sandbox.capture({ key: newId(), charge })).toMatchObject({ status: "captured", captured: 5000 });
      await expect(sandbox.capture({ key: newId(), charge })).rejects.toThrow("charge_captured");
      await expect(sandbox.cancel({ key: newId(), charge })).rejects.toThrow("charge_captured");
      const key = newId();
      for (const _ of [1, 2])
        expect(await sandbox.refund({ key, charge, amount: 3000 })).toMatchObject({ refunded: 3000 });
      await expect(sandbox.refund({ key: newId(), charge, amount: 3000 })).rejects.toThrow("refund_exceeds_captured");
    });

    it("do not capture what was given up", async () => {
      const { id: charge } = await authorize("tok_success");
      expect(await sandbox.cancel({ key: newId(), charge })).toMatchObject({ status: "voided", authorized: 0 });
      await expect(sandbox.capture({ key: newId(), charge })).rejects.toThrow("charge_voided");
    });
  });

  describe("news", () => {
    it("is brought once for tok_delayed, twice the same for tok_duplicate_webhook, never for tok_success", async () => {
      const [delayed, twice, plain] = [newId(), newId(), newId()];
      await authorize("tok_delayed", delayed);
      await authorize("tok_duplicate_webhook", twice);
      await authorize("tok_success", plain);
      clock.advance(DELAY);
      await eventually(() => newsOf(delayed).length === 1 && newsOf(twice).length === 2);
      expect(new Set(newsOf(twice).map(({ id }) => id)).size).toBe(1);
      expect(newsOf(delayed)).toMatchObject([{ type: "charge.authorized" }]);
      expect(newsOf(plain)).toEqual([]);
    });

    it("outlives a receiver that is away and a provider that stops", async () => {
      const reference = newId();
      answering = false;
      await authorize("tok_duplicate_webhook", reference);
      await sandbox.close();
      answering = true;
      sandbox = await open();
      await eventually(() => newsOf(reference).length === 2);
    });

    it("is not sent of a delayed charge that was cancelled before", async () => {
      const { id: charge, reference } = await authorize("tok_delayed");
      await sandbox.cancel({ key: newId(), charge });
      const later = await authorize("tok_delayed");
      clock.advance(DELAY);
      await eventually(() => newsOf(later.reference).length === 1);
      expect(await sandbox.retrieve({ reference })).toMatchObject({ status: "voided" });
      expect(newsOf(reference)).toEqual([]);
    });
  });
});

describe("books of an older sandbox", () => {
  it("keep what was charged twice, the later charge under a name of its own, and then charge once", async () => {
    const { SqliteDatabase } = await import("#mixins/database/sqlite/database.ts");
    const first = await import("./migrations/0001_ledger.ts");
    const second = await import("./migrations/0002_one_charge_per_reference.ts");
    const db = new SqliteDatabase<LedgerTables>(join(process.env.DATA_DIR!, "old-sandbox.db"));
    await db.migrate({ "0001_ledger": first });
    const insert = (id: string) =>
      db.write(({ query }) =>
        query
          .insertInto("charges")
          .values(charge(id, "x") as ChargeRow)
          .execute(),
      );
    await insert("a");
    await insert("b");
    await db.migrate({ "0001_ledger": first, "0002_one_charge_per_reference": second });
    const rows = await db.query.selectFrom("charges").select(["id", "reference"]).orderBy("id").execute();
    expect(rows).toEqual([
      { id: "a", reference: "x" },
      { id: "b", reference: "x#b" },
    ]);
    await expect(insert("c")).rejects.toThrow(/UNIQUE/);
    await db.close();
  });
});
