/**
 * Anybody can sign up with anybody's address: nobody's mailbox may hear of it before it is verified.
 * @databases sqlite postgres
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Output } from "#core/contract.ts";
import { orderOf } from "../support/actors/client.ts";
import { AllServices, won } from "../support/systems/all-services.ts";
import { eventually } from "../support/fixtures/eventually.ts";

let allServices: AllServices;
beforeAll(async () => void (allServices = await AllServices.open({ SMS_URLS: "" })));
afterAll(() => allServices.close());

const filesIn = (folder: string): string[] => {
  const path = join(process.env.DATA_DIR!, folder);
  return existsSync(path) ? readdirSync(path) : [];
};

it("sends an address that somebody signed up with nothing but the link, without their words, whatever they do", async () => {
  const account = { email: "victim@example.test", name: "Buy at evil.example", password: "correct horse battery" };
  const made = allServices.broker.call("user.signUp", { ...account, phone: "+82 10 1234 5678" });
  const { id, emailVerified } = (await made) as Output<"user.signUp">;
  expect(emailVerified).toBe(false);
  const person = await allServices.person("customer", id);
  await person.call("notification.setPreferences", { email: true, sms: true, push: false });
  const order = await person.call("order.create", orderOf(await allServices.product(won(1000), 10)));
  await person.call("order.cancel", { id: order.id });
  const told = async () => (await person.call("notification.list", {})).items;
  await eventually(async () => {
    const items = await told();
    return items.length === 9 && items.every(({ status }) => status !== "queued");
  });
  const [sent, ...others] = (await told()).toSorted((a, b) => (a.status < b.status ? -1 : 1));
  expect(sent).toMatchObject({ status: "sent", template: "verification", channel: "email" });
  for (const item of others) expect(item).toMatchObject({ status: "suppressed", reason: "UNVERIFIED" });
  expect([...filesIn("mail"), ...filesIn("sms")]).toEqual([`${sent!.id}.eml`]);
  expect(readFileSync(join(process.env.DATA_DIR!, "mail", `${sent!.id}.eml`), "utf8")).not.toContain("evil");
});
