/**
 * What administrators do, and how a deployment gets its first one.
 * @databases sqlite postgres
 */
import { errorOf, PASSWORD, userService } from "../../test/support/systems/user-service.ts";

const { call, callAsService, signIn, newEmail, customer, personWith } = userService();

describe("user.seed", () => {
  it("makes one account, also when it is called twice at once", async () => {
    const account = {
      email: "Seed@example.test",
      password: PASSWORD,
      name: "Seed",
      roles: ["admin" as const],
      language: "ko" as const,
    };
    const answers = await Promise.all([callAsService("user.seed", account), callAsService("user.seed", account)]);
    answers.push(await callAsService("user.seed", { ...account, password: "another horse" }));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    await expect(signIn("seed@example.test")).resolves.toBeDefined();
    const { items } = await callAsService("user.contact", { ids: [answers[0].id] });
    expect(items).toMatchObject([{ emailVerified: true }]);
  });
});

describe("user.seed with grant", () => {
  const account = { password: PASSWORD, name: "Admin", language: "en" as const, roles: ["admin" as const] };
  const grant = (email: string, password = PASSWORD) =>
    callAsService("user.seed", { ...account, email, password, grant: true });

  it("takes an unverified account away from the person who signed up with this address", async () => {
    const { id, email, token } = await customer();
    const { refreshToken } = await signIn(email);
    expect(await grant(email, "another battery")).toEqual({ id, created: true });
    await expect(signIn(email)).rejects.toEqual(errorOf("USER_BAD_CREDENTIALS"));
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
    const { accessToken } = await signIn(email, "another battery");
    expect(await call("user.getProfile", {}, accessToken)).toMatchObject({ emailVerified: true });
    await expect(call("user.getProfile", {}, token)).rejects.toEqual(errorOf("SESSION_ENDED"));
  });

  it("sets a password that must be changed before it allows anything else", async () => {
    const email = newEmail();
    await grant(email);
    const first = await signIn(email);
    const list = (token: string) => call("user.list", {}, token);
    await expect(list(first.accessToken)).rejects.toEqual(errorOf("FORBIDDEN"));
    await expect(list((await call("user.refresh", { refreshToken: first.refreshToken })).accessToken)).rejects.toEqual(
      errorOf("FORBIDDEN"),
    );
    const change = { currentPassword: PASSWORD, newPassword: "another battery" };
    const same = call("user.changePassword", { ...change, newPassword: PASSWORD }, first.accessToken);
    await expect(same).rejects.toEqual(errorOf("VALIDATION_FAILED"));
    await call("user.changePassword", change, first.accessToken);
    await expect(list((await signIn(email, "another battery")).accessToken)).resolves.toBeDefined();
  });

  it("makes a new account, or makes the owner of an existing one an administrator, once", async () => {
    const email = newEmail();
    const made = await Promise.all([grant(email), grant(email)]);
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(made[0].id).toBe(made[1].id);
    const { accessToken } = await signIn(email);
    expect((await call("user.getProfile", {}, accessToken)).roles).toEqual(["admin"]);

    const existing = newEmail();
    const { id } = await callAsService("user.seed", { ...account, email: existing, roles: ["customer"] });
    const { accessToken: token } = await signIn(existing);
    expect(await grant(existing.toUpperCase(), "another battery")).toEqual({ id, created: false });
    expect((await call("user.getProfile", {}, token)).roles).toEqual(["customer", "admin"]);
  });
});

describe("user.list", () => {
  it("pages through all users, newest first, and finds a part of a name or an address", async () => {
    const { token } = await personWith("admin");
    const names = ["Zoë 100%", "Zoë_1", "zoë"];
    for (const name of names)
      await call("user.signUp", { email: newEmail().replace("example", "list"), password: PASSWORD, name });
    const first = await call("user.list", { q: "@LIST.", limit: 2 }, token);
    const rest = await call("user.list", { q: "@LIST.", limit: 2, cursor: first.nextCursor! }, token);
    expect([...first.items, ...rest.items].map(({ name }) => name)).toEqual(names.toReversed());
    expect(rest.nextCursor).toBeNull();
    for (const [name, q] of [
      ["Émile", "emile"],
      ["Émile", "E\u0301MILE"],
      ["Олег", "ОЛЕГ"],
      ["Øyvind", "øyvind"],
      ["Øyvind", "oyvind"],
    ]) {
      const email = newEmail();
      const made = await call("user.signUp", { email, password: PASSWORD, name: name! });
      expect((await call("user.list", { q: q! }, token)).items[0]?.id).toBe(made.id);
    }
    const found = await call("user.list", { q: "0%" }, token);
    expect(found.items.map(({ name }) => name)).toEqual(["Zoë 100%"]);
  });
});

describe("user.setRoles", () => {
  it("replaces the roles, unless the user was changed since", async () => {
    const { id } = await customer();
    const { token } = await personWith("admin");
    await expect(call("user.setRoles", { id, version: 1, roles: ["staff"] }, token)).resolves.toMatchObject({
      roles: ["staff"],
      version: 2,
    });
    await expect(call("user.setRoles", { id, version: 1, roles: ["admin"] }, token)).rejects.toEqual(
      errorOf("STALE_VERSION"),
    );
    await expect(call("user.get", { id }, token)).resolves.toMatchObject({ id, roles: ["staff"], version: 2 });
  });

  it("rejects with NOT_FOUND an id that no user has", async () => {
    const { token } = await personWith("admin");
    const id = "01890000-0000-7000-8000-000000000000";
    await expect(call("user.setRoles", { id, roles: ["staff"] }, token)).rejects.toEqual(errorOf("NOT_FOUND"));
  });
});
