/** What people type and what services tell each other stays out of logs, tables, events and messages, at any log level. */
import { randomUUID } from "node:crypto";
import { address, Client, orderOf } from "../support/actors/client.ts";
import { mailsTo } from "../support/actors/mailbox.ts";
import { shownFor } from "../support/fixtures/authenticator.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { violationsAtRest } from "../support/invariants/invariants.ts";
import { Platform } from "../support/systems/platform.ts";

interface Body {
  readonly id: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

let platform: Platform;
beforeAll(async () => {
  platform = await Platform.start({ env: { LOG_LEVEL: "trace", RATE_LIMIT: "off" } });
});
afterAll(() => platform.dispose());

const card = "4242 4242 4242 4242";
const cards = [
  ...["", " ", "-", " - ", "/", "\n", "\u200b"].map((between) => card.replaceAll(" ", between)),
  `tok_${card.replaceAll(" ", "")}`,
  card.replaceAll(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
  card.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x0660 + Number(digit))),
];
const password = randomUUID();
const account = { email: `${randomUUID()}@example.test`, password, name: "Mina" };

/** Signs up, mistypes the password, signs in, renews the sign-in; answers every secret of it. */
async function signIn(client: Client): Promise<{ buyer: Client; secrets: string[] }> {
  await client.post("/users", account);
  await client.post("/sessions", { ...account, name: undefined, password: `${password}!` });
  const { body: first } = await client.post<Body>("/sessions", { ...account, name: undefined });
  const { body: second } = await client.post<Body>("/sessions/refresh", { refreshToken: first.refreshToken });
  const secrets = [
    password,
    ...[first, second].flatMap(({ accessToken, refreshToken }) => [accessToken, refreshToken]),
  ];
  return { buyer: new Client(platform.url, second.accessToken), secrets };
}

/** The secret in the e-mail with this subject. */
const secretIn = (subject: string): Promise<string> =>
  eventually(async () => {
    const mail = mailsTo(platform.dataDir, account.email).find((one) => one.subject === subject);
    return /^Code: ([\w-]{64})$/m.exec(mail?.text ?? "")?.[1] ?? null;
  });

const replaced = randomUUID();

/** Confirms the address and replaces the password with the links that come by e-mail; answers their secrets. */
async function useLinks(client: Client): Promise<string[]> {
  const verify = await secretIn("Please confirm your e-mail address");
  expect((await client.post("/email-verifications", { linkToken: `${verify.slice(0, -2)}AA` })).status).toBe(409);
  expect((await client.post("/email-verifications", { linkToken: verify })).status).toBe(204);
  expect((await client.post("/password-resets", { email: account.email })).status).toBe(204);
  const reset = await secretIn("Set a new password");
  expect((await client.post("/password-resets/confirm", { linkToken: reset, password: "short" })).status).toBe(422);
  expect((await client.post("/password-resets/confirm", { linkToken: reset, password: replaced })).status).toBe(204);
  return [verify, reset];
}

/** Begins with an authenticator app, and signs in with a recovery code; answers every secret of it. */
async function useApp(): Promise<string[]> {
  const credentials = { email: account.email, password: replaced };
  const nobody = new Client(platform.url);
  const person = await nobody.as(credentials);
  const { body: app } = await person.post<{ secret: string }>("/users/me/second-factor", { password: replaced });
  const confirmed = await person.post<{ recoveryCodes: string[] }>("/users/me/second-factor/confirm", {
    appCode: shownFor(app.secret),
  });
  const { recoveryCodes } = confirmed.body;
  const { body: refused } = await nobody.post<{ challenge: string }>("/sessions", credentials);
  const complete = (secondCode: string) =>
    nobody.post<Body>("/sessions/second-factor", { challenge: refused.challenge, secondCode });
  expect((await complete("abcd-efgh-ijkl-mnop")).status).toBe(409);
  const signedIn = await complete(recoveryCodes[0]!);
  expect(signedIn.status).toBe(201);
  const { accessToken, refreshToken } = signedIn.body;
  return [app.secret, ...recoveryCodes, refused.challenge, accessToken, refreshToken];
}

it("finds no secret anywhere after orders, refusals and mistakes", async () => {
  const { buyer, secrets } = await signIn(new Client(platform.url));
  const admin = await buyer.as((await platform.accounts()).find(({ role }) => role === "admin")!);
  const price = { amount: 1000, currency: "KRW" };
  const { body: product } = await admin.post<Body>("/products", {
    name: "Tea",
    description: "Green.",
    price,
    stock: 10,
  });
  expect(await buyer.post("/orders", orderOf(product.id))).toMatchObject({ status: 201 });
  expect(await buyer.post("/orders", orderOf(product.id, 1, "tok_declined"))).toMatchObject({ status: 402 });
  for (const number of cards) {
    const paid = await buyer.post("/orders", orderOf(product.id, 1, number));
    const saved = await buyer.post("/payment-methods", { linkToken: number });
    const typed = await buyer.post("/orders", { ...orderOf(product.id), card: { number, cvc: "123" } });
    const shippingAddress = { ...address, line2: `behind ${number}` };
    const addressed = await buyer.post("/orders", { ...orderOf(product.id), shippingAddress });
    const named = await buyer.post("/orders", { ...orderOf(product.id), [number]: number });
    const found = await buyer.get(`/orders/${encodeURIComponent(number)}`);
    const all = [paid, saved, typed, addressed, named, found].map(({ status }) => status);
    expect(all).toEqual([422, 422, 422, 422, 422, 422]);
  }
  const mailed = await useLinks(buyer);
  secrets.push(replaced, ...(await useApp()));
  expect([...secrets, ...mailed].every(Boolean)).toBe(true);
  const { dataDir, output } = platform;
  expect(await violationsAtRest(dataDir, { secrets, mailed, output: withoutWelcome(output) })).toEqual([]);
});

/** The demo sign-ins are meant to be read. */
const withoutWelcome = (output: string): string => output.replace(/Demo sign-ins[^]*?Ctrl-C/, "");
