/** Two gateways over one NATS and one Redis: limits and live streams hold across both, and Redis may go at any time. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { startNats, startRedis } from "../../scripts/cluster/servers.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import type { SampleGateway } from "../support/systems/sample-gateway.ts";

const QUOTA = 5;
/** Milliseconds until one of it comes back. */
const INTERVAL = 60_000 / QUOTA;

const folder = process.env.DATA_DIR!;
const nats = await startNats({ folder: join(folder, "nats") });
const redis = await startRedis({ folder: join(folder, "redis") });
Object.assign(process.env, { TRANSPORTER: nats.url, REDIS_URL: redis.url, RATE_LIMIT_USER: String(QUOTA) });
const { bookEvents, startGatewayWith, tokenOf } = await import("../support/systems/sample-gateway.ts");
const { PATIENCE, patient } = await import("../support/systems/redis.ts");
const { redisOf } = await import("#mixins/redis/redis.ts");

let gateways: SampleGateway[];
const opened: AbortController[] = [];

beforeAll(async () => {
  gateways = await Promise.all(["api.here-1", "api.here-2"].map((nodeID) => startGatewayWith({ nodeID })));
  await eventually(async () => (await Promise.all(gateways.map(isHelped))).every(Boolean));
  await eventually(async () => (await Promise.all(gateways.map(health))).every(({ nodes }) => nodes.length === 2));
});

afterAll(async () => {
  for (const { broker } of gateways) await broker.stop();
  await redis.stop();
  await nats.stop();
});

afterEach(() => opened.splice(0).forEach((one) => one.abort()));

const bearer = async (who: string) => ({ authorization: `Bearer ${await tokenOf(who, "customer")}` });

interface Health {
  readonly status: string;
  readonly nodes: readonly unknown[];
  readonly dependencies: readonly { readonly name: string; readonly status: string }[];
}
async function health({ url }: SampleGateway): Promise<Health> {
  return (await (await fetch(`${url}/health`)).json()) as Health;
}
const isHelped = async (gateway: SampleGateway): Promise<boolean> =>
  (await health(gateway)).dependencies.some(({ name, status }) => name === "redis" && status === "ok");

/** So many of these were granted, and those that came back meanwhile. */
function expectGranted(quota: number, { answers, took }: Awaited<ReturnType<typeof ask>>): void {
  const count = answers.filter(({ status }) => status === 200).length;
  expect(count).toBeGreaterThanOrEqual(quota);
  expect(count).toBeLessThanOrEqual(quota + Math.floor((took * quota) / QUOTA / INTERVAL));
}

/** The answers to so many requests of one person, in turn to the one and the other gateway. */
async function ask(who: string, count: number) {
  const headers = await bearer(who);
  const answers = [];
  const began = performance.now();
  for (let index = 0; index < count; index += 1) {
    const answer = await fetch(`${gateways[index % 2]!.url}/api/v1/who`, { headers });
    await answer.arrayBuffer();
    answers.push({ status: answer.status, limits: answer.headers.get("ratelimit")! });
  }
  return { answers, took: performance.now() - began };
}

/** Milliseconds that each request took while `happen` ran, and their statuses. */
async function meanwhile(happen: () => Promise<unknown>) {
  const took: number[] = [];
  const statuses = new Set<number>();
  const end = new AbortController();
  const client = async ({ url }: SampleGateway, index: number) => {
    for (let turn = 0; !end.signal.aborted; turn += 1) {
      const headers = await bearer(`steady-${index}-${turn}`);
      const began = performance.now();
      const answer = await fetch(`${url}/api/v1/who`, { headers });
      await answer.arrayBuffer();
      took.push(performance.now() - began);
      statuses.add(answer.status);
      await sleep(2);
    }
  };
  const clients = gateways.map(client);
  await happen().finally(() => end.abort());
  await Promise.all(clients);
  return { worst: Math.max(...took), statuses: [...statuses] };
}

async function open(gateway: SampleGateway, who: string, headers: Record<string, string> = {}) {
  const controller = new AbortController();
  opened.push(controller);
  const answer = await fetch(`${gateway.url}/api/v1/books/1/events`, {
    signal: controller.signal,
    headers: { ...(await bearer(who)), ...headers },
  });
  let text = "";
  const read = async () => {
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) text += chunk;
  };
  void read().catch(() => {});
  return { status: answer.status, text: () => text, close: () => controller.abort() };
}

describe("two gateways", () => {
  let undo: (() => void)[];
  beforeAll(() => {
    undo = gateways.map(({ broker }) => patient(redisOf(broker, redis.url)!));
  });
  afterAll(() => undo.forEach((one) => one()));

  it("grant a person one quota, and tell what is left of it", async () => {
    const asked = await ask("ann", QUOTA + 6);
    expectGranted(QUOTA, asked);
    expect(asked.answers[1]!.limits).toContain(`"user";r=${QUOTA - 2};`);
  });

  it("count an address that guesses once for both", async () => {
    const statuses = [];
    for (const { url } of [...gateways, ...gateways]) statuses.push((await fetch(`${url}/api/v1/rare`)).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });

  it("count the live streams of a person together", async () => {
    const [one, other] = gateways as [SampleGateway, SampleGateway];
    const first = await open(one, "bea");
    expect((await open(other, "bea")).status).toBe(200);
    expect([(await open(one, "bea")).status, (await open(other, "bea")).status]).toEqual([429, 429]);
    first.close();
    await eventually(async () => (await open(other, "bea")).status === 200);
  });

  it("wake a stream on either, and let it go on at the other", async () => {
    const [one, other] = gateways as [SampleGateway, SampleGateway];
    bookEvents.push({ id: "1", event: "book.read", data: 1 });
    const stream = await open(other, "cat");
    await eventually(() => stream.text().includes("id: 1\n"));
    bookEvents.push({ id: "2", event: "book.read", data: 2 });
    await one.broker.broadcast("live.changed", { subjects: ["book:1"] });
    await eventually(() => stream.text().includes("id: 2\n"));
    const resumed = await open(one, "cat", { "last-event-id": "1" });
    await eventually(() => resumed.text().includes("id: 2\n"));
    expect(resumed.text()).not.toContain("id: 1\n");
  });
});

describe("two gateways whose Redis", () => {
  let connections: Redis[];
  let undo: (() => void)[];
  beforeEach(() => {
    connections = gateways.map(({ broker }) => redisOf(broker, redis.url)!);
    // A request that waits for a time limit of Redis waits for a minute now, which no busy machine takes.
    undo = connections.map(patient);
  });
  afterEach(() => undo.forEach((one) => one()));

  const isMissed = async () => (await Promise.all(gateways.map(isHelped))).every((one) => !one);
  const isBack = async () => (await Promise.all(gateways.map(isHelped))).every(Boolean);

  it("is killed go on, say so, limit by themselves, and share again when it is back", async () => {
    const { worst, statuses } = await meanwhile(async () => {
      redis.kill("SIGKILL");
      await eventually(isMissed);
      expect((await health(gateways[0]!)).status).toBe("degraded");
      expectGranted(2 * QUOTA, await ask("dan", 2 * QUOTA + 6));
      expect([(await open(gateways[0]!, "dan")).status, (await open(gateways[1]!, "dan")).status]).toEqual([429, 429]);
      await redis.restart();
      await eventually(isBack);
      expect((await health(gateways[0]!)).status).toBe("ok");
      expectGranted(QUOTA, await ask("eve", QUOTA + 6));
    });
    expect(statuses).toEqual([200]);
    expect(worst).toBeLessThan(PATIENCE / 2);
  });

  it("is frozen make nobody wait for longer than one command, whose time is short", async () => {
    for (const { options } of connections) options.commandTimeout = 100;
    redis.kill("SIGSTOP");
    try {
      for (const [index, connection] of connections.entries()) {
        const sent = jest.spyOn(connection, "sendCommand");
        const { answers } = await ask(`fay-${index}`, 2);
        expect(answers.map(({ status }) => status)).toEqual([200, 200]);
        expect(sent.mock.calls).toHaveLength(1);
      }
    } finally {
      redis.kill("SIGCONT");
    }
  });

  it("is frozen count it as lost after a silence, and make nobody wait any more", async () => {
    for (const { options } of connections) options.socketTimeout = 250;
    const { worst, statuses } = await meanwhile(async () => {
      redis.kill("SIGSTOP");
      await eventually(isMissed);
      expect((await ask("gus", 2)).answers.map(({ status }) => status)).toEqual([200, 200]);
      redis.kill("SIGCONT");
      await eventually(isBack);
    }).finally(() => redis.kill("SIGCONT"));
    expect(statuses).toEqual([200]);
    expect(worst).toBeLessThan(PATIENCE / 2);
  });
});
