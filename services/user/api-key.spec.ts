/**
 * API keys of machines, as the user service makes, exchanges and revokes them.
 * @databases sqlite postgres
 */
import { idOfApiKey, isApiKey } from "#core/api-key.ts";
import type { ServiceSchema } from "moleculer";
import type { Caller } from "#core/context.ts";
import { errorOf, userService } from "../../test/support/systems/user-service.ts";

const shop = {
  name: "product",
  version: 1,
  actions: Object.fromEntries(
    (
      [
        ["update", { auth: "staff" }],
        ["archive", { auth: "staff" }],
        ["mine", { auth: "customer" }],
        ["anybodys", { auth: "customer", seenByStaff: true }],
        ["open", { auth: "public" }],
      ] as const
    ).map(([name, one]) => [name, { ...one, handler: (ctx: { user?: Caller }) => ctx.user ?? null }]),
  ),
} as unknown as ServiceSchema;

const { ask, call, callAsService, personWith, storedValues } = userService(shop);
const expiresAt = "2099-01-01T00:00:00.000Z";

let admin: string;
beforeAll(async () => {
  admin = (await personWith("admin")).token;
});
const make = (...permissions: string[]) => call("user.createApiKey", { name: "ERP", permissions, expiresAt }, admin);
const exchange = (apiKey: string) => callAsService("user.authorizeApiKey", { apiKey });
afterEach(() => jest.restoreAllMocks());

it("shows a key once and stores its hash", async () => {
  const { apiKey, id, prefix, usedAt } = await make("product.update");
  expect([isApiKey(apiKey), idOfApiKey(apiKey), apiKey.startsWith(prefix), usedAt]).toEqual([true, id, true, null]);
  expect(await storedValues()).not.toContain(apiKey.slice(prefix.length, -8));
  const { accessToken, expiresIn } = await exchange(apiKey);
  expect(expiresIn).toBe(300);
  expect(await storedValues()).not.toContain(accessToken);
  const { items } = await call("user.listApiKeys", {}, admin);
  expect(items[0]).toEqual({
    id,
    name: "ERP",
    prefix,
    permissions: ["product.update"],
    expiresAt,
    createdAt: expect.any(String),
    usedAt: expect.any(String),
  });
});

it("acts as staff with exactly the key's permissions, and as no person", async () => {
  const { id, apiKey } = await make("product.update");
  const { accessToken } = await exchange(apiKey);
  const as = (action: string) => ask(`v1.product.${action}`, accessToken);
  await expect(as("update")).resolves.toEqual({ id, roles: ["staff"], permissions: ["product.update"], isKey: true });
  await expect(as("archive")).rejects.toMatchObject({ code: 403, data: { permission: "product.archive" } });
  await expect(as("anybodys")).rejects.toMatchObject({ code: 403, data: { permission: "product.anybodys" } });
  await expect(as("mine")).rejects.toMatchObject({ code: 403, type: "PERSON_REQUIRED" });
  await expect(as("open")).resolves.toBeNull();
  await expect(call("user.listApiKeys", {}, accessToken)).rejects.toEqual(errorOf("FORBIDDEN"));
});

it("refuses keys with a typing error, that are unknown, that have expired, and that were revoked", async () => {
  const { apiKey, id } = await make("*");
  const other = await make("*");
  const typed = `${apiKey.slice(0, 50)}${apiKey[50] === "0" ? "1" : "0"}${apiKey.slice(51)}`;
  expect(idOfApiKey(typed)).toBeNull();
  const invalid = errorOf("API_KEY_INVALID");
  await expect(exchange(typed)).rejects.toEqual(invalid);
  const { accessToken } = await exchange(apiKey);
  await call("user.removeApiKey", { id }, admin);
  await expect(ask("v1.product.update", accessToken)).rejects.toEqual(errorOf("SESSION_ENDED"));
  await expect(exchange(apiKey)).rejects.toEqual(invalid);
  await expect(call("user.removeApiKey", { id }, admin)).rejects.toEqual(errorOf("NOT_FOUND"));
  const end = Date.parse(expiresAt);
  jest.spyOn(Date, "now").mockImplementation(() => end);
  await expect(exchange(other.apiKey)).rejects.toEqual(invalid);
});

it("refuses permissions that nobody knows, and an expiry that is past", async () => {
  await expect(make("product.update", "nothing.*")).rejects.toMatchObject({
    data: { errors: [{ pointer: "/permissions/1" }] },
  });
  const past = { name: "ERP", permissions: [], expiresAt: "2020-01-01T00:00:00.000Z" };
  await expect(call("user.createApiKey", past, admin)).rejects.toMatchObject({
    data: { errors: [{ pointer: "/expiresAt" }] },
  });
});
