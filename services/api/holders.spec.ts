/** Live streams counted by two gateways over one Redis, one of which may crash. */
import { join } from "node:path";
import type { ServiceBroker } from "moleculer";
import { redisOf } from "#mixins/redis/redis.ts";
import { startRedis } from "../../scripts/cluster/servers.ts";
import { startBroker } from "../../test/support/broker.ts";
import { eventually } from "../../test/support/notebook.ts";
import { type Hold, Holders } from "./holders.ts";

const LIFETIME = 300;

const server = await startRedis({ folder: join(process.env.DATA_DIR!, "redis") });
const brokers: ServiceBroker[] = [];

async function gateway(): Promise<Holders> {
  const broker = await startBroker([], { nodeID: `api.here-${brokers.length}` });
  brokers.push(broker);
  const redis = redisOf(broker, server.url)!;
  await eventually(() => redis.status === "ready");
  return new Holders(redis, { most: 2, lifetime: LIFETIME });
}

let one: Holders;
let other: Holders;

beforeAll(async () => {
  one = await gateway();
  other = await gateway();
});
afterAll(async () => {
  for (const broker of brokers) await broker.stop();
  await server.stop();
});

const isRefused = (hold: Promise<Hold>): Promise<boolean> =>
  hold.then(
    (held) => (held.release(), false),
    (error: { type?: string }) => error.type === "RATE_LIMITED",
  );

describe("the streams of one holder", () => {
  it("are counted in all gateways, and free again when they end", async () => {
    const first = await one.hold("ann");
    await other.hold("ann");
    expect([await isRefused(one.hold("ann")), await isRefused(other.hold("ann"))]).toEqual([true, true]);
    expect(await isRefused(one.hold("bob"))).toBe(false);
    first.release();
    await eventually(async () => !(await isRefused(other.hold("ann"))));
  });

  it("are granted exactly as many as allowed when all ask at once", async () => {
    const asked = Array.from({ length: 20 }, (_, index) => (index % 2 ? one : other).hold("cat"));
    const answers = await Promise.allSettled(asked);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(2);
  });

  it("are free again when nobody renews them, as after a crash", async () => {
    await other.hold("dan");
    await other.hold("dan");
    expect(await isRefused(one.hold("dan"))).toBe(true);
    await eventually(async () => !(await isRefused(one.hold("dan"))));
  });

  it("go on counting while they are renewed, even when Redis lost them", async () => {
    const held = [await other.hold("eve"), await other.hold("eve")];
    const renewal = setInterval(() => held.forEach((hold) => hold.renew()), LIFETIME / 5);
    const began = performance.now();
    while (performance.now() - began < 2 * LIFETIME) expect(await isRefused(one.hold("eve"))).toBe(true);
    await server.restart();
    await eventually(() => brokers.every((broker) => redisOf(broker, server.url)!.status === "ready"));
    await eventually(() => isRefused(one.hold("eve")));
    clearInterval(renewal);
  });

  it("are counted by each gateway itself while Redis is away", async () => {
    await server.stop();
    await one.hold("fay");
    await one.hold("fay");
    expect(await isRefused(one.hold("fay"))).toBe(true);
    expect(await isRefused(other.hold("fay"))).toBe(false);
    await server.restart();
  });
});
