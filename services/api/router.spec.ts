import { Router } from "./router.ts";

const router = new Router<string>();
for (const [method, path] of [
  ["GET", "/users/me"],
  ["GET", "/users/:id"],
  ["PATCH", "/users/:id"],
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
    ["PATCH", "/users/7", "PATCH /users/:id", ["7"]],
    ["GET", "/users/me/orders", "GET /users/:id/orders", ["me"]],
    ["GET", "/users/a%2Fb/orders", "GET /users/:id/orders", ["a%2Fb"]],
  ])("finds for %s %s the route %s", (method, path, route, values) => {
    expect(router.match(method, path)).toMatchObject({ route, values });
  });

  it.each([
    ["GET", "/users"],
    ["GET", "/users/"],
    ["GET", "/users//orders"],
    ["GET", "/users/7/orders/8"],
    ["GET", "/__proto__"],
  ])("finds nothing for %s %s", (method, path) => {
    expect(router.match(method, path)).toBeUndefined();
  });

  it.each([
    ["PUT", "/users/7", ["GET", "PATCH"]],
    ["GET", "/users/me/coupons", ["POST"]],
    ["PATCH", "/users/me", ["GET"]],
    ["toString", "/users/7", ["GET", "PATCH"]],
  ])("finds no route for %s %s, and tells the methods of its path", (method, path, methods) => {
    const { route, routes } = router.match(method, path)!;
    expect([route, [...routes.keys()]]).toEqual([undefined, methods]);
  });
});
