/**
 * E-mail addresses are confirmed by links, forgotten passwords are replaced by links, and each link is good once.
 * @databases sqlite postgres
 */
import { HOUR } from "#core/clock.ts";
import type { Database } from "#mixins/database/database.ts";
import type { OutboxTable } from "#mixins/outbox/outbox.mixin.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { eventually } from "../../test/support/fixtures/eventually.ts";
import { errorOf, PASSWORD, userService } from "../../test/support/systems/user-service.ts";
import { linkOf, type MailKind, readToken, writeToken } from "./mail.model.ts";

const { call, callAsService, signIn, newEmail, customer, personWith, database, storedValues } = userService();

let clock: Clock;
beforeAll(() => {
  clock = new Clock();
});
afterAll(() => jest.restoreAllMocks());
// What may be asked for a few times at once may be asked for again in each test.
beforeEach(() => clock.advance(2 * HOUR));

/** The e-mails that are wanted for somebody, oldest first. */
const mailsOf = (userId: string) =>
  database().query.selectFrom("mails").selectAll().where("user_id", "=", userId).orderBy("id").execute();
/** The secret of the last link of this kind. */
async function link(userId: string, kind: MailKind): Promise<string> {
  const row = await eventually(async () => (await mailsOf(userId)).findLast((one) => one.kind === kind) ?? null);
  return writeToken(row);
}
const eventsAbout = async (userId: string) => {
  const { query } = database() as unknown as Database<OutboxTable>;
  const rows = await query
    .selectFrom("outbox")
    .select("type")
    .where("subject", "=", `user:${userId}`)
    .orderBy("seq")
    .execute();
  return rows.map(({ type }) => type);
};
const outcomes = async (...asked: Promise<unknown>[]) =>
  (await Promise.allSettled(asked))
    .map((one) => (one.status === "fulfilled" ? "done" : (one.reason as { type: string }).type))
    .toSorted();

const confirm = (linkToken: string) => call("user.confirmEmail", { linkToken });
const askForReset = (email: string) => call("user.sendPasswordReset", { email }, undefined, { network: "192.0.2.1" });
const reset = (linkToken: string, password = "another horse") => call("user.resetPassword", { linkToken, password });

describe("an e-mail address", () => {
  it("is confirmed by the link that sign-up has sent, once, also by two at once", async () => {
    const { id, token } = await customer();
    const secret = await link(id, "verify");
    expect(await outcomes(confirm(secret), confirm(secret))).toEqual(["USER_LINK_INVALID", "done"]);
    expect(await call("user.getProfile", {}, token)).toMatchObject({ emailVerified: true, version: 2 });
    expect(await eventsAbout(id)).toEqual(["user.verification_requested"]);
    await expect(call("user.sendVerification", {}, token)).rejects.toEqual(errorOf("USER_EMAIL_VERIFIED"));
  });

  it("is not confirmed a day later, nor by a link of another kind, nor by one that nobody made", async () => {
    const { id } = await customer();
    const secret = await link(id, "verify");
    await expect(reset(secret)).rejects.toMatchObject({ type: "USER_LINK_INVALID", code: 409 });
    await expect(confirm(`${secret.slice(0, -1)}${secret.endsWith("A") ? "B" : "A"}`)).rejects.toEqual(
      errorOf("USER_LINK_INVALID"),
    );
    clock.advance(24 * HOUR);
    await expect(confirm(secret)).rejects.toEqual(errorOf("USER_LINK_INVALID"));
  });

  it("gets another link three times at once, and then one in ten minutes", async () => {
    const { token } = await customer();
    const send = () => call("user.sendVerification", {}, token);
    const all = await outcomes(...Array.from({ length: 6 }, send));
    expect(all).toEqual(["RATE_LIMITED", "RATE_LIMITED", "RATE_LIMITED", "done", "done", "done"]);
    await expect(send()).rejects.toMatchObject({ data: { retryAfter: 600 } });
    clock.advance(HOUR / 6);
    await expect(send()).resolves.toBeNull();
  });

  it("takes the place of another when it is confirmed, and the one before is told", async () => {
    const { id, email, token } = await personWith("customer");
    const next = newEmail();
    await expect(call("user.changeEmail", { email: next, password: "wrong horse" }, token)).rejects.toEqual(
      errorOf("USER_BAD_CREDENTIALS"),
    );
    await call("user.changeEmail", { email: next, password: PASSWORD }, token);
    expect(await call("user.getProfile", {}, token)).toMatchObject({ email, emailVerified: true });
    await askForReset(email);
    const toOldAddress = await link(id, "reset");
    await confirm(await link(id, "verify"));
    expect(await call("user.getProfile", {}, token)).toMatchObject({ email: next, emailVerified: true });
    await expect(signIn(email)).rejects.toEqual(errorOf("USER_BAD_CREDENTIALS"));
    expect((await signIn(next)).tokenType).toBe("Bearer");
    const told = (await mailsOf(id)).find(({ kind }) => kind === "notice")!;
    const { items } = await callAsService("user.lookupMails", { ids: [told.id] });
    expect(items).toMatchObject([{ email, link: null, code: null }]);
    expect(await eventsAbout(id)).toContain("user.email_changed");
    await expect(reset(toOldAddress)).rejects.toEqual(errorOf("USER_LINK_INVALID"));
  });

  it("belongs to one account, also when it is confirmed while somebody signs up with it", async () => {
    const [taken, first, second] = [await customer(), await personWith("customer"), await personWith("customer")];
    const change = (one: typeof first, email: string) =>
      call("user.changeEmail", { email, password: PASSWORD }, one.token);
    await expect(change(first, taken.email.toUpperCase())).rejects.toEqual(errorOf("USER_EMAIL_TAKEN"));
    const wanted = newEmail();
    await Promise.all([change(first, wanted), change(second, wanted)]);
    const secrets = await Promise.all([link(first.id, "verify"), link(second.id, "verify")]);
    const all = await outcomes(
      ...secrets.map(confirm),
      call("user.signUp", { email: wanted, password: PASSWORD, name: "A" }),
    );
    expect(all).toEqual(["USER_EMAIL_TAKEN", "USER_EMAIL_TAKEN", "done"]);
  });

  it("that somebody wanted before another is not taken any more", async () => {
    const { id, token } = await personWith("customer");
    await call("user.changeEmail", { email: newEmail(), password: PASSWORD }, token);
    const former = await link(id, "verify");
    await call("user.changeEmail", { email: newEmail(), password: PASSWORD }, token);
    await expect(confirm(former)).rejects.toEqual(errorOf("USER_LINK_INVALID"));
  });
});

describe("a forgotten password", () => {
  it("is replaced by one of two who use the link at once, ends all sessions and all links, and its owner is told", async () => {
    const { id, email, token, refreshToken } = await personWith("customer");
    const { deviceCode, userCode } = await call("user.authorizeDevice", { name: "Television" });
    await call("user.approveDevice", { userCode, approved: true }, token);
    await call("user.changeEmail", { email: newEmail(), password: PASSWORD }, token);
    const change = await link(id, "verify");
    await askForReset(email);
    const secret = await link(id, "reset");
    expect(await outcomes(reset(secret, "first horse"), reset(secret, "second horse"))).toEqual([
      "USER_LINK_INVALID",
      "done",
    ]);
    await expect(signIn(email)).rejects.toEqual(errorOf("USER_BAD_CREDENTIALS"));
    expect(await outcomes(signIn(email, "first horse"), signIn(email, "second horse"))).toEqual([
      "USER_BAD_CREDENTIALS",
      "done",
    ]);
    await expect(call("user.getProfile", {}, token)).rejects.toEqual(errorOf("SESSION_ENDED"));
    await expect(call("user.refresh", { refreshToken })).rejects.toEqual(errorOf("USER_REFRESH_TOKEN_INVALID"));
    await expect(call("user.signInDevice", { deviceCode })).rejects.toEqual(errorOf("USER_DEVICE_CODE_INVALID"));
    await expect(confirm(change)).rejects.toEqual(errorOf("USER_LINK_INVALID"));
    expect((await eventsAbout(id)).filter((type) => type === "user.password_changed")).toHaveLength(1);
  });

  it("gives an unverified account to whoever reads what is sent to its address", async () => {
    const { id, email, token } = await customer();
    await askForReset(email);
    await reset(await link(id, "reset"));
    await expect(call("user.getProfile", {}, token)).rejects.toEqual(errorOf("SESSION_ENDED"));
    const { accessToken } = await signIn(email, "another horse");
    expect(await call("user.getProfile", {}, accessToken)).toMatchObject({ emailVerified: true });
  });

  it("is not replaced by a weak one, which leaves the link good, nor after thirty minutes", async () => {
    const { id, email } = await personWith("customer");
    await askForReset(email);
    const secret = await link(id, "reset");
    await expect(reset(secret, "password12")).rejects.toEqual(errorOf("VALIDATION_FAILED"));
    clock.advance(HOUR / 2);
    await expect(reset(secret)).rejects.toEqual(errorOf("USER_LINK_INVALID"));
    await expect(signIn(email)).resolves.toBeDefined();
  });

  it("is answered before anybody looks whether there is an account, so that neither answer nor time tells", async () => {
    const { id, email } = await personWith("customer");
    const rename = (from: string, to: string) =>
      database().write(({ query }) => query.schema.alterTable(from).renameTo(to).execute());
    await rename("users", "users_away");
    try {
      for (const address of [email, newEmail()]) expect(await askForReset(address)).toBeNull();
    } finally {
      await rename("users_away", "users");
    }
    await expect(reset(await link(id, "reset"))).resolves.toBeNull();
  });

  it("may be asked for three times at once for an address, whether there is an account or not", async () => {
    for (const email of [(await personWith("customer")).email, newEmail()]) {
      const all = await outcomes(...Array.from({ length: 5 }, () => askForReset(email)));
      expect(all).toEqual(["RATE_LIMITED", "RATE_LIMITED", "done", "done", "done"]);
    }
  });

  it("of nobody leaves nothing", async () => {
    const email = newEmail();
    await askForReset(email);
    await eventually(
      async () => (await database().query.selectFrom("reset_requests").selectAll().execute()).length === 0,
    );
    expect(await storedValues()).not.toContain(email);
  });
});

describe("changing the password", () => {
  it("ends links that somebody else may have had sent", async () => {
    const { id, email, token } = await personWith("customer");
    await askForReset(email);
    const secret = await link(id, "reset");
    await call("user.changePassword", { currentPassword: PASSWORD, newPassword: "another horse" }, token);
    await expect(reset(secret)).rejects.toEqual(errorOf("USER_LINK_INVALID"));
    expect(await eventsAbout(id)).toContain("user.password_changed");
  });
});

describe("a link", () => {
  const row = { id: "01980000-0000-7000-8000-000000000001", kind: "reset" as const };

  it("has its secret behind the #, which browsers send to nobody, and is stored nowhere", async () => {
    const { id } = await customer();
    const mailId = (await mailsOf(id))[0]!.id;
    const { items } = await callAsService("user.lookupMails", { ids: [mailId] });
    expect(items[0]).toMatchObject({ code: await link(id, "verify"), link: null });
    expect(await storedValues()).not.toContain(items[0]!.code);
    expect(linkOf(row, "https://shop.example.com/account?x=1")).toBe(
      `https://shop.example.com/account?x=1#reset=${writeToken(row)}`,
    );
  });

  it("is known by its seal, for its purpose alone", () => {
    expect(readToken(writeToken(row), "reset")).toBe(row.id);
    expect(readToken(writeToken(row), "verify")).toBeNull();
    expect(readToken("A".repeat(64), "reset")).toBeNull();
  });
});
