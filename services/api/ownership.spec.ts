import { isOwnPath } from "./ownership.ts";

describe("a route that a service announces", () => {
  it.each([
    ["order", "/api/v1/orders/:id"],
    ["user", "/api/v1/sessions"],
    ["user", "/api/v1/users"],
    ["user", "/api/v1/users/me/addresses/:id"],
    ["api", "/api/v1/users/me/export"],
    ["notification", "/api/v1/dead-letters/notification/:id"],
    ["wishlist", "/api/v1/wishlists"],
    ["user", "/api/v2/sessions"],
  ])("is taken of %s: %s", (service, path) => expect(isOwnPath(service, path)).toBe(true));

  it.each([
    ["product", "/api/v1/orders"],
    ["api", "/api/v1/users"],
    ["user", "/api/v1/users/me/export"],
    ["product", "/api/v1/orders/new/:id"],
    ["product", "/api/v2/sessions"],
    ["wishlist", "/api/v1/sessions/refresh"],
    ["product", "/api/v1/dead-letters/notification/:id"],
    ["notification", "/api/v1/dead-letters/:service"],
    ["product", "/api/v1/:anything"],
    ["product", "/api/v1/"],
    ["product", "/api/v1"],
    ["product", "/"],
  ])("is not taken of %s: %s", (service, path) => expect(isOwnPath(service, path)).toBe(false));
});
