/**
 * Ten thousand orders over each bus, whose server is killed five times meanwhile: none of their events is lost, and none takes
 * effect twice.
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { ACCESS_TOKEN_TTL } from "#mixins/node/tokens.ts";
import { type Basket, Buyer } from "../support/actors/buyer.ts";
import { Client } from "../support/actors/client.ts";
import { eventually, eventuallyNone } from "../support/fixtures/eventually.ts";
import { Random } from "../support/fixtures/random.ts";
import { openDatabase, violationsAtRest } from "../support/invariants/invariants.ts";
import { busServers } from "../support/systems/bus-servers.ts";
import { isHere } from "../support/systems/is-here.ts";
import { Platform } from "../support/systems/platform.ts";

jest.setTimeout(3_600_000);

const ORDERS = 10_000;
const KILLS = 5;
/** Orders that are placed while the server is away. */
const AWAY = 50;
const BUYERS = 32;
/** Milliseconds in which something must go on: a server that was killed has much to read when it starts again. */
const PATIENCE = 600_000;

const env = {
  RATE_LIMIT: "off",
  USER_SIGN_UP_VERIFIED: "on",
  NOTIFICATION_RATE: "0",
  ORDER_ANSWER_BUDGET: "50000",
  // The sample film would take a processor.
  CONTENT_ENCODERS: "0",
};

async function openShop(busUrl: string) {
  const platform = await Platform.start({ env: { ...env, BUS_URL: busUrl } });
  const client = new Client(platform.url);
  const admin = await client.as((await platform.accounts()).find(({ role }) => role === "admin")!);
  const price = { amount: 12_300, currency: "KRW" };
  const product = { name: "Soban", description: "A small table.", price, stock: 1_000_000 };
  const { body } = await admin.post<{ id: string }>("/products", product);
  const random = new Random(1);
  const buyers = Array.from({ length: BUYERS }, async () => {
    const account = { email: `${randomUUID()}@example.test`, password: randomUUID() };
    await eventually(async () => (await client.post("/users", { ...account, name: "Buyer" })).status === 201);
    return new Buyer(() => client.as(account), random.fork(), 1);
  });
  return { platform, basket: { plenty: [body.id], scarce: body.id }, buyers: await Promise.all(buyers) };
}

/** One purchase after the other, with a token that is renewed in time: a busy machine needs longer than one is good for. */
function purchasesOf(buyer: Buyer, basket: Basket): () => Promise<void> {
  let until = 0;
  return async () => {
    if (performance.now() > until) {
      until = performance.now() + (ACCESS_TOKEN_TTL * 1000) / 2;
      await buyer.signIn();
    }
    await buyer.buy(basket);
  };
}

/** How many rows of a table of one service there are. */
function count(platform: Platform, service: string, rows: string): number {
  const database = openDatabase(platform.dataDir, service);
  try {
    return (database.prepare(`select count(*) as count from ${rows}`).get() as { count: number }).count;
  } finally {
    database.close();
  }
}

async function survive(bus: keyof typeof busServers): Promise<void> {
  const began = performance.now();
  const server = await busServers[bus].start({ folder: join(process.env.DATA_DIR!, bus) });
  const { platform, basket, buyers } = await openShop(server.url);
  try {
    let begun = 0;
    const complaints = () => buyers.flatMap((buyer) => buyer.complaints);
    const purchases = buyers.map((buyer) => purchasesOf(buyer, basket));
    const buyUntil = (most: number) =>
      Promise.all(
        purchases.map(async (buy) => {
          while (begun < most && complaints().length === 0) {
            begun += 1;
            await buy();
          }
        }),
      );
    let restarting: Promise<void> | undefined;
    for (let kill = 1; kill <= KILLS && complaints().length === 0; kill += 1) {
      // However long the server takes to start again, it is there when it is killed.
      await Promise.all([buyUntil((kill * ORDERS) / (KILLS + 1)), restarting]);
      const most = begun + 2 * AWAY;
      const buying = buyUntil(most);
      await eventuallyNone(() => (complaints().length > 0 ? 0 : Math.max(most - AWAY - begun, 0)), PATIENCE);
      process.stdout.write(`${bus}: kill ${kill} at ${begun} orders\n`);
      server.kill("SIGKILL");
      await buying;
      restarting = server.restart();
    }
    await Promise.all([buyUntil(ORDERS), restarting]);
    expect(complaints()).toEqual([]);
    const confirmed = new Map(buyers.flatMap((buyer) => [...buyer.acknowledged]));
    expect([confirmed.size, [...new Set([...confirmed.values()].flat())]]).toEqual([ORDERS, ["confirmed"]]);
    const told = "deliveries where channel = 'email' and template = 'order-confirmed'";
    await eventuallyNone(() => Math.max(ORDERS - count(platform, "notification", told), 0), PATIENCE);
    await eventuallyNone(() => count(platform, "notification", "deliveries where status = 'queued'"), PATIENCE);
    expect(await violationsAtRest(platform.dataDir, { acknowledged: confirmed })).toEqual([]);
    expect(count(platform, "order", "outbox where type = 'order.confirmed'")).toBe(ORDERS);
    expect(count(platform, "notification", told)).toBe(ORDERS);
    const seconds = Math.round((performance.now() - began) / 1000);
    process.stdout.write(`${bus}: ${ORDERS} orders, ${KILLS} kills, nothing lost, nothing twice, ${seconds} s\n`);
  } catch (error) {
    process.stdout.write(`${platform.output}\n`);
    throw error;
  } finally {
    await platform.dispose();
    await server.stop();
  }
}

describe(`${ORDERS} orders, and ${KILLS} kills of the server, over`, () => {
  for (const [bus, { find }] of Object.entries(busServers))
    if (isHere(find)) it(bus, () => survive(bus as keyof typeof busServers));
});
