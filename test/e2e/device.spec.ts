/** A person in a browser lets a television sign in, or refuses it. */
import type { Browser, Page } from "playwright-core";
import { newId } from "#core/id.ts";
import { AllServices } from "../support/systems/all-services.ts";
import { complaintsOf, openBrowser } from "../support/systems/browser.ts";

const password = "correct horse battery";
let services: AllServices;
let browser: Browser | undefined;
let email: string;

beforeAll(async () => {
  services = await AllServices.open();
  email = `${newId()}@example.test`;
  const account = { email, password, name: "Mina", language: "en" as const, roles: ["customer" as const] };
  await services.asService().call("user.seed", account);
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await services.close();
});

const shots = process.env["SHOTS"];

/** A television that has asked for a code. */
async function television(name: string) {
  const post = async (path: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${services.url}/api/v1${path}`, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };
  const { body } = await post("/device-authorizations", { name });
  return { code: body["userCode"]!, ask: () => post("/sessions/device", { deviceCode: body["deviceCode"]! }) };
}

async function signIn(page: Page, path = "/device"): Promise<void> {
  await page.goto(`${services.url}${path}`);
  await page.locator("input[type=email]").fill(email);
  await page.locator("input[type=password]").fill(password);
  await page.locator("form button").click();
}

describe("a television", () => {
  it("is signed in by its code, however it is typed, and a wrong code is told", async () => {
    const page = await browser!.newPage({ viewport: { width: 360, height: 740 }, locale: "en-GB" });
    const complaints = complaintsOf(page);
    const { code, ask } = await television("Living room");
    await signIn(page);
    const field = page.getByLabel("Code on the television");
    await field.fill("bbbbbbbb");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("status").filter({ hasText: /\S/ }).waitFor();
    expect(await field.inputValue()).toBe("BBBB-BBBB");
    await field.fill("");
    await field.pressSequentially(code.replace("-", "").toLowerCase());
    expect(await field.inputValue()).toBe(code);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Living room" }).waitFor();
    await page.getByRole("button", { name: "Yes, sign it in" }).click();
    await page.getByRole("heading", { name: "The device is signed in" }).waitFor();
    expect(await ask()).toMatchObject({ status: 201, body: { accessToken: expect.any(String) } });
    expect(complaints.filter((one) => !one.includes("404"))).toEqual([]);
  });

  it("is refused, in Korean, with a code that the address holds already", async () => {
    const page = await browser!.newPage({ viewport: { width: 360, height: 740 }, locale: "ko-KR" });
    const complaints = complaintsOf(page);
    const { code, ask } = await television("거실 <b>TV</b>");
    await signIn(page, `/device?code=${code.toLowerCase()}`);
    expect(await page.getByLabel("TV에 표시된 코드").inputValue()).toBe(code);
    await page.getByRole("button", { name: "계속" }).click();
    await page.getByRole("heading", { name: "거실 <b>TV</b>" }).waitFor();
    await page.getByRole("button", { name: "아니요, 거부합니다" }).click();
    await page.getByRole("heading", { name: "기기의 로그인을 거부했습니다" }).waitFor();
    expect((await ask()).body).toMatchObject({ code: "USER_DEVICE_REFUSED" });
    expect(complaints).toEqual([]);
  });

  it.each([
    [360, "light"],
    [360, "dark"],
    [1280, "light"],
    [1280, "dark"],
  ] as const)("has a page that fits into %i pixels (%s)", async (width, colorScheme) => {
    for (const locale of ["en-GB", "ko-KR"]) {
      const page = await browser!.newPage({ viewport: { width, height: 740 }, locale, colorScheme });
      const { code } = await television("Living room television with a rather long name of its own");
      const fits = async (step: string) => {
        const [inner, whole] = (await page.evaluate("[innerWidth, document.documentElement.scrollWidth]")) as number[];
        expect(whole).toBeLessThanOrEqual(inner!);
        if (shots) await page.screenshot({ path: `${shots}/${step}-${locale}-${width}-${colorScheme}.png` });
      };
      await signIn(page, `/device?code=${code}`);
      await page.locator(".code").waitFor();
      await fits("code");
      await page.locator("form button").click();
      await page.locator(".decision").waitFor();
      await fits("device");
      await page.close();
    }
  });
});
