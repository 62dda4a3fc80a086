/** Live streams counted by two gateways over one Redis, one of which may crash. */
import { join } from "node:path";
import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { startRedis } from "../../scripts/cluster/servers.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { patientRedis } from "../../test/support/systems/redis.ts";
import { type Hold, Holders } from "./holders.ts";

/** Milliseconds: longer than any of this takes. Specs let it pass by hand. */
const LIFETIME = 600_000;

const server = await startRedis({ folder: join(process.env.DATA_DIR!, "redis") });
const brokers: ServiceBroker[] = [];
const clients: Redis[] = [];

async function gateway(): Promise<Holders> {
  const broker = await startBroker([], { nodeID: `api.here-${brokers.length}` });
  brokers.push(broker);
  const redis = await patientRedis(broker, server.url);
  clients.push(redis);
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

/** Redis's clock is its own, so the streams grow older instead. */
async function letPass(milliseconds: number, holder: string): Promise<void> {
  const key = `madang:streams:${holder}`;
  for (const id of await clients[0]!.zrange(key, 0, -1)) await clients[0]!.zincrby(key, -milliseconds, id);
}

const areReady = () => eventually(() => clients.every(({ status }) => status === "ready"));

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
    await letPass(LIFETIME / 2, "dan");
    expect(await isRefused(one.hold("dan"))).toBe(true);
    await letPass(LIFETIME / 2, "dan");
    expect(await isRefused(one.hold("dan"))).toBe(false);
  });

  it("go on counting while they are renewed, even when Redis lost them", async () => {
    const held = [await other.hold("eve"), await other.hold("eve")];
    const renew = async () => {
      for (const hold of held) hold.renew();
      // What is sent after it is answered after it.
      await clients[1]!.ping();
    };
    for (let halves = 0; halves < 4; halves += 1) {
      await renew();
      await letPass(LIFETIME / 2, "eve");
      expect(await isRefused(one.hold("eve"))).toBe(true);
    }
    await server.restart();
    await areReady();
    await renew();
    expect(await isRefused(one.hold("eve"))).toBe(true);
  });

  it("are counted by each gateway itself while Redis is away", async () => {
    await server.stop();
    await eventually(() => clients.every(({ status }) => status !== "ready"));
    await one.hold("fay");
    await one.hold("fay");
    expect(await isRefused(one.hold("fay"))).toBe(true);
    expect(await isRefused(other.hold("fay"))).toBe(false);
    await server.restart();
  });
});
