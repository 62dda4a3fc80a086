/**
 * Accounts, profiles and addresses of people, and what is left of them afterwards.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { address } from "../../test/support/actors/client.ts";
import { errorOf, PASSWORD, userService } from "../../test/support/systems/user-service.ts";

const { call, callAsService, signIn, customer, storedValues } = userService();

describe("user.signUp", () => {
  it("makes a customer, whose e-mail address is kept in lower case", async () => {
    const made = await call("user.signUp", { email: "Mina@Example.test", password: PASSWORD, name: "Mina" });
    expect(made).toMatchObject({
      email: "mina@example.test",
      name: "Mina",
      roles: ["customer"],
      language: "en",
      version: 1,
    });
    await expect(signIn("MINA@example.TEST")).resolves.toMatchObject({ tokenType: "Bearer" });
  });

  it("uses the language of the request unless the person chooses one", async () => {
    const person = { email: "korean@example.test", password: PASSWORD, name: "민아" };
    await expect(call("user.signUp", person, undefined, { language: "ko" })).resolves.toMatchObject({ language: "ko" });
  });

  it("rejects with EMAIL_TAKEN an address that has an account, in upper or lower case", async () => {
    const { email } = await customer();
    const again = { email: email.toUpperCase(), password: PASSWORD, name: "Other" };
    await expect(call("user.signUp", again)).rejects.toEqual(errorOf("USER_EMAIL_TAKEN"));
  });

  it("makes one account when two people sign up with one address at once", async () => {
    const person = { email: "race@example.test", password: PASSWORD, name: "Race" };
    const results = await Promise.allSettled([call("user.signUp", person), call("user.signUp", person)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { type: "USER_EMAIL_TAKEN", code: 409 },
    });
  });

  it("rejects with VALIDATION_FAILED a password that is too short, too long or the e-mail address, and other wrong fields", async () => {
    const person = { email: "weak@example.test", password: PASSWORD, name: "Weak" };
    const wrong: object[] = [
      { ...person, password: "a".repeat(9) },
      { ...person, password: "a".repeat(129) },
      { ...person, password: "Weak@Example.test" },
      { ...person, email: " weak@example.test" },
      { ...person, roles: ["admin"] },
    ];
    for (const params of wrong) {
      await expect(call("user.signUp", params as never)).rejects.toEqual(errorOf("VALIDATION_FAILED"));
    }
  });
});

describe("user.editProfile", () => {
  it("changes the fields that are given, and raises the version", async () => {
    const { token } = await customer();
    const changed = await call("user.editProfile", { version: 1, phone: "+82 10 1234 5678", language: "ko" }, token);
    expect(changed).toMatchObject({ phone: "+82 10 1234 5678", language: "ko", version: 2 });
    await expect(call("user.editProfile", { phone: null }, token)).resolves.toMatchObject({ phone: null, version: 3 });
    await expect(call("user.getProfile", {}, token)).resolves.toMatchObject({ language: "ko", version: 3 });
  });

  it("rejects with STALE_VERSION when the profile was changed since it was read", async () => {
    const { token } = await customer();
    await call("user.editProfile", { version: 1, name: "First" }, token);
    await expect(call("user.editProfile", { version: 1, name: "Second" }, token)).rejects.toMatchObject({
      type: "STALE_VERSION",
      code: 412,
    });
  });

  it("lets no person give themselves a role", async () => {
    const { token } = await customer();
    await expect(call("user.editProfile", { roles: ["admin"] } as never, token)).rejects.toEqual(
      errorOf("VALIDATION_FAILED"),
    );
  });
});

describe("addresses", () => {
  it("are added, listed, read, changed and removed", async () => {
    const { token } = await customer();
    const made = await call("user.addAddress", { ...address, line2: "3층" }, token);
    expect(made).toEqual({ ...address, line2: "3층", id: expect.any(String), isDefault: false, version: 1 });
    const { id } = made;
    await expect(call("user.listAddresses", {}, token)).resolves.toEqual({ items: [made], nextCursor: null });
    const changed = await call("user.editAddress", { id, version: 1, line2: null, city: "부산" }, token);
    expect(changed).toEqual({ ...address, city: "부산", id, isDefault: false, version: 2 });
    await expect(call("user.getAddress", { id }, token)).resolves.toEqual(changed);
    await expect(call("user.removeAddress", { id, version: 2 }, token)).resolves.toBeNull();
    await expect(call("user.getAddress", { id }, token)).rejects.toEqual(errorOf("NOT_FOUND"));
  });

  it("have at most one default: the one that was chosen last", async () => {
    const { token } = await customer();
    const all = await Promise.all([1, 2, 3].map(() => call("user.addAddress", { ...address, isDefault: true }, token)));
    const defaults = async () =>
      (await call("user.listAddresses", {}, token)).items.filter(({ isDefault }) => isDefault);
    expect(await defaults()).toHaveLength(1);
    await call("user.editAddress", { id: all[0]!.id, isDefault: true }, token);
    expect((await defaults()).map(({ id }) => id)).toEqual([all[0]!.id]);
  });

  it("of another person are not found", async () => {
    const [owner, other] = [await customer(), await customer()];
    const { id } = await call("user.addAddress", address, owner.token);
    await expect(call("user.getAddress", { id }, other.token)).rejects.toMatchObject({
      type: "NOT_FOUND",
      code: 404,
    });
    await expect(call("user.editAddress", { id, city: "X" }, other.token)).rejects.toEqual(errorOf("NOT_FOUND"));
    await expect(call("user.removeAddress", { id }, other.token)).rejects.toEqual(errorOf("NOT_FOUND"));
    await expect(call("user.listAddresses", {}, other.token)).resolves.toMatchObject({ items: [] });
    await expect(call("user.getAddress", { id }, owner.token)).resolves.toMatchObject({ id });
  });

  it("reject with STALE_VERSION a change of an older version", async () => {
    const { token } = await customer();
    const { id } = await call("user.addAddress", address, token);
    const change = () => call("user.editAddress", { id, version: 1, city: "부산" }, token);
    const results = await Promise.allSettled([change(), change()]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(call("user.removeAddress", { id, version: 1 }, token)).rejects.toEqual(errorOf("STALE_VERSION"));
  });

  it("are refused with TOO_MANY_ADDRESSES beyond fifty, also when all are added at once", async () => {
    const { token } = await customer();
    const results = await Promise.allSettled(Array.from({ length: 52 }, () => call("user.addAddress", address, token)));
    const refused = results.filter(({ status }) => status === "rejected");
    const reason = { type: "USER_TOO_MANY_ADDRESSES", code: 409 };
    expect(refused).toMatchObject([{ reason }, { reason }]);
  });
});

describe("user.erase", () => {
  it("keeps the id and nothing personal, ends the sessions, and lets the e-mail address be used again", async () => {
    const { id, email, token, refreshToken } = await customer();
    await call("user.editProfile", { name: "Unforgettable", phone: "+82 10 9999 8888" }, token);
    await call("user.addAddress", { ...address, line1: "Unforgettable street" }, token);
    await expect(call("user.erase", { version: 1, password: PASSWORD }, token)).rejects.toEqual(
      errorOf("STALE_VERSION"),
    );
    await expect(call("user.erase", { password: "wrong horse" }, token)).rejects.toEqual(
      errorOf("USER_BAD_CREDENTIALS"),
    );
    await call("user.erase", { password: PASSWORD }, token);

    const rows = await storedValues();
    expect(rows).toContain(id);
    expect(rows).toContain("user.deleted");
    for (const personal of [email, "Unforgettable", "9999 8888"]) expect(rows).not.toContain(personal);
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
    await expect(signIn(email)).rejects.toEqual(errorOf("USER_BAD_CREDENTIALS"));
    await expect(call("user.signUp", { email, password: PASSWORD, name: "New" })).resolves.toBeDefined();
  });

  it("ends access tokens that have not expired yet", async () => {
    const { id, email, token } = await customer();
    const other = (await signIn(email)).accessToken;
    await call("user.erase", { password: PASSWORD }, token);
    for (const one of [token, other]) {
      await expect(call("user.getProfile", {}, one)).rejects.toMatchObject({ type: "SESSION_ENDED", code: 401 });
      await expect(call("user.addAddress", address, one)).rejects.toEqual(errorOf("SESSION_ENDED"));
    }
    await expect(callAsService("user.contact", { ids: [id] })).resolves.toEqual({ items: [] });
  });
});

describe("user.contact", () => {
  it("answers services with the name and the addresses of users", async () => {
    const people = [await customer(), await customer()];
    const { items } = await callAsService("user.contact", { ids: [...people.map(({ id }) => id), newId()] });
    const reached = people.map(({ id, email }) => ({
      id,
      email,
      name: expect.any(String) as string,
      emailVerified: false,
      language: "en",
      phone: null,
    }));
    expect(items).toHaveLength(2);
    expect(items).toEqual(expect.arrayContaining(reached));
  });
});
