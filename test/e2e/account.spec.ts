/** A person in a browser follows a link of an e-mail: nothing happens before the button is pressed. */
import type { Browser } from "playwright-core";
import { newId } from "#core/id.ts";
import { linkOf, password } from "../support/fixtures/user-cases.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { complaintsOf, openBrowser } from "../support/systems/browser.ts";

let services: AllServices;
let browser: Browser | undefined;

beforeAll(async () => {
  services = await AllServices.open();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await services.close();
});

async function arrive(language: "en" | "ko") {
  const email = `${newId()}@example.test`;
  const { id } = await services.asService().call("user.signUp", { email, password, name: "Mina", language });
  return {
    id,
    email,
    verified: async () => (await services.asService().call("user.contact", { ids: [id] })).items[0]!.emailVerified,
  };
}

const open = async (locale: string, path: string) => {
  const page = await browser!.newPage({ viewport: { width: 360, height: 740 }, locale });
  const complaints = complaintsOf(page);
  await page.goto(`${services.url}/account${path}`);
  return { page, complaints };
};

it("confirms an address by its button, in Korean, and says that a link was used", async () => {
  const { id, verified } = await arrive("ko");
  const link = `#verify=${await linkOf(services, id, "verify")}`;
  const { page, complaints } = await open("ko-KR", link);
  await page.getByRole("button", { name: "이메일 주소 인증하기" }).waitFor();
  expect(await verified()).toBe(false);
  await page.getByRole("button", { name: "이메일 주소 인증하기" }).click();
  await page.getByRole("heading", { name: "이메일 주소가 인증되었습니다" }).waitFor();
  expect([await verified(), new URL(page.url()).hash, complaints]).toEqual([true, "", []]);
  const again = await open("en-GB", link);
  await again.page.getByRole("button", { name: "Confirm the address" }).click();
  await again.page.getByRole("status").filter({ hasText: "used already" }).waitFor();
});

it("replaces a forgotten password, and fits into a narrow window", async () => {
  const { id, email } = await arrive("en");
  const { page, complaints } = await open("en-GB", "");
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: "Send the link" }).click();
  await page.getByRole("heading", { name: "Look into your mailbox" }).waitFor();
  await page.goto(`${services.url}/account#reset=${await linkOf(services, id, "reset")}`);
  await page.getByLabel("New password").fill("another horse");
  const [inner, whole] = (await page.evaluate("[innerWidth, document.documentElement.scrollWidth]")) as number[];
  expect(whole).toBeLessThanOrEqual(inner!);
  await page.getByRole("button", { name: "Set the password" }).click();
  await page.getByRole("heading", { name: "Your password is changed" }).waitFor();
  await expect(services.asService().call("user.signIn", { email, password: "another horse" })).resolves.toBeDefined();
  expect(complaints).toEqual([]);
});
