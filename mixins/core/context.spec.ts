import { startBroker } from "../../test/support/systems/broker.ts";
import { type Caller, type Ctx, idempotencyKey, userId, withKey, workContext } from "./context.ts";

const called = (user?: Caller, headers = {}) => ({ user, headers }) as unknown as Ctx;

describe("userId", () => {
  it("is the person's, or the one a service works for", () => {
    expect(userId(called({ id: "ann", roles: [] }))).toBe("ann");
    expect(userId(called({ id: "ann", roles: [], service: "order" }))).toBe("ann");
  });

  it.each([[undefined], [{ id: null, roles: [], service: "order" }]])("refuses %j", (user) => {
    expect(() => userId(called(user))).toThrow("not a person");
  });
});

describe("withKey", () => {
  it("adds the key and keeps the other options", () => {
    const options = withKey("k1", { timeout: 5, headers: { other: "x" } });
    expect(options).toEqual({ timeout: 5, headers: { other: "x", "idempotency-key": "k1" } });
    expect(idempotencyKey(called(undefined, options.headers))).toBe("k1");
  });

  it("is missed where the contract made it mandatory", () => {
    expect(() => idempotencyKey(called())).toThrow("without a key");
  });
});

describe("workContext", () => {
  it("works for a user, and belongs to the request that began it", async () => {
    const broker = await startBroker([{ name: "order", version: 1 }]);
    const service = broker.getLocalService({ name: "order", version: 1 });
    expect(workContext(service, "ann", "request-1")).toMatchObject({
      service,
      requestID: "request-1",
      user: { id: "ann" },
    });
    expect(workContext(service)).toMatchObject({ user: { id: null } });
    await broker.stop();
  });
});
