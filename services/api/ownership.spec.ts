import { action, defineContract } from "#core/contract.ts";
import { implement } from "#core/implement.ts";
import { Nothing, Strict } from "#core/schema.ts";
import { startGateway } from "../../test/support/systems/sample-gateway.ts";
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

it("that is another's is not served, which an operator is told once", async () => {
  const steal = (path: `/${string}`) =>
    action({ summary: "Steals", rest: `GET ${path}`, auth: "public", input: Strict({}), output: Nothing });
  const contract = defineContract("thief", {
    summary: "Announces routes of others",
    errors: {},
    actions: { one: steal("/thefts"), two: steal("/users"), three: steal("/orders") },
  });
  const thief = implement(contract, { actions: { one: () => null, two: () => null, three: () => null } });
  const gateway = await startGateway(thief);
  const { logger } = gateway.broker.getLocalService("v1.api");
  const warnings: unknown[] = [];
  logger.warn = (...told: unknown[]) => void warnings.push(told);
  const statusOf = async (path: string) => (await fetch(`${gateway.url}/api/v1${path}`)).status;
  expect(await statusOf("/thefts")).toBe(200);
  expect([await statusOf("/users"), await statusOf("/orders")]).toEqual([503, 503]);
  gateway.broker.createService({ name: "another" });
  expect(await statusOf("/thefts")).toBe(200);
  expect(warnings).toEqual([["thief.two cannot be served: GET /api/v1/users is not a path of its own"]]);
  await gateway.broker.stop();
});
