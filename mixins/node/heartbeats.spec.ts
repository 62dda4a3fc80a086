import { type BrokerOptions, Discoverers, ServiceBroker } from "moleculer";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import type { Receive } from "#mixins/middlewares/middleware.ts";
import { SimultaneousHeartbeats } from "./heartbeats.ts";

const SECOND = 1000;
const MIDNIGHT = Date.UTC(2026, 0, 1);

/** A node's heartbeats: when it sent them, in milliseconds since midnight, and how busy it said that it was. */
class Node {
  readonly sent: number[] = [];
  readonly busy: number[] = [];
  readonly heartbeats: SimultaneousHeartbeats;

  constructor(heartbeatInterval = 1) {
    this.heartbeats = new SimultaneousHeartbeats({
      heartbeatInterval,
      heartbeatTimeout: 6,
      disableHeartbeatChecks: true,
    });
    Object.assign(this.heartbeats, {
      localNode: {
        updateLocalInfo: async (measure: () => Promise<{ avg: number }>) => void this.busy.push((await measure()).avg),
      },
      transit: { publish: async () => void this.sent.push(Date.now() - MIDNIGHT) },
    });
    this.heartbeats.startHeartbeatTimers();
  }
}

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

describe("heartbeats", () => {
  beforeEach(() => jest.useFakeTimers({ now: MIDNIGHT + 250 }));
  afterEach(() => jest.useRealTimers());

  it("come at the same moment from nodes that started at different ones", async () => {
    const first = new Node();
    await pass(400);
    const second = new Node();
    await pass(3 * SECOND);
    expect(first.sent).toEqual([1000, 2000, 3000]);
    expect(second.sent).toEqual(first.sent);
  });

  it("are never further apart than an interval and a tenth, whatever happens to the clock", async () => {
    const node = new Node();
    let lived = 0;
    const at: number[] = [];
    for (const shift of [0, -10 * SECOND, 3 * SECOND, -30, 30, 499, -501, 990]) {
      jest.setSystemTime(Date.now() + shift);
      for (const end = lived + 2.5 * SECOND; lived < end; lived += 10) {
        const before = node.sent.length;
        await pass(10);
        if (node.sent.length > before) at.push(lived);
      }
    }
    expect(at.length).toBeGreaterThan(15);
    expect(Math.max(...at.slice(1).map((one, index) => one - at[index]!))).toBeLessThanOrEqual(1.1 * SECOND + 10);
  });

  it("are sent once at each moment, although a timer may ring early", async () => {
    const node = new Node();
    await pass(600);
    jest.setSystemTime(Date.now() - 3);
    await pass(3 * SECOND);
    expect(node.sent).toEqual([997, 2000, 3000]);
  });

  it("say how busy the processors were", async () => {
    const node = new Node();
    await pass(2 * SECOND);
    expect(node.busy).toHaveLength(2);
    for (const busy of node.busy) expect(busy >= 0 && busy <= 100).toBe(true);
  });

  it("end when the node stops, and are none where the transporter has its own", async () => {
    const node = new Node();
    const other = new Node(0);
    await pass(SECOND);
    node.heartbeats.stopHeartbeatTimers();
    await pass(3 * SECOND);
    expect(node.sent).toEqual([1000]);
    expect(other.sent).toEqual([]);
  });
});

type Send = (packet: { readonly type: string; readonly target: string | null }) => Promise<unknown>;

describe("a node that missed what another one has become", () => {
  it("asks, since the heartbeats of the other say that something has changed", async () => {
    Discoverers.register("SpecHeartbeats", SimultaneousHeartbeats as never);
    /** Until it asks by itself, it hears no news. */
    let isCutOff = false;
    const brokerOf = (nodeID: string, middlewares: BrokerOptions["middlewares"] = []) =>
      new ServiceBroker({
        nodeID,
        namespace: "heartbeats",
        logger: false,
        transporter: "Fake" as never,
        registry: { discoverer: { type: "SpecHeartbeats" } as never },
        heartbeatInterval: 0.1,
        middlewares,
      });
    const late = brokerOf("late");
    const deaf = brokerOf("deaf", [
      {
        transitPublish: (next: Send): Send => {
          return (packet) => {
            if (packet.type === "DISCOVER" && packet.target === "late") isCutOff = false;
            return next(packet);
          };
        },
        transitMessageHandler: (next: Receive): Receive => {
          return async (cmd, packet) => (isCutOff && cmd === "INFO" ? undefined : next(cmd, packet));
        },
      } as never,
    ]);
    try {
      await Promise.all([late.start(), deaf.start()]);
      await eventually(() => deaf.registry.nodes.get("late"));
      isCutOff = true;
      late.createService({ name: "echo", actions: { ask: () => "answer" } });
      await expect(eventually(() => deaf.call("echo.ask").catch(() => null))).resolves.toBe("answer");
    } finally {
      await Promise.all([late.stop(), deaf.stop()]);
    }
  });
});
