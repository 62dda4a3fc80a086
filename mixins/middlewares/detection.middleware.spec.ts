import { isNamedRightly } from "./detection.middleware.ts";

// The specs' role is `node`, and so is the user of this node where each service has one.
describe("the name of a connection that ended", () => {
  it("is believed of the service's own user, and of nodes of several services", () => {
    expect(isNamedRightly({ name: "order.host-1", user: "order" }, "node")).toBe(true);
    expect(isNamedRightly({ name: "order.host-1", user: "node" }, "node")).toBe(true);
  });

  it("is not believed of another service's user", () => {
    expect(isNamedRightly({ name: "order.host-1", user: "product" }, "node")).toBe(false);
    expect(isNamedRightly({ name: "ordering.host-1", user: "order" }, "node")).toBe(false);
  });

  it("is believed where the server names no user, or all nodes share one", () => {
    expect(isNamedRightly({ name: "order.host-1" }, "node")).toBe(true);
    expect(isNamedRightly({ name: "order.host-1", user: "madang" }, "madang")).toBe(true);
    expect(isNamedRightly({ name: "order.host-1", user: "madang" }, undefined)).toBe(true);
  });
});
