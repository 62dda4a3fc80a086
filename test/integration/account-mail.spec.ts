/**
 * Links in e-mails: somebody signs up, confirms the address, forgets the password and sets another, as their mailbox shows it.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { Client } from "../support/actors/client.ts";
import { mailsTo } from "../support/actors/mailbox.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { linkOf, password } from "../support/fixtures/user-cases.ts";
import { AllServices, Person } from "../support/systems/all-services.ts";

let allServices: AllServices;
let client: Client;
beforeAll(async () => {
  allServices = await AllServices.open({ USER_ACCOUNT_PAGE: "https://shop.example.com/account" });
  client = new Client(allServices.url);
});
afterAll(() => allServices.close());

interface Tokens {
  readonly accessToken: string;
}

async function arrive() {
  const email = `${newId()}@example.test`;
  const { body } = await client.post<{ id: string }>("/users", { email, password, name: "Mina", language: "ko" });
  return { id: body.id, email };
}
const signIn = async (email: string, secret: string) => client.post<Tokens>("/sessions", { email, password: secret });
async function personOf({ id, email }: { id: string; email: string }): Promise<Person> {
  return new Person(allServices.broker, id, (await signIn(email, password)).body.accessToken);
}

/** The link of the only e-mail with this subject, as soon as it has come. */
const linkIn = async (email: string, subject: string): Promise<URL> => {
  const mail = await eventually(async () =>
    mailsTo(process.env.DATA_DIR!, email).find((one) => one.subject === subject),
  );
  return new URL(/https:\S+/.exec(mail.text)![0]);
};

it("leads to the page, whose button confirms the address and later sets a new password, whatever messages are wanted", async () => {
  const newcomer = await arrive();
  const person = await personOf(newcomer);
  await person.call("notification.setPreferences", { email: false, sms: false, push: false });
  const verify = await linkIn(newcomer.email, "이메일 주소를 인증해 주세요");
  expect([verify.origin + verify.pathname, verify.search]).toEqual(["https://shop.example.com/account", ""]);
  const confirmed = await client.post("/email-verifications", { linkToken: verify.hash.replace("#verify=", "") });
  expect(confirmed.status).toBe(204);
  expect((await person.call("user.getProfile", {})).emailVerified).toBe(true);

  expect((await client.post("/password-resets", { email: newcomer.email })).status).toBe(204);
  const reset = await linkIn(newcomer.email, "새 비밀번호를 설정해 주세요");
  const sent = { linkToken: reset.hash.replace("#reset=", ""), password: "another horse" };
  expect((await client.post("/password-resets/confirm", sent)).status).toBe(204);
  expect(await client.post("/password-resets/confirm", sent)).toMatchObject({
    status: 409,
    body: { code: "USER_LINK_INVALID" },
  });
  const again = await signIn(newcomer.email, "another horse");
  await linkless(newcomer.email, "비밀번호가 변경되었습니다");
  const { items } = await new Person(allServices.broker, newcomer.id, again.body.accessToken).call(
    "notification.list",
    {},
  );
  expect(items.map(({ template, status }) => [template, status])).toEqual([
    ["password-changed", "sent"],
    ["password-reset", "sent"],
    ["verification", "sent"],
  ]);
  expect(JSON.stringify(items)).not.toContain(sent.linkToken);
});

async function linkless(email: string, subject: string): Promise<void> {
  const mail = await eventually(async () =>
    mailsTo(process.env.DATA_DIR!, email).find((one) => one.subject === subject),
  );
  expect(mail.text).not.toContain("https:");
}

it("is not sent any more when it has been used meanwhile", async () => {
  await allServices.remove("notification");
  const newcomer = await arrive();
  await client.post("/email-verifications", { linkToken: await linkOf(allServices, newcomer.id, "verify") });
  await allServices.restore("notification");
  const person = await personOf(newcomer);
  await eventually(async () => {
    const { items } = await person.call("notification.list", {});
    return items[0]?.reason === "OUTDATED";
  });
  expect(mailsTo(process.env.DATA_DIR!, newcomer.email)).toEqual([]);
});
