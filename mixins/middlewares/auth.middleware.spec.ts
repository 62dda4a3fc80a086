import type { Context, ServiceBroker, ServiceSchema } from "moleculer";
import { SignJWT } from "jose";
import { type Ctx, workContext } from "#core/context.ts";
import { generatedSecret } from "#core/config.ts";
import { newId } from "#core/id.ts";
import { signAccessToken, Tokens } from "../node/tokens.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { idOf, tokenOf } from "../../test/support/actors/people.ts";

const levels = ["public", "customer", "staff", "admin", "service"] as const;

/** An action for each kind of access, which answers who it believes is calling. */
const guarded: ServiceSchema = {
  name: "guarded",
  version: 1,
  actions: Object.fromEntries(
    levels.map((level) => [level, { auth: level, handler: (ctx: Context & { user?: unknown }) => ctx.user ?? null }]),
  ) as never,
};

/** Calls `guarded` in its own name. */
const caller = (name: string, metadata = {}): ServiceSchema => ({
  name,
  version: 1,
  metadata,
  actions: {
    ask: {
      auth: "public",
      handler: (ctx: Context<{ level: string }>) => ctx.call(`guarded.${ctx.params.level}`),
    } as never,
  },
});

describe("auth", () => {
  let broker: ServiceBroker;

  beforeAll(
    async () => void (broker = await startBroker([guarded, caller("order"), caller("api", { gateway: true })])),
  );
  afterAll(() => broker.stop());
  afterEach(() => jest.restoreAllMocks());

  const person = (...roles: string[]) => tokenOf("ann", ...roles);
  const call = (name: string, meta: object = {}, headers: Record<string, string> = {}) =>
    broker.call(name, {}, { meta, headers } as never);
  const outcome = async (name: string, meta?: object, headers?: Record<string, string>) =>
    call(name, meta, headers).then(
      () => "allowed",
      ({ type }: { type: string }) => type,
    );
  const matrix = async (ask: (level: string) => Promise<string>) => Promise.all(levels.map(ask));

  describe("asks for a role", () => {
    it.each([
      [[], ["allowed", "TOKEN_INVALID", "TOKEN_INVALID", "TOKEN_INVALID", "TOKEN_INVALID"]],
      [["customer"], ["allowed", "allowed", "FORBIDDEN", "FORBIDDEN", "FORBIDDEN"]],
      [["staff"], ["allowed", "allowed", "allowed", "FORBIDDEN", "FORBIDDEN"]],
      [
        ["customer", "admin"],
        ["allowed", "allowed", "allowed", "allowed", "FORBIDDEN"],
      ],
      [["service"], ["allowed", "TOKEN_INVALID", "TOKEN_INVALID", "TOKEN_INVALID", "TOKEN_INVALID"]],
      [
        ["customer", "root"],
        ["allowed", "TOKEN_INVALID", "TOKEN_INVALID", "TOKEN_INVALID", "TOKEN_INVALID"],
      ],
    ])("of a person who is %j", async (roles, expected) => {
      const accessToken = await person(...roles);
      expect(await matrix((level) => outcome(`guarded.${level}`, { accessToken }))).toEqual(expected);
      // Once more, when the node remembers the token.
      expect(await matrix((level) => outcome(`guarded.${level}`, { accessToken }))).toEqual(expected);
    });

    it("and for a permission, of staff who have some", async () => {
      const token = (...permissions: string[]) =>
        signAccessToken({ id: idOf("ann"), roles: ["staff"], session: newId(), permissions });
      const asked = async (...permissions: string[]) => {
        const accessToken = await token(...permissions);
        return (await matrix((level) => outcome(`guarded.${level}`, { accessToken })))[2];
      };
      expect(await asked("guarded.staff")).toBe("allowed");
      expect(await asked("other.*", "guarded.*")).toBe("allowed");
      expect(await asked("*")).toBe("allowed");
      expect(await asked("guarded.staf", "guarde.*", "other.staff")).toBe("PERMISSION_MISSING");
      expect(await asked()).toBe("PERMISSION_MISSING");
    });

    it("and lets staff be customers where a contract does not say that they see what is anybody's", async () => {
      const accessToken = await person("staff");
      expect(await call("guarded.customer", { accessToken })).toMatchObject({ roles: ["customer"] });
    });

    it("of nobody", async () => {
      expect(await matrix((level) => outcome(`guarded.${level}`))).toEqual([
        "allowed",
        "UNAUTHENTICATED",
        "UNAUTHENTICATED",
        "UNAUTHENTICATED",
        "FORBIDDEN",
      ]);
    });

    it("of a service, which does what customers do but not what staff do", async () => {
      const ask = (level: string) =>
        broker.call("order.ask", { level }).then(
          () => "allowed",
          ({ type }: { type: string }) => type,
        );
      expect(await matrix(ask)).toEqual(["allowed", "allowed", "FORBIDDEN", "FORBIDDEN", "allowed"]);
    });
  });

  it("tells handlers who calls", async () => {
    const accessToken = await person("customer");
    expect(await call("guarded.customer", { accessToken })).toEqual({
      id: idOf("ann"),
      roles: ["customer"],
      session: expect.any(String),
    });
    expect(await call("guarded.public")).toBeNull();
  });

  it("lets a service speak for the person it was called by", async () => {
    const meta = { accessToken: await person("customer") };
    expect(await broker.call("order.ask", { level: "service" }, { meta })).toEqual({
      id: idOf("ann"),
      roles: [],
      service: "order",
    });
  });

  it("does not lend a service the rank of the person it works for", async () => {
    const meta = { accessToken: await person("admin") };
    await expect(broker.call("order.ask", { level: "admin" }, { meta })).rejects.toMatchObject({ type: "FORBIDDEN" });
  });

  it("lets a service work for a user without a request", async () => {
    const ctx = workContext(broker.getLocalService({ name: "order", version: 1 }), idOf("bob"));
    expect(await ctx.call("guarded.service" as never, {} as never)).toEqual({
      id: idOf("bob"),
      roles: [],
      service: "order",
    });
    const alone = workContext(broker.getLocalService({ name: "order", version: 1 }));
    expect(await alone.call("guarded.service" as never, {} as never)).toEqual({
      id: null,
      roles: [],
      service: "order",
    });
  });

  it("never mixes up for whom a service works, also while its first token for a user is signed", async () => {
    const service = broker.getLocalService({ name: "order", version: 1 });
    const ask = (ctx: Ctx<null>) => ctx.call("guarded.service" as never, {} as never) as Promise<{ id: string }>;
    for (const [before, after] of [
      [idOf("dan"), idOf("eve")],
      [idOf("eve"), idOf("fay")],
    ] as const) {
      await ask(workContext(service, before));
      const ctx = workContext(service, after);
      expect([await ask(ctx), await ask(ctx)].map(({ id }) => id)).toEqual([after, after]);
      expect(ctx.user).toEqual({ id: after, roles: [] });
    }
  });

  it("takes nobody's word for whom a service works", async () => {
    const meta = { onBehalfOf: "eve" };
    expect(await broker.call("order.ask", { level: "service" }, { meta })).toMatchObject({ id: null });
  });

  it("never lets a gateway act as a service", async () => {
    await expect(broker.call("api.ask", { level: "service" })).rejects.toMatchObject({ type: "FORBIDDEN" });
    const meta = { accessToken: await person("customer") };
    await expect(broker.call("api.ask", { level: "service" }, { meta })).rejects.toMatchObject({ type: "FORBIDDEN" });
    expect(await broker.call("api.ask", { level: "customer" }, { meta })).toMatchObject({ id: idOf("ann") });
  });

  describe("refuses", () => {
    it("a person's token in the place of a service's", async () => {
      const accessToken = await person("admin");
      await call("guarded.admin", { accessToken });
      expect(await outcome("guarded.service", {}, { "x-service-token": accessToken })).toBe("TOKEN_INVALID");
    });

    it("a service's token in the place of a person's", async () => {
      const token = await new Tokens().sign("order", idOf("ann"));
      await call("guarded.service", {}, { "x-service-token": token });
      expect(await outcome("guarded.customer", { accessToken: token })).toBe("TOKEN_INVALID");
    });

    it("a forged service token, also where anybody may call", async () => {
      const forged = await new SignJWT({ service: "order" })
        .setProtectedHeader({ alg: "HS256", typ: "service+jwt" })
        .setIssuer("madang")
        .setExpirationTime("1m")
        .sign(Buffer.from("x".repeat(32)));
      expect(await outcome("guarded.service", {}, { "x-service-token": forged })).toBe("TOKEN_INVALID");
      expect(await outcome("guarded.public", {}, { "x-service-token": forged })).toBe("TOKEN_INVALID");
      expect(generatedSecret("service.key", () => "")).not.toBe("x".repeat(32));
    });

    it("an access token that has expired since it was last seen", async () => {
      const accessToken = await person("customer");
      expect(await outcome("guarded.customer", { accessToken })).toBe("allowed");
      const later = Date.now() + 16 * 60_000;
      jest.spyOn(Date, "now").mockImplementation(() => later);
      expect(await outcome("guarded.customer", { accessToken })).toBe("TOKEN_EXPIRED");
    });
  });
});
