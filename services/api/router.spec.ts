import { Router } from "./router.ts";

const router = new Router<string>();
for (const [method, path] of [
  ["GET", "/users/me"],
  ["GET", "/users/:id"],
  ["GET", "/users/:id/orders"],
  ["POST", "/users/me/coupons"],
] as const) {
  router.add(method, path, `${method} ${path}`);
}

describe("the router", () => {
  it.each([
    ["GET", "/users/me", "GET /users/me", []],
    ["GET", "/users/7", "GET /users/:id", ["7"]],
    ["HEAD", "/users/7", "GET /users/:id", ["7"]],
    ["GET", "/users/me/orders", "GET /users/:id/orders", ["me"]],
    ["GET", "/users/a%2Fb/orders", "GET /users/:id/orders", ["a%2Fb"]],
  ])("finds for %s %s the route %s", (method, path, route, values) => {
    expect(router.match(method, path)).toEqual({ route, values });
  });

  it.each([
    ["GET", "/users"],
    ["GET", "/users/"],
    ["GET", "/users//orders"],
    ["GET", "/users/7/orders/8"],
    ["PUT", "/users/7"],
    ["GET", "/__proto__"],
  ])("finds nothing for %s %s", (method, path) => {
    expect(router.match(method, path)).toBeUndefined();
  });

  it("tells the methods of a path", () => {
    expect(router.methods("/users/me/coupons")).toEqual(["POST"]);
    expect(router.methods("/nothing")).toEqual([]);
  });
});
