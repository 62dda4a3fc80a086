/**
 * Who guesses passwords is slowed down, by account, from whatever address; who owns the account is not.
 * @databases sqlite postgres
 */
import type { ServiceBroker } from "moleculer";
import { startBroker } from "../../test/support/systems/broker.ts";
import { Clock } from "../../test/support/fixtures/clock.ts";

// Few: each of them costs what hashing costs.
Object.assign(process.env, { USER_ATTEMPTS: "5" });
const { config } = await import("./user.config.ts");
const { default: service } = await import("./user.service.ts");

const PASSWORD = "correct horse battery";
const MOST = config.USER_ATTEMPTS;
const HOME = "192.0.2.1";

let broker: ServiceBroker;
let people = 0;
let addresses = 0;

const start = () => startBroker([service]);
beforeAll(async () => (broker = await start()));
afterAll(() => broker.stop());
afterEach(() => jest.restoreAllMocks());

/** Of nobody before. */
const somewhere = (): string => `198.51.100.${(addresses += 1)}`;
const newEmail = (): string => `person${(people += 1)}@example.test`;

interface Tokens {
  readonly accessToken: string;
}
const signIn = (email: string, password: string, network: string) =>
  broker.call<Tokens, object>("user.signIn", { email, password }, { meta: { network } } as never);

async function owner() {
  const email = newEmail();
  await broker.call("user.signUp", { email, password: PASSWORD, name: "Ann" });
  return { email, accessToken: (await signIn(email, PASSWORD, HOME)).accessToken };
}

interface Refusal {
  readonly type: string;
  readonly data?: { readonly retryAfter: number };
}
const outcome = (asked: Promise<unknown>): Promise<Refusal> =>
  asked.then(
    () => ({ type: "allowed" }),
    (error: Refusal) => error,
  );

/** How many of so many wrong passwords at once, each from another address, were looked at. */
async function guess(email: string, count: number): Promise<number> {
  const guesses = Array.from({ length: count }, () => outcome(signIn(email, "a wrong guess", somewhere())));
  const types = (await Promise.all(guesses)).map(({ type }) => type);
  const looked = types.filter((type) => type === "USER_BAD_CREDENTIALS").length;
  expect(types.filter((type) => type === "RATE_LIMITED")).toHaveLength(count - looked);
  return looked;
}

it("let one network sign up in one line, so that others sign in meanwhile", async () => {
  const { email } = await owner();
  const order: string[] = [];
  const meta = { network: somewhere() };
  const signUp = () =>
    broker.call("user.signUp", { email: newEmail(), password: PASSWORD, name: "A" }, { meta } as never);
  const all = Array.from({ length: 12 }, async () => (await signUp(), order.push("up")));
  all.push(signIn(email, PASSWORD, somewhere()).then(() => order.push("in")));
  await Promise.all(all);
  expect(order.indexOf("in")).toBeLessThan(6);
});

describe("wrong passwords for one account, from changing addresses", () => {
  it("are looked at so many times, then once a minute, also when the node starts anew", async () => {
    const clock = new Clock();
    clock.stop();
    const { email } = await owner();
    expect(await guess(email, 40)).toBe(MOST);
    await broker.stop();
    broker = await start();
    const { type, data } = await outcome(signIn(email, PASSWORD, somewhere()));
    expect([type, data]).toEqual(["RATE_LIMITED", { retryAfter: 60 }]);
    clock.advance(60_000);
    expect(await guess(email, 3)).toBe(1);
  });

  it("are counted alike where there is no such account", async () => {
    expect(await guess(newEmail(), 20)).toBe(MOST);
  });

  it("keep nobody out where they signed in before, who has attempts of their own there", async () => {
    const { email } = await owner();
    await guess(email, MOST + 1);
    await expect(signIn(email, PASSWORD, HOME)).resolves.toBeDefined();
    // Somebody else there.
    for (let wrong = 0; wrong < MOST; wrong += 1) await outcome(signIn(email, "a wrong guess", HOME));
    expect((await outcome(signIn(email, PASSWORD, HOME))).type).toBe("RATE_LIMITED");
  });

  it("are forgotten with the right one", async () => {
    const { email } = await owner();
    for (let round = 0; round < 2; round += 1) {
      expect(await guess(email, MOST - 1)).toBe(MOST - 1);
      await signIn(email, PASSWORD, somewhere());
    }
  });

  it("of one account slow nobody else down", async () => {
    const [victim, other] = [await owner(), await owner()];
    const flood = Array.from({ length: 30 }, () => outcome(signIn(victim.email, "a wrong guess", somewhere())));
    const right = await Promise.all(
      [signIn(other.email, PASSWORD, somewhere()), signIn(victim.email, PASSWORD, HOME)].map(outcome),
    );
    expect(right.map(({ type }) => type)).toEqual(["allowed", "allowed"]);
    await Promise.all(flood);
  });
});

describe.each<[string, (password: string) => readonly [string, object]]>([
  [
    "changing the password",
    (password) => ["user.changePassword", { currentPassword: password, newPassword: "another horse battery" }],
  ],
  ["deleting the account", (password) => ["user.erase", { password }]],
])("%s", (_, asked) => {
  it("looks at so many wrong passwords of one sign-in, and at those of another by themselves", async () => {
    const { email, accessToken } = await owner();
    const ask = (token: string, password: string) =>
      outcome(broker.call(...asked(password), { meta: { accessToken: token } }));
    const wrong = await Promise.all(Array.from({ length: MOST + 5 }, () => ask(accessToken, "a wrong guess")));
    expect(wrong.filter(({ type }) => type === "USER_BAD_CREDENTIALS")).toHaveLength(MOST);
    expect((await ask(accessToken, PASSWORD)).type).toBe("RATE_LIMITED");
    const another = (await signIn(email, PASSWORD, HOME)).accessToken;
    expect((await ask(another, PASSWORD)).type).toBe("allowed");
  });
});
