/**
 * A second factor: a sign-in in two steps, codes that are good once, guesses that are few, and who can remove it.
 * @databases sqlite postgres
 */
import { decodeJwt } from "jose";
import { HOUR } from "#core/clock.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";

Object.assign(process.env, { USER_STAFF_SECOND_FACTOR: "on" });
const { errorOf, PASSWORD, userService } = await import("../../test/support/systems/user-service.ts");
const { shownFor } = await import("../../test/support/fixtures/authenticator.ts");

const { call, signIn, customer, personWith, storedValues } = userService();

let clock: Clock;
beforeAll(() => {
  clock = new Clock();
  clock.stop();
});
afterAll(() => jest.restoreAllMocks());
beforeEach(() => clock.advance(HOUR));

const STEP = 30_000;
const HOME = { network: "192.0.2.1" };

const outcomes = async (...asked: Promise<unknown>[]) =>
  (await Promise.allSettled(asked))
    .map((one) => (one.status === "fulfilled" ? "done" : (one.reason as { type: string }).type))
    .toSorted();

type Person = Awaited<ReturnType<typeof personWith>>;

/** Somebody with an app; the code of its first step is spent. */
async function withApp(person: Person) {
  const { secret } = await call("user.addSecondFactor", { password: PASSWORD }, person.token);
  const code = () => shownFor(secret);
  const { recoveryCodes } = await call("user.confirmSecondFactor", { appCode: code() }, person.token);
  clock.advance(2 * STEP);
  return { ...person, secret, code, recoveryCodes };
}

async function challengeOf(email: string): Promise<string> {
  const refused = await call("user.signIn", { email, password: PASSWORD }, undefined, HOME).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({ type: "USER_SECOND_FACTOR_REQUIRED", code: 401, data: { expiresIn: 300 } });
  return (refused as { data: { challenge: string } }).data.challenge;
}
const complete = (challenge: string, secondCode: string, network = "192.0.2.1") =>
  call("user.signInWithCode", { challenge, secondCode }, undefined, { network });

describe("a sign-in with a second factor", () => {
  it("needs a code after the password, once for a challenge and once for a code, also of two at once", async () => {
    const { id, email, code } = await withApp(await personWith("customer"));
    const [first, second] = [await challengeOf(email), await challengeOf(email)];
    expect(await outcomes(complete(first, code()), complete(second, code()))).toEqual(["USER_CODE_WRONG", "done"]);
    clock.advance(2 * STEP);
    const left = await challengeOf(email);
    expect(await outcomes(complete(left, code()), complete(left, code()))).toEqual(["USER_CHALLENGE_INVALID", "done"]);
    clock.advance(2 * STEP);
    const { accessToken } = await complete(await challengeOf(email), code());
    expect(decodeJwt(accessToken).sub).toBe(id);
  });

  it("goes on waiting after a wrong code, for five minutes, and ends with a new password", async () => {
    const { email, token, code } = await withApp(await personWith("customer"));
    const challenge = await challengeOf(email);
    await expect(complete(challenge, code() === "000000" ? "000001" : "000000")).rejects.toMatchObject({
      type: "USER_CODE_WRONG",
      code: 409,
    });
    await expect(complete(challenge, code())).resolves.toBeDefined();
    clock.advance(2 * STEP);
    const late = await challengeOf(email);
    clock.advance(300_000);
    await expect(complete(late, code())).rejects.toEqual(errorOf("USER_CHALLENGE_INVALID"));
    await expect(complete("A".repeat(64), code())).rejects.toEqual(errorOf("USER_CHALLENGE_INVALID"));
    const ended = await challengeOf(email);
    await call("user.changePassword", { currentPassword: PASSWORD, newPassword: "another horse" }, token);
    await expect(complete(ended, code())).rejects.toEqual(errorOf("USER_CHALLENGE_INVALID"));
  });

  it("takes a recovery code in the place of the app's, once, also of two at once", async () => {
    const { email, token, recoveryCodes } = await withApp(await personWith("customer"));
    expect(new Set(recoveryCodes).size).toBe(10);
    const challenges = [await challengeOf(email), await challengeOf(email)];
    const all = await outcomes(...challenges.map((one) => complete(one, recoveryCodes[0]!)));
    expect(all).toEqual(["USER_CODE_WRONG", "done"]);
    expect(await call("user.getSecondFactor", {}, token)).toMatchObject({ recoveryCodesLeft: 9, isRequired: false });
  });

  it("looks at five guesses, then one in five minutes, and leaves the owner a count at home", async () => {
    const { email, code } = await withApp(await personWith("customer"));
    await complete(await challengeOf(email), code());
    clock.advance(2 * STEP);
    const challenge = await challengeOf(email);
    const guesses = Array.from({ length: 8 }, () => complete(challenge, "000000", "203.0.113.9"));
    expect((await outcomes(...guesses)).filter((type) => type === "USER_CODE_WRONG")).toHaveLength(5);
    await expect(complete(challenge, code(), "203.0.113.9")).rejects.toMatchObject({
      type: "RATE_LIMITED",
      data: { retryAfter: 300 },
    });
    await expect(complete(challenge, code())).resolves.toBeDefined();
  });
});

describe("a second factor", () => {
  it("begins with a verified address, the password and the app's first code", async () => {
    const { token } = await customer();
    await expect(call("user.addSecondFactor", { password: PASSWORD }, token)).rejects.toEqual(
      errorOf("USER_EMAIL_UNVERIFIED"),
    );
    const person = await personWith("customer");
    await expect(call("user.addSecondFactor", { password: "wrong horse" }, person.token)).rejects.toEqual(
      errorOf("USER_BAD_CREDENTIALS"),
    );
    await expect(call("user.confirmSecondFactor", { appCode: "000000" }, person.token)).rejects.toEqual(
      errorOf("USER_SECOND_FACTOR_OFF"),
    );
    const { secret, uri } = await call("user.addSecondFactor", { password: PASSWORD }, person.token);
    expect(uri).toContain(`secret=${secret}`);
    await expect(signIn(person.email)).resolves.toBeDefined();
    const { token: confirmed } = await withApp(person);
    await expect(call("user.addSecondFactor", { password: PASSWORD }, confirmed)).rejects.toEqual(
      errorOf("USER_SECOND_FACTOR_ON"),
    );
  });

  it("ends with password and code, and its recovery codes are replaced by both", async () => {
    const { email, token, code, recoveryCodes } = await withApp(await personWith("customer"));
    const proof = () => ({ password: PASSWORD, secondCode: code() });
    const renewed = await call("user.resetRecoveryCodes", proof(), token);
    await expect(complete(await challengeOf(email), recoveryCodes[0]!)).rejects.toEqual(errorOf("USER_CODE_WRONG"));
    await expect(call("user.removeSecondFactor", { ...proof(), password: "wrong horse" }, token)).rejects.toEqual(
      errorOf("USER_BAD_CREDENTIALS"),
    );
    await expect(call("user.removeSecondFactor", proof(), token)).rejects.toEqual(errorOf("USER_CODE_WRONG"));
    await call("user.removeSecondFactor", { password: PASSWORD, secondCode: renewed.recoveryCodes[0]! }, token);
    await expect(signIn(email)).resolves.toBeDefined();
    await expect(call("user.removeSecondFactor", proof(), token)).rejects.toEqual(errorOf("USER_SECOND_FACTOR_OFF"));
  });

  it("gives staff their rights, where it is required, and takes them at once when an administrator removes it", async () => {
    const staff = await personWith("staff");
    expect(decodeJwt(staff.token)).toMatchObject({ roles: ["customer"] });
    expect(await call("user.getSecondFactor", {}, staff.token)).toMatchObject({ enabledAt: null, isRequired: true });
    const admin = await withApp(await personWith("admin"));
    const { accessToken } = await complete(await challengeOf(admin.email), admin.code());
    const list = (token: string) => call("user.list", {}, token);
    await expect(list(accessToken)).resolves.toBeDefined();
    await expect(list(admin.token)).rejects.toEqual(errorOf("FORBIDDEN"));
    const other = await withApp(await personWith("admin"));
    const { accessToken: others } = await complete(await challengeOf(other.email), other.code());
    await call("user.withdrawSecondFactor", { id: other.id }, accessToken);
    await expect(list(others)).rejects.toEqual(errorOf("FORBIDDEN"));
    await expect(call("user.withdrawSecondFactor", { id: other.id }, accessToken)).rejects.toEqual(
      errorOf("USER_SECOND_FACTOR_OFF"),
    );
    const again = await withApp(other);
    const back = await complete(await challengeOf(again.email), again.code());
    await expect(list(back.accessToken)).resolves.toBeDefined();
  });

  it("leaves no secret in the database, and nothing at all when its owner leaves", async () => {
    const { id, email, secret, token, recoveryCodes } = await withApp(await personWith("customer"));
    const challenge = await challengeOf(email);
    const rows = await storedValues();
    for (const one of [secret, challenge, ...recoveryCodes, ...recoveryCodes.map((code) => code.replaceAll("-", ""))])
      expect(rows).not.toContain(one);
    await call("user.erase", { password: PASSWORD }, token);
    const { items } = JSON.parse(`{"items":${await storedValues()}}`) as { items: object[][] };
    const left = items.flat().filter((row) => JSON.stringify(row).includes(`"user_id":"${id}"`) && !("looks" in row));
    expect(left).toEqual([]);
  });
});
