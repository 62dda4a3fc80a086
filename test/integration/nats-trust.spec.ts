/** With the NATS password of one service, and everything that can be known, an evil node speaks to honest ones. */
import { type Context, ServiceBroker } from "moleculer";
import { GuardedNats } from "#mixins/node/nats.transporter.ts";
import { breakers, breakersOf } from "#mixins/middlewares/breaker.middleware.ts";
import { keepStreams } from "#mixins/bus/nats/deployment.ts";
import { ownerOf, streamPlans } from "#mixins/bus/nats/plan.ts";
import { nodeUses } from "#mixins/node/revocations.ts";
import { NatsUsers } from "../support/systems/nats-users.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { contracts, serviceNames } from "../support/fixtures/source.ts";

interface Registry {
  readonly nodes: {
    get(id: string): { readonly available: boolean; readonly metadata?: { readonly mark?: number } } | undefined;
    toArray(): readonly { readonly id: string }[];
  };
}
interface Transit {
  readonly pendingRequests: ReadonlyMap<string, object>;
}

const FLOOD = 3000;
const plans = streamPlans([...contracts.values()]);
const idOf = (service: string): string => `${service}.honest`;
const registryOf = (broker: ServiceBroker): Registry => broker.registry as unknown as Registry;
const isHonest = (id: string): boolean => serviceNames.map(idOf).includes(id);
const others = (service: string): string[] => serviceNames.filter((one) => one !== service);

let server: NatsUsers;
let heard: { readonly by: string; readonly event: string; readonly from: string }[] = [];
let release = Promise.withResolvers<void>();
const honest = new Map<string, ServiceBroker>();
const stop = new AbortController();
let kept: Promise<void>;

function honestNode(service: string): ServiceBroker {
  const transporter = new GuardedNats({ ...server.options(service), sender: service });
  const nodeID = idOf(service);
  const middlewares = [breakers()];
  // As in production: silence is judged elsewhere, and the evil ones are silent.
  const registry = { discoverer: { type: "Local", options: { disableHeartbeatChecks: true } } } as never;
  const broker = new ServiceBroker({ nodeID, transporter: transporter as never, registry, middlewares, logger: false });
  broker.createService({
    name: service,
    version: 1,
    actions: {
      ask: () => nodeID,
      wait: () => release.promise.then(() => nodeID),
    },
    events: {
      "**"({ eventName, nodeID: from }: Context) {
        if (from !== nodeID) heard.push({ by: nodeID, event: eventName!, from: from! });
      },
    },
  });
  return broker;
}

const ask = (broker: ServiceBroker, service: string, action = "ask") => broker.call<string>(`v1.${service}.${action}`);
const nodesOf = (broker: ServiceBroker, action: string): string[] =>
  (broker.registry.getActionEndpoints(action) as unknown as { endpoints: { id: string }[] } | undefined)?.endpoints.map(
    ({ id }) => id,
  ) ?? [];

beforeAll(async () => {
  server = await NatsUsers.start();
  for (const service of serviceNames) honest.set(service, honestNode(service));
  const made = Promise.withResolvers<void>();
  const tell = (error: Error | null) => (error ? made.reject(error) : made.resolve());
  kept = keepStreams(server.nats.urlFor("streams"), plans, tell, stop.signal);
  await Promise.all([made.promise, ...[...honest.values()].map((broker) => broker.start())]);
  const names = serviceNames.map((name) => ({ name, version: 1 }));
  await Promise.all([...honest.values()].map((broker) => broker.waitForServices(names)));
});
afterAll(async () => {
  stop.abort();
  await Promise.all([kept, ...[...honest.values()].map((broker) => broker.stop())]);
  await server.dispose();
});

/** One who knows the password of `service`, and speaks Moleculer's protocol by hand. */
function evilOf(service: string) {
  const own = `${service}.evil`;
  let mark = 0;
  const say = (command: string, payload: object, to?: string, from = service) =>
    server.mayPublish(
      service,
      `MOL.${from}.${command}${to ? `.${to}` : ""}`,
      JSON.stringify({ ver: "5", sender: own, ...payload }),
    );
  const info = (services: unknown, rest: object = {}) =>
    say("INFO", { services, seq: ++mark, instanceID: "evil", config: {}, metadata: { mark }, ...rest });
  return {
    own,
    say,
    info,
    /** Resolves when every honest node has read everything that was said before: packets of a connection stay in order. */
    async isHeard() {
      await info([]);
      const isRead = (broker: ServiceBroker) => registryOf(broker).nodes.get(own)?.metadata?.mark === mark;
      await eventually(() => [...honest.values()].every(isRead), 60_000);
    },
  };
}

const announced = (name: string, fullName: string, action: string, group?: string) => ({
  name,
  fullName,
  version: 1,
  settings: {},
  metadata: {},
  actions: { [action]: { name: action, rawName: "ask" } },
  events: group ? { "order.*": { name: "order.*", group } } : {},
});

/** The services that one may ask. */
const asked = (one: string): readonly string[] =>
  contracts.get(one)?.gateway ? serviceNames : [...nodeUses, ...(contracts.get(one)?.uses ?? [])].map(ownerOf);

/** Two other services, of which the first asks the second. */
function pairWithout(service: string): readonly [string, string] {
  const pairs = others(service).flatMap((one) => asked(one).map((other) => [one, other] as const));
  return pairs.find((pair) => pair[0] !== pair[1] && pair[1] !== service)!;
}

it("honest nodes hear nothing of each other's breakers, and take nobody who tells of them for a liar", async () => {
  const [teller, ...others] = [...honest.values()];
  const told: unknown[] = [];
  for (const { transit } of others) {
    const { tx } = transit as unknown as { tx: { logger: { warn(sentence: string): void } } };
    tx.logger.warn = (sentence) => void told.push(sentence);
  }
  const event = `${teller!.nodeID.split(".")[0]}.spoke`;
  await teller!.broadcast("$circuit-breaker.opened", {});
  await teller!.broadcast(event, {});
  await eventually(() => heard.filter((one) => one.event === event).length === others.length);
  expect([heard.filter((one) => one.event.startsWith("$")), told]).toEqual([[], []]);
});

describe.each(serviceNames)("an evil node of %s", (service) => {
  const evil = evilOf(service);
  beforeEach(() => {
    heard = [];
    release = Promise.withResolvers<void>();
  });

  it("is sent nothing that is meant for another service", async () => {
    await evil.isHeard();
    const before = new Set(
      registryOf(honest.get("api")!)
        .nodes.toArray()
        .map(({ id }) => id),
    );
    for (const other of others(service)) {
      const action = `v1.${other}.ask`;
      const claims = [
        [announced(other, `v1.${other}`, action)],
        [announced(service, `v1.${service}`, action)],
        [announced(service, `v1.${other}`, action)],
        [announced(service, other, action)],
        [announced(`$${other}`, `v1.${other}`, action)],
        [announced("$node", "$node", action)],
        [announced(`v1.${other}`, `v1.${other}`, action)],
        [announced(service, `v1.${service}`, `v1.${service}.ask`, "guest")],
        [announced(service, `v1.${service}`, `v1.${service}.ask`, other)],
        { length: 1 },
        [null],
        [{ name: other }],
      ];
      for (const claim of claims) {
        await evil.info(claim);
        for (const id of [`${other}.evil`, idOf(other), other, "node.evil", "guest.evil"])
          await evil.info(claim, { sender: id });
      }
    }
    await evil.isHeard();
    for (const broker of honest.values()) {
      for (const other of others(service)) expect(nodesOf(broker, `v1.${other}.ask`)).toEqual([idOf(other)]);
      const strangers = registryOf(broker)
        .nodes.toArray()
        .filter(({ id }) => !isHonest(id) && !before.has(id));
      expect(strangers).toEqual([]);
    }
  });

  it("does not answer what another was asked, not even knowing the request", async () => {
    const [asker, answering] = pairWithout(service);
    const broker = honest.get(asker)!;
    const answer = ask(broker, answering, "wait");
    const { pendingRequests } = broker.transit as unknown as Transit;
    const id = await eventually(() => [...pendingRequests.keys()][0]);
    for (const sender of [evil.own, idOf(answering), `${answering}.evil`, broker.nodeID])
      await evil.say(
        "RES",
        { id, sender, success: true, data: "forged", meta: { accessToken: "forged" } },
        broker.nodeID,
      );
    await evil.isHeard();
    expect(pendingRequests.has(id)).toBe(true);
    release.resolve();
    expect(await answer).toBe(idOf(answering));
  });

  it("sends nobody away, and vouches for nobody", async () => {
    for (const other of others(service)) {
      for (const command of ["DISCONNECT", "HEARTBEAT", "PING", "DISCOVER"])
        await evil.say(command, { sender: idOf(other), cpu: 1 });
      await evil.say("PONG", { sender: idOf(other), time: 1, id: "x", arrived: 1 }, idOf(other));
    }
    await evil.isHeard();
    for (const broker of honest.values())
      for (const other of others(service)) expect(registryOf(broker).nodes.get(idOf(other))!.available).toBe(true);
  });

  it("tells nothing of others", async () => {
    for (const other of others(service)) {
      const events = [`${other}.changed`, "$node.disconnected", "$circuit-breaker.opened", "**", "", { a: 1 }, null];
      for (const event of events)
        await evil.say("EVENT", { id: "1", event, data: { node: { id: idOf(other) } }, broadcast: true }, idOf(other));
      await evil.say("EVENT", { id: "1", event: `${service}.x`, groups: "text" }, idOf(other));
      await evil.say("EVENT", { id: "1", event: `${service}.x`, sender: idOf(other) }, idOf(other));
      const change = { node: idOf(other), action: "v1.a.b", target: idOf(service), state: "open", time: "now" };
      await evil.say("EVENT", { id: "1", event: "breaker.changed", data: change, broadcast: true }, idOf(other));
      for (const data of [null, {}, [], { ...change, node: evil.own, action: "a".repeat(5000) }])
        await evil.say("EVENT", { id: "1", event: "breaker.changed", data, broadcast: true }, idOf(other));
    }
    await evil.isHeard();
    expect(heard.filter(({ from, event }) => from !== evil.own || event !== "breaker.changed")).toEqual([]);
    for (const broker of honest.values()) expect(breakersOf(broker).list()).toEqual([]);
  });

  it("holds and breaks nobody by what it announces, asks or tells", async () => {
    const own = announced(service, `v1.${service}`, `v1.${service}.evil`);
    const strategy = { strategy: "Shard", strategyOptions: { vnodes: 1e9 } };
    const events = [5, {}, null, "a?", `${"a*".repeat(30)}b`, "**.**.**.**"].map((name) => ({ x: { name } }));
    for (const claim of [
      ...events.map((one) => ({ ...own, events: one })),
      { ...own, events: { x: { name: `${service}.x`, ...strategy } } },
      { ...own, actions: { [`v1.${service}.evil`]: { name: `v1.${service}.evil`, ...strategy } } },
      { ...own, metadata: "text" },
    ])
      await evil.info([claim]);
    await evil.info([own], { metadata: JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`) as unknown });
    const first = asked(service).find((one) => one !== service);
    const target = idOf(first ?? service);
    const request = { id: "x", action: `v1.${first ?? service}.ask`, params: {} };
    for (const part of [{ stream: true }, { stream: true, seq: 1e9 }, { seq: 5 }, { id: {}, stream: true }])
      await evil.say("REQ", { ...request, ...part }, target);
    for (const groups of [[{ toString: 1 }], [null]])
      await evil.say("EVENT", { id: "1", event: `${service}.x`, groups }, target);
    await evil.isHeard();
    for (const broker of honest.values()) {
      const known = (broker.registry.events as unknown as { events: { name: unknown }[] }).events;
      expect(
        known.map(({ name }) => name).filter((name) => name !== "**" && !/^[\w$-]+\.[\w$*-]+$/.test(String(name))),
      ).toEqual([]);
      const { pendingReqStreams } = broker.transit as unknown as { pendingReqStreams: ReadonlyMap<string, object> };
      expect(pendingReqStreams.size).toBe(0);
      expect(nodesOf(broker, `v1.${service}.evil`)).toEqual([]);
    }
    heard = [];
    const [teller, hearer] = others(service) as [string, string];
    await honest.get(teller)!.broadcast(`${teller}.made`);
    await eventually(() => heard.some(({ by, event }) => by === idOf(hearer) && event === `${teller}.made`));
  });

  it("has no id that stands for others'", async () => {
    const ids = [
      service,
      `${service}.`,
      `${service}.*`,
      `${service}.>`,
      `${service}..x`,
      `${service}.a b`,
      `${service}.\u0000`,
      `${service}.${"x".repeat(500)}`,
      `${service}x.evil`,
      "*.evil",
      ">",
      "",
      null,
      7,
      { toString: service },
    ];
    for (const sender of ids)
      for (const command of ["INFO", "HEARTBEAT"]) await evil.say(command, { sender, services: [] });
    for (const data of ["", "no json", "null", "[]", '"text"', '{"sender":1}']) {
      await server.mayPublish(service, `MOL.${service}.INFO`, data);
      await server.mayPublish(service, `MOL.${service}.HEARTBEAT`, data);
    }
    await evil.isHeard();
    const expected = new Set([evil.own, ...serviceNames.flatMap((one) => [idOf(one), `${one}.evil`])]);
    for (const broker of honest.values())
      expect(
        registryOf(broker)
          .nodes.toArray()
          .filter(({ id }) => !expected.has(id)),
      ).toEqual([]);
  });

  it("has no server speak in another's name", async () => {
    const group = `v1-${service}`;
    const sources = plans.filter(({ groups }) => groups.includes(group)).map(({ source }) => source);
    for (const other of others(service)) {
      // Though the publisher, evil too, has put a packet into its stream.
      const claim = [announced(other, `v1.${other}`, `v1.${other}.ask`)];
      const packet = JSON.stringify({ ver: "5", sender: `${other}.evil`, services: claim, seq: 1, instanceID: "evil" });
      for (const source of sources) {
        await (await server.as(source)).jetstream().publish(`madang.event.${source}.made`, packet);
        const next = `$JS.API.CONSUMER.MSG.NEXT.madang-${source}.${group}`;
        expect(await server.mayPublish(service, next, "1", `MOL.${other}.INFO`)).toBe(true);
      }
      await server.mayPublish(service, `$JS.API.STREAM.INFO.madang-${service}`, "", `MOL.${other}.INFO`);
      await server.mayPublish(service, `madang.event.${service}.made`, packet, `MOL.${other}.INFO`);
    }
    await evil.isHeard();
    for (const broker of honest.values())
      for (const other of others(service)) expect(nodesOf(broker, `v1.${other}.ask`)).toEqual([idOf(other)]);
  });
});

describe.each(serviceNames)("a flood of %s", (service) => {
  const evil = evilOf(service);
  const victim = idOf(others(service)[0]!);
  const publish = async (subject: string, payload: object) =>
    (await server.as(service)).publish(subject, JSON.stringify({ ver: "5", sender: evil.own, ...payload }));

  it("of names is kept within bounds", async () => {
    for (let seq = 1; seq <= 40; seq += 1) {
      const names = Array.from({ length: 100 }, (_, index) => `v1.${service}.evil-${seq}-${index}`);
      const actions = Object.fromEntries(names.map((name) => [name, { name, rawName: "x" }]));
      await evil.info([{ ...announced(service, `v1.${service}`, `v1.${service}.x`), actions }]);
    }
    await evil.isHeard();
    for (const broker of honest.values()) {
      const kept = [...(broker.registry.actions as unknown as { actions: Map<string, object> }).actions.keys()];
      expect(kept.filter((name) => name.startsWith(`v1.${service}.evil-`)).length).toBeLessThanOrEqual(2000);
    }
  });

  it("of nodes, signs of life and breakers is kept within bounds, and the others stay", async () => {
    await evil.isHeard();
    for (let index = 0; index < FLOOD; index += 1) {
      const sender = `${service}.flood-${index}`;
      await publish(`MOL.${service}.INFO`, { sender, services: [], seq: 1, instanceID: sender });
      await publish(`MOL.${service}.HEARTBEAT`, { sender, cpu: 1 });
      const change = { node: evil.own, action: `v1.a.b${index}`, target: "x.y", state: "open", time: "now" };
      await publish(`MOL.${service}.EVENT.${victim}`, { id: "1", event: "breaker.changed", data: change });
      if (index % 100 === 0) await (await server.as(service)).flush();
    }
    await evil.isHeard();
    for (const broker of honest.values()) {
      expect(registryOf(broker).nodes.toArray().length).toBeLessThanOrEqual(200 * serviceNames.length);
      const own = registryOf(broker)
        .nodes.toArray()
        .filter(({ id }) => id.startsWith(`${service}.`));
      expect(own.length).toBeLessThanOrEqual(200);
      const { length } = breakersOf(broker)
        .list()
        .filter(({ node }) => node === evil.own);
      expect(length).toBe(broker.nodeID === victim ? 200 : 0);
      for (const other of others(service)) expect(registryOf(broker).nodes.get(idOf(other))!.available).toBe(true);
    }
  });
});

describe("a stock Moleculer node", () => {
  const heardByGuest: string[] = [];
  let guest: ServiceBroker;

  beforeAll(async () => {
    guest = new ServiceBroker({
      nodeID: "guest.stock",
      transporter: { type: "NATS", options: server.options("guest") },
      heartbeatInterval: 1,
      logger: false,
    });
    for (const service of ["listener", "user"])
      guest.createService({
        name: service,
        ...(service === "user" && { version: 1 }),
        actions: { ask: () => "guest" },
        events: { "order.*": ({ eventName }: Context) => void heardByGuest.push(`${service} ${eventName}`) },
      });
    await guest.start();
    await guest.waitForServices(serviceNames.map((name) => ({ name, version: 1 })));
  });
  afterAll(() => guest.stop());

  it("asks and is answered", async () => {
    // Its own comes first to itself.
    for (const service of others("user")) expect(await ask(guest, service)).toBe(idOf(service));
  });

  it("is asked nothing, whatever it announces", async () => {
    const user = honest.get("api")!;
    await eventually(() => registryOf(user).nodes.get("guest.stock")?.available);
    expect(nodesOf(user, "v1.user.ask")).toEqual([idOf("user")]);
    expect(nodesOf(user, "listener.ask")).toEqual([]);
  });

  it("hears what is told to guests, which no service hears", async () => {
    const order = honest.get("order")!;
    await eventually(() => registryOf(order).nodes.get("guest.stock")?.available);
    heard = [];
    await order.broadcast("order.confirmed", { id: 1 }, { groups: ["guest"] });
    await eventually(() => heardByGuest.length === 2);
    expect(heardByGuest.toSorted()).toEqual(["listener order.confirmed", "user order.confirmed"]);
    expect(heard).toEqual([]);
  });

  it("is no other, whatever it says", async () => {
    const claims = { ver: "5", services: [announced("user", "v1.user", "v1.user.ask")], seq: 99, cpu: 1 };
    for (const sender of [...serviceNames.map(idOf), "node.evil", "user.evil"]) {
      for (const command of ["DISCONNECT", "INFO", "HEARTBEAT"])
        await server.mayPublish("guest", `MOL.${command}`, JSON.stringify({ ...claims, sender }));
      for (const service of serviceNames)
        for (const command of ["RES", "EVENT"])
          expect(await server.mayPublish("guest", `MOL.${command}.${service}.honest`, JSON.stringify(claims))).toBe(
            false,
          );
    }
    const api = honest.get("api")!;
    await server.mayPublish("guest", "MOL.INFO", JSON.stringify({ ...claims, sender: "guest.evil" }));
    await eventually(() => registryOf(api).nodes.get("guest.evil"));
    for (const service of serviceNames) {
      expect(nodesOf(api, `v1.${service}.ask`)).toEqual([idOf(service)]);
      expect(registryOf(api).nodes.get(idOf(service))!.available).toBe(true);
    }
  });
});
