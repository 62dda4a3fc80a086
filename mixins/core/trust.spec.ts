import { guestServices, objection } from "./trust.ts";

const user = { name: "user", fullName: "v1.user", actions: { "v1.user.get": { name: "v1.user.get" } }, events: {} };
const node = { name: "$node", fullName: "$node", actions: { "$node.list": { name: "$node.list" } }, events: {} };
const handler = (group?: string) => ({ ...user, events: { "a.b": { name: "a.b", ...(group && { group }) } } });
const from = (sender: string, command: string, payload: object = {}, id = `${sender}.host-1`) =>
  objection(sender, command, { sender: id, ...payload });

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
});
