/** @databases sqlite postgres */
import type { ServiceBroker } from "moleculer";
import { newId } from "#core/id.ts";
import type { ActionName, Input, Output } from "#core/contract.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";
import { startBroker } from "../../test/support/systems/broker.ts";
import { toAuthorization } from "./device.model.ts";
import service from "./user.service.ts";

let broker: ServiceBroker;
let clock: Clock;
beforeAll(async () => {
  broker = await startBroker([service]);
  clock = new Clock();
});
afterAll(async () => {
  jest.restoreAllMocks();
  await broker.stop();
});

const call = <N extends ActionName>(name: N, params: Input<N>, accessToken?: string): Promise<Output<N>> =>
  broker.call(name, params, { meta: { ...(accessToken && { accessToken }), network: "192.0.2.1" } });
const code = (type: string) => expect.objectContaining({ type });

async function person(password = `corridor-${newId()}`): Promise<string> {
  const account = { email: `${newId()}@example.test`, password };
  await call("user.signUp", { ...account, name: "Mina" });
  return (await call("user.signIn", account)).accessToken;
}
const begin = () => call("user.authorizeDevice", { name: "Living room" });
const ask = (deviceCode: string) => call("user.signInDevice", { deviceCode });
const SECONDS = 1000;

describe("a device", () => {
  it("gets tokens once its person has approved the code that it shows, and only once", async () => {
    const me = await person();
    const { deviceCode, userCode, interval, expiresIn } = await begin();
    expect([userCode, interval, expiresIn]).toEqual([
      expect.stringMatching(/^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/),
      5,
      600,
    ]);
    await expect(ask(deviceCode)).rejects.toEqual(code("USER_AUTHORIZATION_PENDING"));
    const asTyped = userCode.replace("-", "").toLowerCase();
    expect(await call("user.getDevice", { userCode: asTyped }, me)).toMatchObject({ name: "Living room" });
    await call("user.approveDevice", { userCode, approved: true }, me);
    clock.advance(5 * SECONDS);
    const answers = await Promise.allSettled([ask(deviceCode), ask(deviceCode)]);
    const tokens = answers.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(tokens).toHaveLength(1);
    const profile = await call("user.getProfile", {}, me);
    expect(await call("user.getProfile", {}, tokens[0]!.accessToken)).toEqual(profile);
  });

  it("is told the page on which its code is typed, and the same with the code", () => {
    const codes = { deviceCode: "d", userCode: "WDJBMJHT" };
    expect(toAuthorization(codes, "https://shop.example.com/device?tv=1")).toEqual({
      deviceCode: "d",
      userCode: "WDJB-MJHT",
      verificationUri: "https://shop.example.com/device?tv=1",
      verificationUriComplete: "https://shop.example.com/device?tv=1&code=WDJB-MJHT",
    });
    expect(toAuthorization(codes, null)).toMatchObject({ verificationUri: null, verificationUriComplete: null });
  });

  it("is told to slow down, by five seconds each time", async () => {
    const { deviceCode } = await begin();
    await expect(ask(deviceCode)).rejects.toEqual(code("USER_AUTHORIZATION_PENDING"));
    clock.advance(4 * SECONDS);
    await expect(ask(deviceCode)).rejects.toEqual(code("USER_SLOW_DOWN"));
    clock.advance(9 * SECONDS);
    await expect(ask(deviceCode)).rejects.toEqual(code("USER_SLOW_DOWN"));
    clock.advance(15 * SECONDS);
    await expect(ask(deviceCode)).rejects.toEqual(code("USER_AUTHORIZATION_PENDING"));
  });

  it("gets nothing when its person refuses, when the code has expired, and for a code of nobody", async () => {
    const me = await person();
    const refused = await begin();
    await call("user.approveDevice", { userCode: refused.userCode, approved: false }, me);
    await expect(ask(refused.deviceCode)).rejects.toEqual(code("USER_DEVICE_REFUSED"));
    const late = await begin();
    clock.advance(600 * SECONDS);
    await expect(ask(late.deviceCode)).rejects.toEqual(code("USER_DEVICE_CODE_INVALID"));
    const approving = call("user.approveDevice", { userCode: late.userCode, approved: true }, me);
    await expect(approving).rejects.toEqual(code("NOT_FOUND"));
    await expect(ask("nobody's")).rejects.toEqual(code("USER_DEVICE_CODE_INVALID"));
  });

  it("cannot be guessed: after ten wrong codes a person has to wait, also for the right one", async () => {
    const me = await person();
    const { userCode } = await begin();
    const guesses = Array.from({ length: 15 }, () => call("user.getDevice", { userCode: "BBBB-BBBB" }, me));
    const types = (await Promise.allSettled(guesses)).map(
      (one) => (one as PromiseRejectedResult).reason.type as string,
    );
    expect(types.filter((type) => type === "NOT_FOUND")).toHaveLength(10);
    expect(types.filter((type) => type === "RATE_LIMITED")).toHaveLength(5);
    await expect(call("user.getDevice", { userCode }, me)).rejects.toEqual(code("RATE_LIMITED"));
  });

  it("of one's own does not clear the count of wrong codes", async () => {
    const me = await person();
    const { userCode } = await begin();
    const guess = () => call("user.getDevice", { userCode: "BBBB-BBBB" }, me);
    for (let wrong = 0; wrong < 9; wrong += 1) await expect(guess()).rejects.toEqual(code("NOT_FOUND"));
    await call("user.getDevice", { userCode }, me);
    await call("user.approveDevice", { userCode, approved: true }, me);
    await expect(guess()).rejects.toEqual(code("NOT_FOUND"));
    await expect(guess()).rejects.toEqual(code("RATE_LIMITED"));
  });

  it("that was approved before its person's password changed does not sign in any more", async () => {
    const [currentPassword, newPassword] = [`corridor-${newId()}`, `staircase-${newId()}`];
    const me = await person(currentPassword);
    const { deviceCode, userCode } = await begin();
    await call("user.approveDevice", { userCode, approved: true }, me);
    await call("user.changePassword", { currentPassword, newPassword }, me);
    await expect(ask(deviceCode)).rejects.toEqual(code("USER_DEVICE_CODE_INVALID"));
  });
});
