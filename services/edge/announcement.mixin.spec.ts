/** When an edge tells how its requests end: from time to time, at once in a burst of failures, and before it stops. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { Clock, endsWithin } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import type { Announcement } from "./announcement.mixin.ts";

const told: { requests: number; failures: number; leaving: boolean }[] = [];
let isAway = false;
const playback: ServiceSchema = {
  name: "playback",
  version: 1,
  actions: {
    saveEdge: {
      auth: "service",
      handler({ params }: { params: (typeof told)[number] }) {
        if (isAway) throw new Error("away");
        told.push(params);
      },
    } as never,
  },
};

let broker: ServiceBroker;
let announcement: Announcement;
let clock: Clock;

beforeEach(async () => {
  told.length = 0;
  isAway = false;
  const { announcement: mixin } = await import("./announcement.mixin.ts");
  const edge = { name: "edge", version: 1, mixins: [mixin() as never] };
  broker = await startBroker([playback, edge], { nodeID: `edge_1.${"x".repeat(70)}` });
  clock = new Clock();
  clock.stop();
  ({ announcement } = broker.getLocalService("v1.edge") as Service & { announcement: Announcement });
});
afterEach(async () => {
  jest.restoreAllMocks();
  await broker.stop();
});

const heard = (all = told.splice(0)) => all.map(({ requests, failures, leaving }) => [requests, failures, leaving]);
/** What is told next. */
async function next() {
  await eventually(() => told.length > 0);
  return heard();
}
/** The clock stands, so what is not told by now does not begin by itself. */
async function soon() {
  await sleep(30);
  return heard();
}
const fail = (times: number) => Array.from({ length: times }, () => announcement.count(true));

it("has a name that a playlist can carry", () => {
  expect(announcement.id).toBe(`edge-1-${"x".repeat(56)}`);
});

it("tells nothing before it knows its address, and then that it is there", async () => {
  fail(5);
  await announcement.leave();
  expect(await soon()).toEqual([]);
  announcement.begin("http://edge.example");
  expect(await next()).toEqual([[5, 5, false]]);
});

describe("an edge that is there", () => {
  beforeEach(async () => {
    announcement.begin("http://edge.example");
    expect(await next()).toEqual([[0, 0, false]]);
  });

  it("tells every two seconds, and each request once", async () => {
    for (let count = 0; count < 10; count += 1) announcement.count(false);
    fail(2);
    clock.advance(1999);
    expect(await soon()).toEqual([]);
    clock.advance(1);
    expect(await next()).toEqual([[12, 2, false]]);
    clock.advance(2000);
    expect(await next()).toEqual([[0, 0, false]]);
  });

  it("tells the third failure at once", async () => {
    clock.advance(300);
    fail(2);
    expect(await soon()).toEqual([]);
    fail(1);
    // Before the next word would be due.
    const burst = next();
    expect([await endsWithin(1500, burst), await burst]).toEqual([true, [[3, 3, false]]]);
    fail(3);
    clock.advance(300);
    expect(await next()).toEqual([[3, 3, false]]);
  });

  it("tells the next time what nobody heard", async () => {
    clock.advance(300);
    isAway = true;
    fail(3);
    expect(await soon()).toEqual([]);
    isAway = false;
    fail(1);
    clock.advance(300);
    expect(await next()).toEqual([[4, 4, false]]);
  });

  it("tells once that it leaves, and nothing afterwards", async () => {
    announcement.count(false);
    await announcement.leave();
    await announcement.leave();
    fail(3);
    clock.advance(2000);
    expect(await next()).toEqual([[1, 0, true]]);
  });
});
