/** With the NATS password of one service, and everything that can be known, a compromised node speaks to honest ones. */
import { type Context, ServiceBroker } from "moleculer";
import { breakersOf } from "#mixins/middlewares/breaker.middleware.ts";
import { compromisedNode } from "../support/actors/compromised-node.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { serviceNames } from "../support/fixtures/source.ts";
import {
  announced,
  ask,
  asked,
  heard,
  honest,
  idOf,
  isHonest,
  nodesOf,
  others,
  pairWithout,
  plans,
  registryOf,
  release,
  resetHonestNodes,
  server,
  setUpHonestNodes,
} from "../support/systems/honest-nodes.ts";

interface Transit {
  readonly pendingRequests: ReadonlyMap<string, object>;
}

setUpHonestNodes();

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

describe.each(serviceNames)("a compromised node of %s", (service) => {
  const attacker = compromisedNode(service);
  beforeEach(resetHonestNodes);

  it("is sent nothing that is meant for another service", async () => {
    await attacker.isHeard();
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
        await attacker.info(claim);
        for (const id of [`${other}.evil`, idOf(other), other, "node.evil", "guest.evil"])
          await attacker.info(claim, { sender: id });
      }
    }
    await attacker.isHeard();
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
    for (const sender of [attacker.own, idOf(answering), `${answering}.evil`, broker.nodeID])
      await attacker.say(
        "RES",
        { id, sender, success: true, data: "forged", meta: { accessToken: "forged" } },
        broker.nodeID,
      );
    await attacker.isHeard();
    expect(pendingRequests.has(id)).toBe(true);
    release.resolve();
    expect(await answer).toBe(idOf(answering));
  });

  it("sends nobody away, and vouches for nobody", async () => {
    for (const other of others(service)) {
      for (const command of ["DISCONNECT", "HEARTBEAT", "PING", "DISCOVER"])
        await attacker.say(command, { sender: idOf(other), cpu: 1 });
      await attacker.say("PONG", { sender: idOf(other), time: 1, id: "x", arrived: 1 }, idOf(other));
    }
    await attacker.isHeard();
    for (const broker of honest.values())
      for (const other of others(service)) expect(registryOf(broker).nodes.get(idOf(other))!.available).toBe(true);
  });

  it("tells nothing of others", async () => {
    for (const other of others(service)) {
      const events = [`${other}.changed`, "$node.disconnected", "$circuit-breaker.opened", "**", "", { a: 1 }, null];
      for (const event of events)
        await attacker.say(
          "EVENT",
          { id: "1", event, data: { node: { id: idOf(other) } }, broadcast: true },
          idOf(other),
        );
      await attacker.say("EVENT", { id: "1", event: `${service}.x`, groups: "text" }, idOf(other));
      await attacker.say("EVENT", { id: "1", event: `${service}.x`, sender: idOf(other) }, idOf(other));
      const change = { node: idOf(other), action: "v1.a.b", target: idOf(service), state: "open", time: "now" };
      await attacker.say("EVENT", { id: "1", event: "breaker.changed", data: change, broadcast: true }, idOf(other));
      for (const data of [null, {}, [], { ...change, node: attacker.own, action: "a".repeat(5000) }])
        await attacker.say("EVENT", { id: "1", event: "breaker.changed", data, broadcast: true }, idOf(other));
    }
    await attacker.isHeard();
    expect(heard.filter(({ from, event }) => from !== attacker.own || event !== "breaker.changed")).toEqual([]);
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
      await attacker.info([claim]);
    await attacker.info([own], { metadata: JSON.parse(`${"[".repeat(900)}${"]".repeat(900)}`) as unknown });
    const first = asked(service).find((one) => one !== service);
    const target = idOf(first ?? service);
    const request = { id: "x", action: `v1.${first ?? service}.ask`, params: {} };
    for (const part of [{ stream: true }, { stream: true, seq: 1e9 }, { seq: 5 }, { id: {}, stream: true }])
      await attacker.say("REQ", { ...request, ...part }, target);
    for (const groups of [[{ toString: 1 }], [null]])
      await attacker.say("EVENT", { id: "1", event: `${service}.x`, groups }, target);
    await attacker.isHeard();
    for (const broker of honest.values()) {
      const known = (broker.registry.events as unknown as { events: { name: unknown }[] }).events;
      expect(
        known.map(({ name }) => name).filter((name) => name !== "**" && !/^[\w$-]+\.[\w$*-]+$/.test(String(name))),
      ).toEqual([]);
      const { pendingReqStreams } = broker.transit as unknown as { pendingReqStreams: ReadonlyMap<string, object> };
      expect(pendingReqStreams.size).toBe(0);
      expect(nodesOf(broker, `v1.${service}.evil`)).toEqual([]);
    }
    heard.length = 0;
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
      for (const command of ["INFO", "HEARTBEAT"]) await attacker.say(command, { sender, services: [] });
    for (const data of ["", "no json", "null", "[]", '"text"', '{"sender":1}']) {
      await server.mayPublish(service, `MOL.${service}.INFO`, data);
      await server.mayPublish(service, `MOL.${service}.HEARTBEAT`, data);
    }
    await attacker.isHeard();
    const expected = new Set([attacker.own, ...serviceNames.flatMap((one) => [idOf(one), `${one}.evil`])]);
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
      // Though the publisher, compromised too, has put a packet into its stream.
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
    await attacker.isHeard();
    for (const broker of honest.values())
      for (const other of others(service)) expect(nodesOf(broker, `v1.${other}.ask`)).toEqual([idOf(other)]);
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
    heard.length = 0;
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
