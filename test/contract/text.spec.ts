/**
 * Every string of every route's input: text that nobody could read or two databases would keep in two ways is 422.
 * @databases sqlite postgres
 */
import { newId } from "#core/id.ts";
import { address, orderOf } from "../support/actors/client.ts";
import { AllServices, type Person, won } from "../support/systems/all-services.ts";
import { stringInputs as cases, sendText } from "../support/fixtures/string-inputs.ts";

let allServices: AllServices;
let admin: Person;
beforeAll(async () => {
  allServices = await AllServices.open();
  admin = await allServices.person("admin");
});
afterAll(() => allServices.close());

const bad = {
  "U+0000": "a\u0000b",
  "a control character": "a\u001bb",
  "a lone surrogate": "a\ud800b",
  "no character": "a\ufdd0b",
  "a bidi override": "a\u202eb",
  "a bidi isolate": "a\u2066b",
  "too many marks": `a${"\u0301".repeat(31)}`,
  "only blanks": " \u3000\u00a0",
  "only zero-width characters": "\u200b\u200d\ufeff",
};
/** They are secrets, not text: nobody sees them. */
const secret = new Set(["U+0000", "a control character", "a lone surrogate"]);

describe("every string that clients send", () => {
  it.each(cases)("%s", async (_, operation, place) => {
    const isSecret = place.schema["format"] === "password";
    for (const [name, text] of Object.entries(bad)) {
      if (isSecret && !secret.has(name)) continue;
      if (place.where !== "body" && name === "a lone surrogate") continue;
      const answer = await sendText(allServices, admin, operation, place, isSecret ? text.padEnd(10, "x") : text);
      const problem = (await answer.json()) as { code: string; errors: { pointer: string }[] };
      expect([name, answer.status, problem.code]).toEqual([name, 422, "VALIDATION_FAILED"]);
      expect(problem.errors.map(({ pointer }) => pointer)).toContain(`/${place.path.join("/")}`);
    }
  });
});

describe("every time that clients send", () => {
  const times = cases.filter(([, , { schema }]) => schema["format"] === "date-time");
  const wrong = ["9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00Z", "2101-01-01T00:00:00Z", "2030-02-30T00:00:00Z"];

  it.each(times)("%s", async (_, operation, place) => {
    for (const text of wrong)
      expect([text, (await sendText(allServices, admin, operation, place, text)).status]).toEqual([text, 422]);
  });

  it("comes back as it was, in UTC", async () => {
    const { id } = await admin.call("product.create", { name: "Tea", description: "", price: won(1) });
    await admin.call("product.setPrice", { id, price: won(2), from: "2100-12-31T23:59:59+01:00" });
    const { items } = await admin.call("product.listPrices", { id });
    expect(items[0]).toMatchObject({ price: won(2), from: "2100-12-31T22:59:59.000Z" });
  });
});

describe("text", () => {
  const names = ["Émile", "김미나", "محمد", "שָׁלוֹם", "می‌خواهم", "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "O'Brien %_\\"];

  it.each(names)("comes back as it was: %s", async (name) => {
    const { id } = await admin.call("product.create", { name, description: `${name}\n\t${name}`, price: won(1) });
    expect(await admin.call("product.get", { id })).toMatchObject({ name, description: `${name}\n\t${name}` });
  });

  it("is kept in NFC, by which its length is counted", async () => {
    const name = "각".repeat(200);
    const made = await admin.call("product.create", { name: name.normalize("NFD"), description: "", price: won(1) });
    expect(made.name).toBe(name);
  });

  it("says in both languages what is wrong", async () => {
    const say = async (language: string) => {
      const answer = await fetch(`${allServices.url}/api/v1/products?q=%00`, {
        headers: { "accept-language": language },
      });
      return ((await answer.json()) as { errors: unknown[] }).errors;
    };
    expect(await say("en")).toEqual([{ pointer: "/q", detail: "must not hold control characters" }]);
    expect(await say("ko")).toEqual([{ pointer: "/q", detail: "제어 문자를 포함할 수 없습니다" }]);
  });

  it("is one request with one key, in NFC or NFD", async () => {
    const order = orderOf(await allServices.product(won(1000), 10));
    const at = (line1: string) => ({ ...order, shippingAddress: { ...address, line1 } });
    const key = newId();
    const first = await admin.ask("order.create", at("Café 1"), key);
    const again = await admin.ask("order.create", at("Cafe\u0301 1"), key);
    expect(again).toMatchObject({ replayed: true, answer: { id: first.answer.id } });
  });
});

describe("an e-mail address", () => {
  const signUp = (email: string) =>
    allServices.broker.call("user.signUp", { email, password: "correct horse battery", name: "Ann" });

  it("has one account, however its mailbox is written", async () => {
    const local = newId();
    await expect(signUp(`${local}@한국.kr`)).resolves.toMatchObject({ email: `${local}@xn--3e0b707e.kr` });
    for (const other of [`${local.toUpperCase()}@XN--3e0b707e.kr`, `${local}@${"한국".normalize("NFD")}.KR`]) {
      await expect(signUp(other)).rejects.toMatchObject({ type: "USER_EMAIL_TAKEN" });
    }
  });
});
