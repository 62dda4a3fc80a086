/** The whole platform with Redis as its bus: orders reach their customers, also those that were placed while Redis was dead. */
import { Client, orderOf } from "../support/actors/client.ts";
import { mailsTo } from "../support/actors/mailbox.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { violationsAtRest } from "../support/invariants/invariants.ts";
import { Platform } from "../support/systems/platform.ts";
import { startRedisBus } from "../support/systems/redis-bus.ts";

let redis: Awaited<ReturnType<typeof startRedisBus>>;
let platform: Platform;
beforeAll(async () => {
  redis = await startRedisBus();
  platform = await Platform.start({ env: { BUS_URL: redis.url } });
});
afterAll(async () => {
  await platform.dispose();
  await redis.stop();
});

it("tells of every order, before, while and after Redis is dead", async () => {
  const account = (await platform.accounts()).find(({ role }) => role === "customer")!;
  const customer = await new Client(platform.url).as(account);
  const { body } = await customer.get<{ items: { id: string }[] }>("/products?inStock=true&limit=1");
  const order = async () => {
    const placed = await customer.post<{ id: string; status: string }>("/orders", orderOf(body.items[0]!.id));
    expect(placed).toMatchObject({ status: 201, body: { status: "confirmed" } });
    return placed.body.id;
  };
  const told = (id: string) =>
    eventually(() => mailsTo(platform.dataDir, account.email).some((mail) => mail.text.includes(id)));
  await told(await order());
  redis.kill("SIGKILL");
  await redis.stop();
  const meanwhile = await order();
  await redis.restart();
  await told(meanwhile);
  await told(await order());
  expect(await violationsAtRest(platform.dataDir)).toEqual([]);
});
