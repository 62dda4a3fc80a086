import { guestServices, metaOfAnswer, namesOf, objection } from "./trust.ts";

const user = { name: "user", fullName: "v1.user", actions: { "v1.user.get": { name: "v1.user.get" } }, events: {} };
const node = { name: "$node", fullName: "$node", actions: { "$node.list": { name: "$node.list" } }, events: {} };
const handler = (group?: string) => ({ ...user, events: { "a.b": { name: "a.b", ...(group && { group }) } } });
/** What a packet of its kind has at least. */
const least: Readonly<Record<string, object>> = {
  RES: { id: "1", success: true },
  REQ: { id: "1", action: "v1.user.get" },
  EVENT: { event: "user.made" },
  INFO: { services: [] },
  PONG: { time: 1, arrived: 1 },
};
const from = (sender: string, command: string, payload: object = {}, id = `${sender}.host-1`) =>
  objection(sender, command, { ...least[command], sender: id, ...payload });
let deep: unknown = 1;
for (let level = 0; level < 5000; level += 1) deep = [deep];

describe("a packet of a service's node", () => {
  it.each(["RES", "REQ", "DISCOVER", "DISCONNECT", "HEARTBEAT", "PING", "PONG"])(
    "%s is believed in its own name",
    (command) => expect(from("user", command)).toBeNull(),
  );

  it.each(["order.host-1", "user", "user.", "user.*", "user.>", "user..a", "users.host-1", "User.a", "", 7, null])(
    "is not believed from %p",
    (id) => expect(from("user", "RES", {}, id as string)).toEqual(expect.any(String)),
  );

  it("may announce its own service and those of every node", () => {
    for (const services of [
      [],
      [user],
      [user, node],
      [{ ...user, fullName: "v2.user", actions: {} }],
      [handler("user")],
    ])
      expect(from("user", "INFO", { services })).toBeNull();
  });

  it("may announce nothing of another's", () => {
    const claims = [
      { ...user, name: "order" },
      { ...user, fullName: "v1.order" },
      { ...user, fullName: "order" },
      { ...user, actions: { "v1.user.get": { name: "v1.order.get" } } },
      { ...node, actions: { x: { name: "v1.order.get" } } },
      { ...node, fullName: "v1.order" },
      handler("order"),
      handler("guest"),
      null,
      {},
    ];
    for (const claim of claims) expect(from("user", "INFO", { services: [user, claim] })).toEqual(expect.any(String));
    expect(from("user", "INFO", { services: { length: 0 } })).toEqual(expect.any(String));
  });

  it("announces nothing that could hold or break its readers", () => {
    const patterns = [5, {}, null, "", "a?", "a*a*a*b", "**.a", "**.**", "a..b", "a b", `a.${"b".repeat(200)}`];
    for (const name of patterns)
      expect([name, from("user", "INFO", { services: [{ ...user, events: { x: { name } } }] })]).toEqual([
        name,
        expect.any(String),
      ]);
    for (const name of ["**", "*", "user.*", "$node.**", "live.changed", "a.*.b"])
      expect([name, from("user", "INFO", { services: [{ ...user, events: { x: { name } } }] })]).toEqual([name, null]);
    const strategy = { strategy: "Shard", strategyOptions: { vnodes: 1e9 } };
    for (const part of [
      { actions: { "v1.user.get": { name: "v1.user.get", ...strategy } } },
      { events: { x: { name: "a.b", ...strategy } } },
      { metadata: { deep } },
      { metadata: "text" },
      { actions: "text" },
      { events: { x: null } },
    ])
      expect(from("user", "INFO", { services: [{ ...user, ...part }] })).toEqual(expect.any(String));
    for (const rest of [{ hostname: 5 }, { ipList: "text" }, { client: "text" }, { seq: "1" }, { metadata: [deep] }])
      expect(from("user", "INFO", { services: [user], ...rest })).toEqual(expect.any(String));
  });

  it.each([
    ["REQ", { stream: true }],
    ["REQ", { stream: true, seq: 0 }],
    ["REQ", { seq: 7 }],
    ["REQ", { id: { toString: 1 } }],
    ["REQ", { action: null }],
    ["REQ", { meta: "text" }],
    ["REQ", { headers: 7 }],
    ["REQ", { requestID: { toString: 1 } }],
    ["REQ", { requestID: "x".repeat(1000) }],
    ["REQ", { timeout: "1" }],
    ["RES", { stream: true }],
    ["RES", { seq: 1 }],
    ["RES", { success: undefined }],
    ["RES", { error: "text" }],
    ["EVENT", { groups: [{ toString: 1 }] }],
    ["EVENT", { requestID: [] }],
    ["HEARTBEAT", { cpu: "1" }],
    ["HEARTBEAT", { cpu: 1, seq: 2, instanceID: 3 }],
    ["PING", { time: {} }],
    ["PONG", { arrived: null }],
  ])("%s with %j is malformed", (command, payload) => {
    for (const sender of ["user", "guest", "node"]) expect(from(sender, command, payload)).toEqual(expect.any(String));
  });

  it("changes by its answer how the caller answers, and nothing else", () => {
    const meta = { $replayed: true, accessToken: "another's", network: "x" };
    expect(metaOfAnswer(meta)).toEqual({ $replayed: true });
    for (const nothing of [null, undefined, {}]) expect(metaOfAnswer(nothing)).toEqual({});
  });

  it("tells what is its own, and gossip", () => {
    for (const event of ["user.deleted", "live.changed", "breaker.changed"])
      expect(from("user", "EVENT", { event })).toBeNull();
    for (const event of ["order.confirmed", "users.deleted", "user", "$node.disconnected", 7, undefined])
      expect(from("user", "EVENT", { event })).toEqual(expect.any(String));
  });

  it("is believed for every service when its user stands for all", () => {
    expect(from("node", "INFO", { services: [user, { ...user, name: "order" }] })).toBeNull();
    expect(from("node", "EVENT", { event: "order.confirmed" })).toBeNull();
    expect(from("node", "RES", {}, "order.host-1")).toEqual(expect.any(String));
  });
});

describe("a guest", () => {
  it("asks, and tells and answers nothing", () => {
    expect(from("guest", "REQ")).toBeNull();
    expect(from("guest", "INFO", { services: [user] })).toBeNull();
    for (const command of ["RES", "EVENT"])
      expect(from("guest", command, { event: "guest.made" })).toEqual(expect.any(String));
  });

  it("keeps of its services what they hear", () => {
    expect(guestServices([handler("user") as never])).toMatchObject([
      { name: "guest:user", fullName: "guest:user", actions: {}, events: { "a.b": { name: "a.b", group: "guest" } } },
    ]);
  });

  it("hears by no pattern that would hold whoever speaks", () => {
    const events = { "a*a*a*b": { name: "x" }, "a?": { name: "x" }, "order.*": { name: "x" } };
    const kept = guestServices([{ ...user, events }]);
    expect(kept.map((one) => Object.keys((one as { readonly events: object }).events))).toEqual([["order.*"]]);
  });
});

it("counts every name that is kept", () => {
  expect(namesOf([handler() as never, { name: "user", fullName: "v2.user" }])).toEqual([
    "v1.user",
    "v1.user.get",
    "a.b",
    "v2.user",
  ]);
});
