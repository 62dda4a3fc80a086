/** @databases sqlite postgres */
import { decodeJwt } from "jose";
import type { ServiceBroker } from "moleculer";
import { newId } from "#core/clock.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import type { Database } from "#mixins/database/database.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { localService } from "../../test/support/systems/local-service.ts";
import type { UserTables } from "./user.repository.ts";
import service from "./user.service.ts";

const PASSWORD = "correct horse battery";
const address = { name: "김미나", line1: "세종대로 110", city: "서울", postalCode: "04524", country: "KR" };

/** Another service, which may ask what people may not. */
const peer = {
  name: "peer",
  version: 1,
  actions: {
    ask: (ctx: { params: { name: string; params: object }; call: ServiceBroker["call"] }) =>
      ctx.call(ctx.params.name, ctx.params.params),
  },
};

let broker: ServiceBroker;
let people = 0;

beforeAll(async () => {
  broker = await startBroker([service, peer as never]);
});
afterAll(() => broker.stop());

const call = <N extends ActionName>(name: N, params: Input<N>, accessToken?: string): Promise<Output<N>> =>
  broker.call(name, params, { meta: accessToken === undefined ? {} : { accessToken } });
const ask = <N extends ActionName>(name: N, params: Input<N>): Promise<Output<N>> =>
  broker.call("peer.ask", { name, params });
const code = (type: string) => expect.objectContaining({ type });
const signIn = (email: string, password = PASSWORD) => call("user.signIn", { email, password });

async function customer() {
  const email = `person${(people += 1)}@example.test`;
  const { id } = await call("user.signUp", { email, password: PASSWORD, name: `Person ${people}` });
  const { accessToken: token, refreshToken } = await signIn(email);
  return { id, email, token, refreshToken };
}

async function admin() {
  const email = `admin${(people += 1)}@example.test`;
  const { id } = await ask("user.seed", { email, password: PASSWORD, name: "Admin", roles: ["admin"], language: "en" });
  return { id, email, token: (await signIn(email)).accessToken };
}

const db = () => localService<{ db: Database<UserTables> }>(broker, "user").db;

/** Every value in every row of the service's database. */
async function stored(): Promise<string> {
  const { query } = db();
  const tables = await query.introspection.getTables();
  const rows = tables.map(({ name }) =>
    query
      .selectFrom(name as keyof UserTables)
      .selectAll()
      .execute(),
  );
  return JSON.stringify(await Promise.all(rows));
}

describe("user.signUp", () => {
  it("makes a customer under the normalised e-mail address", async () => {
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

  it("takes the language that the person reads unless one is chosen", async () => {
    const person = { email: "korean@example.test", password: PASSWORD, name: "민아" };
    await expect(broker.call("user.signUp", person, { meta: { language: "ko" } })).resolves.toMatchObject({
      language: "ko",
    });
  });

  it("rejects with EMAIL_TAKEN when the address has an account, in whatever case", async () => {
    const { email } = await customer();
    const again = { email: email.toUpperCase(), password: PASSWORD, name: "Other" };
    await expect(call("user.signUp", again)).rejects.toEqual(code("USER_EMAIL_TAKEN"));
  });

  it("makes one account when two sign-ups race", async () => {
    const person = { email: "race@example.test", password: PASSWORD, name: "Race" };
    const results = await Promise.allSettled([call("user.signUp", person), call("user.signUp", person)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { type: "USER_EMAIL_TAKEN", code: 409 },
    });
  });

  it("rejects with VALIDATION_FAILED what is too short, too long, the e-mail address, padded or unknown", async () => {
    const person = { email: "weak@example.test", password: PASSWORD, name: "Weak" };
    const refused: object[] = [
      { ...person, password: "a".repeat(9) },
      { ...person, password: "a".repeat(129) },
      { ...person, password: "Weak@Example.test" },
      { ...person, email: " weak@example.test" },
      { ...person, roles: ["admin"] },
    ];
    for (const params of refused) {
      await expect(call("user.signUp", params as never)).rejects.toEqual(code("VALIDATION_FAILED"));
    }
  });
});

describe("user.signIn", () => {
  it("answers an access token of fifteen minutes that names person, roles and session", async () => {
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
    await call("user.setRoles", { id, roles: ["customer", "staff"] }, (await admin()).token);
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
    await expect(refresh(next.refreshToken)).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
    await expect(refresh(other.refreshToken)).resolves.toMatchObject({ tokenType: "Bearer" });
  });

  it("answers refreshes at once with one and the same token, which is good", async () => {
    const { refreshToken } = await customer();
    const answers = await Promise.all(Array.from({ length: 8 }, () => refresh(refreshToken)));
    const [successor, ...others] = new Set(answers.map((answer) => answer.refreshToken));
    expect(others).toEqual([]);
    await expect(refresh(successor!)).resolves.toMatchObject({ tokenType: "Bearer" });
  });

  it("answers a client that never heard the answer once more, and ends the session when the leeway is over", async () => {
    const { refreshToken } = await customer();
    const next = await refresh(refreshToken);
    const later = (milliseconds: number) => jest.spyOn(Date, "now").mockReturnValue(Date.now() + milliseconds);
    later(9000);
    expect((await refresh(refreshToken)).refreshToken).toBe(next.refreshToken);
    later(2000);
    await expect(refresh(refreshToken)).rejects.toEqual(code("USER_REFRESH_TOKEN_REUSED"));
    await expect(refresh(next.refreshToken)).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
  });

  it("ends no session for a token that was never one, however near it comes", async () => {
    const { refreshToken } = await customer();
    const [session, generation, seal] = refreshToken.split(".") as [string, string, string];
    const other = (await customer()).refreshToken.split(".")[2];
    const spoilt = [
      refreshToken.slice(0, -1),
      `${session}.${generation}.${"A".repeat(43)}`,
      `${session}.${Number(generation) + 1}.${seal}`,
      `${session}.${generation}.${other}`,
      `${session}.${generation}`,
      session,
    ];
    for (const token of spoilt)
      await expect(refresh(token)).rejects.toMatchObject({ type: "USER_REFRESH_TOKEN_INVALID", code: 401 });
    await expect(refresh(refreshToken)).resolves.toMatchObject({ tokenType: "Bearer" });
  });

  it("rejects with REFRESH_TOKEN_INVALID what is no token, or a token too old", async () => {
    const { refreshToken } = await customer();
    await expect(refresh("nonsense")).rejects.toMatchObject({ type: "USER_REFRESH_TOKEN_INVALID", code: 401 });
    const days = (count: number) => Date.now() + count * 24 * 60 * 60 * 1000;
    const times = { almostIdle: days(13), idle: days(28) };
    const clock = jest.spyOn(Date, "now").mockReturnValue(times.almostIdle);
    const next = await refresh(refreshToken);
    clock.mockReturnValue(times.idle);
    await expect(refresh(next.refreshToken)).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
  });

  it("ends a session that is refreshed for ever after its longest life", async () => {
    const begun = Date.now();
    let { refreshToken } = await customer();
    const clock = jest.spyOn(Date, "now");
    const at = (day: number) => {
      clock.mockReturnValue(begun + day * 24 * 60 * 60 * 1000);
      return refresh(refreshToken);
    };
    for (let day = 10; day < 90; day += 10) ({ refreshToken } = await at(day));
    await expect(at(91)).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
  });
});

describe("user.signOut", () => {
  it("ends this session and no other", async () => {
    const { email, token, refreshToken } = await customer();
    const other = await signIn(email);
    await expect(call("user.signOut", {}, token)).resolves.toBeNull();
    await expect(call("user.getProfile", {}, token)).rejects.toEqual(code("SESSION_ENDED"));
    await expect(call("user.getProfile", {}, other.accessToken)).resolves.toBeDefined();
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
    await expect(call("user.refresh", { refreshToken: other.refreshToken })).resolves.toBeDefined();
  });
});

describe("user.changePassword", () => {
  it("changes it and ends the other sessions", async () => {
    const { email, token, refreshToken } = await customer();
    const other = await signIn(email);
    await call("user.changePassword", { currentPassword: PASSWORD, newPassword: "another horse" }, token);
    await expect(signIn(email)).rejects.toEqual(code("USER_BAD_CREDENTIALS"));
    await expect(signIn(email, "another horse")).resolves.toBeDefined();
    await expect(call("user.refresh", { refreshToken: other.refreshToken })).rejects.toBeDefined();
    await expect(call("user.getProfile", {}, other.accessToken)).rejects.toEqual(code("SESSION_ENDED"));
    await expect(call("user.getProfile", {}, token)).resolves.toBeDefined();
    await expect(call("user.refresh", { refreshToken })).resolves.toBeDefined();
  });

  it("rejects a wrong current password, and the e-mail address as the new one", async () => {
    const { email, token } = await customer();
    const wrong = { currentPassword: "wrong horse", newPassword: "another horse" };
    await expect(call("user.changePassword", wrong, token)).rejects.toEqual(code("USER_BAD_CREDENTIALS"));
    const weak = { currentPassword: PASSWORD, newPassword: email };
    await expect(call("user.changePassword", weak, token)).rejects.toEqual(code("VALIDATION_FAILED"));
  });

  it("lets one of two changes at once win", async () => {
    const { token } = await customer();
    const change = (newPassword: string) =>
      call("user.changePassword", { currentPassword: PASSWORD, newPassword }, token);
    const results = await Promise.allSettled([change("first horse"), change("second horse")]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });
});

describe("user.editProfile", () => {
  it("changes what is named and raises the version", async () => {
    const { token } = await customer();
    const changed = await call("user.editProfile", { version: 1, phone: "+82 10 1234 5678", language: "ko" }, token);
    expect(changed).toMatchObject({ phone: "+82 10 1234 5678", language: "ko", version: 2 });
    await expect(call("user.editProfile", { phone: null }, token)).resolves.toMatchObject({ phone: null, version: 3 });
    await expect(call("user.getProfile", {}, token)).resolves.toMatchObject({ language: "ko", version: 3 });
  });

  it("rejects with STALE_VERSION when it was changed since", async () => {
    const { token } = await customer();
    await call("user.editProfile", { version: 1, name: "First" }, token);
    await expect(call("user.editProfile", { version: 1, name: "Second" }, token)).rejects.toMatchObject({
      type: "STALE_VERSION",
      code: 412,
    });
  });

  it("lets nobody give themselves roles", async () => {
    const { token } = await customer();
    await expect(call("user.editProfile", { roles: ["admin"] } as never, token)).rejects.toEqual(
      code("VALIDATION_FAILED"),
    );
  });
});

describe("user.erase", () => {
  it("leaves nothing personal, ends the sessions, keeps the id and frees the e-mail address", async () => {
    const { id, email, token, refreshToken } = await customer();
    await call("user.editProfile", { name: "Unforgettable", phone: "+82 10 9999 8888" }, token);
    await call("user.addAddress", { ...address, line1: "Unforgettable street" }, token);
    await expect(call("user.erase", { version: 1, password: PASSWORD }, token)).rejects.toEqual(code("STALE_VERSION"));
    await expect(call("user.erase", { password: "wrong horse" }, token)).rejects.toEqual(code("USER_BAD_CREDENTIALS"));
    await call("user.erase", { password: PASSWORD }, token);

    const rows = await stored();
    expect(rows).toContain(id);
    expect(rows).toContain("user.deleted");
    for (const personal of [email, "Unforgettable", "9999 8888"]) expect(rows).not.toContain(personal);
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
    await expect(signIn(email)).rejects.toEqual(code("USER_BAD_CREDENTIALS"));
    await expect(call("user.signUp", { email, password: PASSWORD, name: "New" })).resolves.toBeDefined();
  });

  it("leaves nothing to do with access tokens that still live", async () => {
    const { id, email, token } = await customer();
    const other = (await signIn(email)).accessToken;
    await call("user.erase", { password: PASSWORD }, token);
    for (const one of [token, other]) {
      await expect(call("user.getProfile", {}, one)).rejects.toMatchObject({ type: "SESSION_ENDED", code: 401 });
      await expect(call("user.addAddress", address, one)).rejects.toEqual(code("SESSION_ENDED"));
    }
    await expect(ask("user.contact", { ids: [id] })).resolves.toEqual({ items: [] });
  });
});

describe("user.listSessions", () => {
  it("answers where somebody is signed in, and no secret", async () => {
    const { token, refreshToken } = await customer();
    const { items } = await call("user.listSessions", {}, token);
    expect(items).toMatchObject([{ id: refreshToken.split(".")[0] }]);
    expect(JSON.stringify(items)).not.toContain(refreshToken.split(".")[2]);
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
    await expect(call("user.getAddress", { id }, token)).rejects.toEqual(code("NOT_FOUND"));
  });

  it("have at most one default, the one chosen last", async () => {
    const { token } = await customer();
    const all = await Promise.all([1, 2, 3].map(() => call("user.addAddress", { ...address, isDefault: true }, token)));
    const defaults = async () =>
      (await call("user.listAddresses", {}, token)).items.filter(({ isDefault }) => isDefault);
    expect(await defaults()).toHaveLength(1);
    await call("user.editAddress", { id: all[0]!.id, isDefault: true }, token);
    expect((await defaults()).map(({ id }) => id)).toEqual([all[0]!.id]);
  });

  it("of a stranger are not there", async () => {
    const [owner, stranger] = [await customer(), await customer()];
    const { id } = await call("user.addAddress", address, owner.token);
    await expect(call("user.getAddress", { id }, stranger.token)).rejects.toMatchObject({
      type: "NOT_FOUND",
      code: 404,
    });
    await expect(call("user.editAddress", { id, city: "X" }, stranger.token)).rejects.toEqual(code("NOT_FOUND"));
    await expect(call("user.removeAddress", { id }, stranger.token)).rejects.toEqual(code("NOT_FOUND"));
    await expect(call("user.listAddresses", {}, stranger.token)).resolves.toMatchObject({ items: [] });
    await expect(call("user.getAddress", { id }, owner.token)).resolves.toMatchObject({ id });
  });

  it("reject with STALE_VERSION what was changed since", async () => {
    const { token } = await customer();
    const { id } = await call("user.addAddress", address, token);
    const change = () => call("user.editAddress", { id, version: 1, city: "부산" }, token);
    const results = await Promise.allSettled([change(), change()]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    await expect(call("user.removeAddress", { id, version: 1 }, token)).rejects.toEqual(code("STALE_VERSION"));
  });

  it("are refused with TOO_MANY_ADDRESSES beyond fifty, also at once", async () => {
    const { token } = await customer();
    const results = await Promise.allSettled(Array.from({ length: 52 }, () => call("user.addAddress", address, token)));
    const refused = results.filter(({ status }) => status === "rejected");
    const reason = { type: "USER_TOO_MANY_ADDRESSES", code: 409 };
    expect(refused).toMatchObject([{ reason }, { reason }]);
  });
});

describe("user.seed with `grant`", () => {
  const boss = { password: PASSWORD, name: "Boss", language: "en" as const, roles: ["admin" as const], grant: true };

  it("leaves nothing to who signed up with an address that may be somebody else's", async () => {
    const { id, email, token } = await customer();
    const { refreshToken } = await signIn(email);
    const given = { ...boss, email, password: "another battery" };
    expect(await ask("user.seed", given)).toEqual({ id, created: true });
    await expect(signIn(email)).rejects.toEqual(code("USER_BAD_CREDENTIALS"));
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(code("USER_REFRESH_TOKEN_INVALID"));
    const { accessToken } = await signIn(email, "another battery");
    expect(await call("user.getProfile", {}, accessToken)).toMatchObject({ emailVerified: true });
    await expect(call("user.getProfile", {}, token)).rejects.toEqual(code("SESSION_ENDED"));
  });

  it("gives a password that is good for nothing but changing it, until it is changed", async () => {
    const email = `boss${(people += 1)}@example.test`;
    await ask("user.seed", { ...boss, email });
    const first = await signIn(email);
    const list = (token: string) => call("user.list", {}, token);
    await expect(list(first.accessToken)).rejects.toEqual(code("FORBIDDEN"));
    await expect(list((await call("user.refresh", { refreshToken: first.refreshToken })).accessToken)).rejects.toEqual(
      code("FORBIDDEN"),
    );
    const change = { currentPassword: PASSWORD, newPassword: "another battery" };
    const same = call("user.changePassword", { ...change, newPassword: PASSWORD }, first.accessToken);
    await expect(same).rejects.toEqual(code("VALIDATION_FAILED"));
    await call("user.changePassword", change, first.accessToken);
    await expect(list((await signIn(email, "another battery")).accessToken)).resolves.toBeDefined();
  });
  it("makes an account for who has none, and an administrator of who has one, once", async () => {
    const email = `boss${(people += 1)}@example.test`;
    const made = await Promise.all([ask("user.seed", { ...boss, email }), ask("user.seed", { ...boss, email })]);
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(made[0].id).toBe(made[1].id);
    const { accessToken } = await signIn(email);
    expect((await call("user.getProfile", {}, accessToken)).roles).toEqual(["admin"]);

    const known = `known${(people += 1)}@example.test`;
    const { id } = await ask("user.seed", { ...boss, email: known, roles: ["customer"], grant: false });
    const { accessToken: token } = await signIn(known);
    const given = { ...boss, email: known.toUpperCase(), password: "another battery" };
    expect(await ask("user.seed", given)).toEqual({ id, created: false });
    expect((await call("user.getProfile", {}, token)).roles).toEqual(["customer", "admin"]);
    await expect(call("user.seed", { ...boss, email: "x@example.test" }, token)).rejects.toEqual(code("FORBIDDEN"));
  });
});

describe("user.list", () => {
  it("pages through all users, newest first, and finds a part of a name or an address", async () => {
    const { token } = await admin();
    const names = ["Zoë 100%", "Zoë_1", "zoë"];
    for (const name of names)
      await call("user.signUp", { email: `zoe${(people += 1)}@list.test`, password: PASSWORD, name });
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
      const email = `q${(people += 1)}@folding.test`;
      const made = await call("user.signUp", { email, password: PASSWORD, name: name! });
      expect((await call("user.list", { q: q! }, token)).items[0]?.id).toBe(made.id);
    }
    const found = await call("user.list", { q: "0%" }, token);
    expect(found.items.map(({ name }) => name)).toEqual(["Zoë 100%"]);
  });
});

describe("user.setRoles", () => {
  it("gives and takes roles", async () => {
    const { id } = await customer();
    const { token } = await admin();
    await expect(call("user.setRoles", { id, version: 1, roles: ["staff"] }, token)).resolves.toMatchObject({
      roles: ["staff"],
      version: 2,
    });
    await expect(call("user.setRoles", { id, version: 1, roles: ["admin"] }, token)).rejects.toEqual(
      code("STALE_VERSION"),
    );
    await expect(call("user.get", { id }, token)).resolves.toMatchObject({ id, roles: ["staff"], version: 2 });
  });

  it("rejects with NOT_FOUND for nobody", async () => {
    const { token } = await admin();
    const id = "01890000-0000-7000-8000-000000000000";
    await expect(call("user.setRoles", { id, roles: ["staff"] }, token)).rejects.toEqual(code("NOT_FOUND"));
  });
});

describe("who may call", () => {
  it("keeps administration from customers and internal actions from people", async () => {
    const { id, token } = await customer();
    const boss = await admin();
    await expect(call("user.list", {}, token)).rejects.toEqual(code("FORBIDDEN"));
    await expect(call("user.get", { id }, token)).rejects.toEqual(code("FORBIDDEN"));
    await expect(call("user.setRoles", { id, roles: ["admin"] }, token)).rejects.toEqual(code("FORBIDDEN"));
    await expect(call("user.contact", { ids: [id] }, boss.token)).rejects.toEqual(code("FORBIDDEN"));
    await expect(call("user.getProfile", {})).rejects.toEqual(code("UNAUTHENTICATED"));
  });
});

describe("user.contact", () => {
  it("tells services how to reach users", async () => {
    const people = [await customer(), await customer()];
    const { items } = await ask("user.contact", { ids: [...people.map(({ id }) => id), newId()] });
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

describe("user.seed", () => {
  it("makes an account once, also when asked twice at once", async () => {
    const account = {
      email: "Seed@example.test",
      password: PASSWORD,
      name: "Seed",
      roles: ["admin" as const],
      language: "ko" as const,
    };
    const answers = await Promise.all([ask("user.seed", account), ask("user.seed", account)]);
    answers.push(await ask("user.seed", { ...account, password: "another horse" }));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    await expect(signIn("seed@example.test")).resolves.toBeDefined();
    const { items } = await ask("user.contact", { ids: [answers[0].id] });
    expect(items).toMatchObject([{ emailVerified: true }]);
  });
});

describe("a new password", () => {
  it.each(["aaaaaaaaaa", " ".repeat(10), "1234567890", "password12", "weak@example.test", "Weak Person 1"])(
    "is refused wherever it is set when it is %j",
    async (password) => {
      const person = { email: "weak@example.test", name: "Weak Person" };
      const refused = (pointer: string) =>
        expect.objectContaining({
          type: "VALIDATION_FAILED",
          data: { errors: [{ pointer, detail: expect.anything() }] },
        });
      await expect(call("user.signUp", { ...person, password })).rejects.toEqual(refused("/password"));
      const seeded = { ...person, password, roles: ["admin" as const], language: "en" as const };
      await expect(ask("user.seed", seeded)).rejects.toEqual(refused("/password"));
    },
  );

  it("is refused for whom it is about", async () => {
    const { token } = await customer();
    await call("user.editProfile", { name: "Weak Person" }, token);
    for (const newPassword of ["password12", "Weak Person 1"]) {
      const change = call("user.changePassword", { currentPassword: PASSWORD, newPassword }, token);
      await expect(change).rejects.toEqual(code("VALIDATION_FAILED"));
    }
  });
});

describe("the database", () => {
  it("holds no password and no refresh token", async () => {
    const { refreshToken } = await customer();
    const rows = await stored();
    expect(rows).not.toContain(PASSWORD);
    expect(rows).not.toContain(refreshToken.split(".")[2]);
  });

  it("gives each new hash parameter to those who sign in", async () => {
    const { id, email } = await customer();
    const old = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    await db().write((tx) => tx.query.updateTable("users").set({ password_hash: old }).where("id", "=", id).execute());
    await signIn(email, "password");
    const [row] = await db().query.selectFrom("users").select("password_hash").where("id", "=", id).execute();
    expect(row!.password_hash).toContain("$m=19456,t=2,p=1$");
  });
});
