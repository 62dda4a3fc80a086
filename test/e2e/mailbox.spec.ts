/** The mailbox of development in a browser: what was sent, to this machine alone. */
import type { Browser } from "playwright-core";
import { newId } from "#core/id.ts";
import { eventually } from "../support/fixtures/eventually.ts";
import { password } from "../support/fixtures/user-cases.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { complaintsOf, openBrowser } from "../support/systems/browser.ts";

let services: AllServices;
let browser: Browser | undefined;

beforeAll(async () => {
  services = await AllServices.open({ SMS_URLS: "" });
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await services.close();
});

const messages = async () =>
  ((await (await fetch(`${services.url}/mailbox/messages`)).json()) as { items: { id: string; to: string }[] }).items;

it("shows who opens it what was sent, in both languages and forms, and fits into a narrow window", async () => {
  const email = `${newId()}@example.test`;
  await services.asService().call("user.signUp", { email, password, name: "미나", language: "ko" });
  await eventually(async () => (await messages()).some(({ to }) => to === email));
  for (const [locale, html, title] of [
    ["ko-KR", "HTML", "메일함"],
    ["en-GB", "HTML", "Mailbox"],
  ] as const) {
    const page = await browser!.newPage({ viewport: { width: 360, height: 740 }, locale, colorScheme: "dark" });
    const complaints = complaintsOf(page);
    await page.goto(`${services.url}/mailbox`);
    await page.getByRole("heading", { name: title }).waitFor();
    await page.getByText("이메일 주소를 인증해 주세요").first().click();
    const shown = page.frameLocator("iframe");
    await shown.getByRole("heading", { name: "이메일 주소를 인증해 주세요" }).waitFor();
    await page.getByRole("button", { name: title === "Mailbox" ? "Text" : "텍스트" }).click();
    await page.locator("pre").filter({ hasText: "본 메일은 발신 전용" }).waitFor();
    await page.getByRole("button", { name: html }).click();
    const [inner, whole] = (await page.evaluate("[innerWidth, document.documentElement.scrollWidth]")) as number[];
    expect(whole).toBeLessThanOrEqual(inner!);
    expect(complaints).toEqual([]);
    await page.close();
  }
});

it("is not there for who comes from elsewhere, through a proxy or by a foreign name", async () => {
  const id = (await messages())[0]!.id;
  const paths = ["/mailbox", "/mailbox/messages", `/mailbox/messages/email/${id}`];
  const proxied = { "x-forwarded-for": "203.0.113.1" };
  for (const path of paths) {
    expect((await fetch(services.url + path)).status).toBe(200);
    expect((await fetch(services.url + path, { headers: proxied })).status).toBe(404);
  }
  expect((await fetch(`${services.url}/mailbox/messages/email/..%2f..%2fkeys`)).status).toBe(404);
});
