/**
 * Signing in and out, refresh tokens, and passwords.
 * @databases sqlite postgres
 */
import { decodeJwt } from "jose";
import { errorOf, PASSWORD, userService } from "../../test/support/systems/user-service.ts";

const { call, callAsService, signIn, customer, personWith, database, storedValues } = userService();

describe("user.signIn", () => {
  it("answers an access token for fifteen minutes that names the person, the roles and the session", async () => {
    const { id, email } = await customer();
    const { accessToken, refreshToken, expiresIn } = await signIn(email);
    const claims = decodeJwt(accessToken);
    expect(claims).toMatchObject({ sub: id, roles: ["customer"], sid: refreshToken.split(".")[0] });
    expect([expiresIn, claims.exp! - claims.iat!]).toEqual([900, 900]);
  });

  it("rejects a wrong password and an unknown address with the same error", async () => {
    const { email } = await customer();
    const answers = await Promise.all([
      signIn(email, "wrong horse").catch(String),
      signIn("nobody@example.test").catch(String),
    ]);
    await expect(signIn(email, "wrong horse")).rejects.toMatchObject({ type: "USER_BAD_CREDENTIALS", code: 401 });
    expect(answers[0]).toBe(answers[1]);
  });
});

describe("user.refresh", () => {
  const refresh = (refreshToken: string) => call("user.refresh", { refreshToken });

  afterEach(() => jest.restoreAllMocks());

  it("exchanges the token for another of the same session, with the roles of now", async () => {
    const { id, refreshToken } = await customer();
    await call("user.setRoles", { id, roles: ["customer", "staff"] }, (await personWith("admin")).token);
    const next = await refresh(refreshToken);
    expect(next.refreshToken).not.toBe(refreshToken);
    expect(decodeJwt(next.accessToken)).toMatchObject({
      sid: refreshToken.split(".")[0],
      roles: ["customer", "staff"],
    });
    await expect(refresh(next.refreshToken)).resolves.toMatchObject({ expiresIn: 900 });
  });

  it("ends the session, and no other, when a token is used again", async () => {
    const { email, refreshToken } = await customer();
    const other = await signIn(email);
    const next = await refresh((await refresh(refreshToken)).refreshToken);
    await expect(refresh(refreshToken)).rejects.toMatchObject({ type: "USER_REFRESH_TOKEN_REUSED", code: 401 });
    await expect(refresh(next.refreshToken)).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
    await expect(refresh(other.refreshToken)).resolves.toMatchObject({ tokenType: "Bearer" });
  });

  it("answers refreshes at the same time with the same token, which is valid", async () => {
    const { refreshToken } = await customer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)));
    const [successor, ...others] = new Set(answers.map((answer) => answer.refreshToken));
    expect(others).toEqual([]);
    await expect(refresh(successor!)).resolves.toMatchObject({ tokenType: "Bearer" });
  });

  it("answers the same again for ten seconds, for a client that lost the answer, and ends the session after that", async () => {
    const { refreshToken } = await customer();
    const next = await refresh(refreshToken);
    const later = (milliseconds: number) => jest.spyOn(Date, "now").mockReturnValue(Date.now() + milliseconds);
    later(9000);
    expect((await refresh(refreshToken)).refreshToken).toBe(next.refreshToken);
    later(2000);
    await expect(refresh(refreshToken)).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_REUSED"));
    await expect(refresh(next.refreshToken)).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
  });

  it("ends no session for a forged token, however similar it is to a real one", async () => {
    const { refreshToken } = await customer();
    const [session, generation, seal] = refreshToken.split(".") as [string, string, string];
    const other = (await customer()).refreshToken.split(".")[2];
    const forged = [
      refreshToken.slice(0, -1),
      `${session}.${generation}.${"A".repeat(43)}`,
      `${session}.${Number(generation) + 1}.${seal}`,
      `${session}.${generation}.${other}`,
      `${session}.${generation}`,
      session,
    ];
    for (const token of forged)
      await expect(refresh(token)).rejects.toMatchObject({ type: "USER_REFRESH_TOKEN_INVALID", code: 401 });
    await expect(refresh(refreshToken)).resolves.toMatchObject({ tokenType: "Bearer" });
  });

  it("rejects with REFRESH_TOKEN_INVALID a text that is no token, and a token that was not used for two weeks", async () => {
    const { refreshToken } = await customer();
    await expect(refresh("nonsense")).rejects.toMatchObject({ type: "USER_REFRESH_TOKEN_INVALID", code: 401 });
    const days = (count: number) => Date.now() + count * 24 * 60 * 60 * 1000;
    const times = { almostIdle: days(13), idle: days(28) };
    const clock = jest.spyOn(Date, "now").mockReturnValue(times.almostIdle);
    const next = await refresh(refreshToken);
    clock.mockReturnValue(times.idle);
    await expect(refresh(next.refreshToken)).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
  });

  it("ends a session after ninety days, however often it is refreshed", async () => {
    const begun = Date.now();
    let { refreshToken } = await customer();
    const clock = jest.spyOn(Date, "now");
    const at = (day: number) => {
      clock.mockReturnValue(begun + day * 24 * 60 * 60 * 1000);
      return refresh(refreshToken);
    };
    for (let day = 10; day < 90; day += 10) ({ refreshToken } = await at(day));
    await expect(at(91)).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
  });
});

describe("user.signOut", () => {
  it("ends this session and no other", async () => {
    const { email, token, refreshToken } = await customer();
    const other = await signIn(email);
    await expect(call("user.signOut", {}, token)).resolves.toBeNull();
    await expect(call("user.getProfile", {}, token)).rejects.toEqual(errorOf("SESSION_ENDED"));
    await expect(call("user.getProfile", {}, other.accessToken)).resolves.toBeDefined();
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
    await expect(call("user.refresh", { refreshToken: other.refreshToken })).resolves.toBeDefined();
  });
});

describe("user.listSessions", () => {
  it("answers where a person is signed in, without a secret", async () => {
    const { token, refreshToken } = await customer();
    const { items } = await call("user.listSessions", {}, token);
    expect(items).toMatchObject([{ id: refreshToken.split(".")[0] }]);
    expect(JSON.stringify(items)).not.toContain(refreshToken.split(".")[2]);
  });
});

describe("user.changePassword", () => {
  it("changes the password and ends the other sessions", async () => {
    const { email, token, refreshToken } = await customer();
    const other = await signIn(email);
    await call("user.changePassword", { currentPassword: PASSWORD, newPassword: "another horse" }, token);
    await expect(signIn(email)).rejects.toEqual(errorOf("USER_BAD_CREDENTIALS"));
    await expect(signIn(email, "another horse")).resolves.toBeDefined();
    await expect(call("user.refresh", { refreshToken: other.refreshToken })).rejects.toBeDefined();
    await expect(call("user.getProfile", {}, other.accessToken)).rejects.toEqual(errorOf("SESSION_ENDED"));
    await expect(call("user.getProfile", {}, token)).resolves.toBeDefined();
    await expect(call("user.refresh", { refreshToken })).resolves.toBeDefined();
  });

  it("rejects a wrong current password, and the e-mail address as the new one", async () => {
    const { email, token } = await customer();
    const wrong = { currentPassword: "wrong horse", newPassword: "another horse" };
    await expect(call("user.changePassword", wrong, token)).rejects.toEqual(errorOf("USER_BAD_CREDENTIALS"));
    const weak = { currentPassword: PASSWORD, newPassword: email };
    await expect(call("user.changePassword", weak, token)).rejects.toEqual(errorOf("VALIDATION_FAILED"));
  });

  it("makes one of two changes at the same time", async () => {
    const { token } = await customer();
    const change = (newPassword: string) =>
      call("user.changePassword", { currentPassword: PASSWORD, newPassword }, token);
    const results = await Promise.allSettled([change("first horse"), change("second horse")]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("a new password", () => {
  it.each(["aaaaaaaaaa", " ".repeat(10), "1234567890", "password12", "weak@example.test", "Weak Person 1"])(
    "is refused at sign-up and in user.seed when it is %j",
    async (password) => {
      const person = { email: "weak@example.test", name: "Weak Person" };
      const refused = (pointer: string) =>
        expect.objectContaining({
          type: "VALIDATION_FAILED",
          data: { errors: [{ pointer, detail: expect.anything() }] },
        });
      await expect(call("user.signUp", { ...person, password })).rejects.toEqual(refused("/password"));
      const seeded = { ...person, password, roles: ["admin" as const], language: "en" as const };
      await expect(callAsService("user.seed", seeded)).rejects.toEqual(refused("/password"));
    },
  );

  it("is refused when an existing account is changed to a common one or to the person's name", async () => {
    const { token } = await customer();
    await call("user.editProfile", { name: "Weak Person" }, token);
    for (const newPassword of ["password12", "Weak Person 1"]) {
      const change = call("user.changePassword", { currentPassword: PASSWORD, newPassword }, token);
      await expect(change).rejects.toEqual(errorOf("VALIDATION_FAILED"));
    }
  });
});

describe("the database", () => {
  it("holds neither passwords nor refresh tokens", async () => {
    const { refreshToken } = await customer();
    const rows = await storedValues();
    expect(rows).not.toContain(PASSWORD);
    expect(rows).not.toContain(refreshToken.split(".")[2]);
  });

  it("gets a hash with today's parameters when a person with an older hash signs in", async () => {
    const { id, email } = await customer();
    const old = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    await database().write((tx) =>
      tx.query.updateTable("users").set({ password_hash: old }).where("id", "=", id).execute(),
    );
    await signIn(email, "password");
    const [row] = await database().query.selectFrom("users").select("password_hash").where("id", "=", id).execute();
    expect(row!.password_hash).toContain("$m=19456,t=2,p=1$");
  });
});
